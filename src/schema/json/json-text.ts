import type { Json } from '../message-json.ts';

/**
 * What Google's front end escapes too: `<` and `>` end a script's text, the separators of lines a script's string (both matter to
 * JSONP), and controls and what has no width hide what a log shows.
 */
const ESCAPED = /[<>\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/g;

/** JSON's text: compact, or indented by two spaces with a line feed at its end, as `prettyPrint` has it. */
export function jsonText(json: Json, form: 'compact' | 'indented' = 'compact'): string {
  const text = form === 'compact' ? JSON.stringify(json) : `${JSON.stringify(json, null, 2)}\n`;
  return text.replace(ESCAPED, escaped);
}

/** All of them stand within strings: elsewhere JSON has none. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

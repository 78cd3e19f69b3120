import type { Json } from '../message-json.ts';

/**
 * What Google's front end escapes too: `<` and `>` end a script's text, the separators of lines a script's string (both matter to
 * JSONP), and controls, marks of format and what has no width hide what a log shows: as Unicode 4.0 drew that category.
 */
const ESCAPED = new RegExp(
  [
    '[\\u17b4-\\u17b5<>\\u007f-\\u009f\\u00ad\\u0600-\\u0603\\u06dd\\u070f\\u200b-\\u200f\\u2028-\\u202e]',
    '[\\u2060-\\u2064\\u206a-\\u206f\\ufeff\\ufff9-\\ufffb]',
    // Beyond 16 bits: beams of music, and tags.
    '\\ud834[\\udd73-\\udd7a]|\\udb40[\\udc01\\udc20-\\udc7f]',
  ].join('|'),
  'g',
);

/** JSON's text: compact, or indented by two spaces with a line feed at its end, as `prettyPrint` has it. */
export function jsonText(json: Json, form: 'compact' | 'indented' = 'compact'): string {
  const text = form === 'compact' ? JSON.stringify(json) : `${JSON.stringify(json, null, 2)}\n`;
  return text.replace(ESCAPED, escaped);
}

/** All of them stand within strings: elsewhere JSON has none. Characters of two units are two escapes. */
function escaped(character: string): string {
  return character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

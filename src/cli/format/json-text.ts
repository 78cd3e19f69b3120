import type { Json } from '../../client/json.ts';

/**
 * JSON in one line, without characters that a terminal obeys or that hide others: JSON.stringify escapes only those below 32. To
 * whoever parses it nothing differs.
 */
export function jsonText(value: Json): string {
  return JSON.stringify(value).replace(
    /[\x7F-\x9F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters that terminals draw two columns wide (Unicode's East Asian Wide and Fullwidth), and pictures. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}])/u;

/** Combining marks and joiners alone take no column. */
const ZERO = /^[\p{Mark}\u200B-\u200D\uFEFF]+$/u;

const ELLIPSIS = '…';

/** Columns that a text takes in a terminal. */
export function textWidth(text: string): number {
  // Nearly every text: one column each.
  if (/^[\x20-\x7E]*$/.test(text)) return text.length;
  return charactersOf(text).reduce((sum, character) => sum + characterWidth(character), 0);
}

/** The text without what would move the cursor or change colours: names of files may hold anything. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The text within so many columns, its end cut off with an ellipsis where it is longer. */
export function cutEnd(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return takeColumns(charactersOf(text), width - 1) + (width > 0 ? ELLIPSIS : '');
}

/** The same with the middle cut out: both ends of a name tell. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const characters = charactersOf(text);
  const tailWidth = Math.floor((width - 1) / 2);
  const tail = takeColumns(characters.toReversed(), tailWidth, 'toReversed');
  return takeColumns(characters, Math.max(0, width - 1 - tailWidth)) + (width > 0 ? ELLIPSIS : '') + tail;
}

/** The text with blanks up to so many columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

function takeColumns(characters: readonly string[], width: number, order?: 'toReversed'): string {
  const taken: string[] = [];
  let left = width;
  for (const character of characters) {
    left -= characterWidth(character);
    if (left < 0) break;
    taken.push(character);
  }
  return (order === undefined ? taken : taken.reverse()).join('');
}

function charactersOf(text: string): readonly string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

function characterWidth(character: string): number {
  if (WIDE.test(character)) return 2;
  return ZERO.test(character) ? 0 : 1;
}

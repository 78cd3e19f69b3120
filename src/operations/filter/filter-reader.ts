import type { Comparator, Value } from './filter-expression.ts';

/** A text, read character by character: what a string is, and no more than is needed of it. */
export type Characters = Pick<string, 'length' | 'charCodeAt' | 'slice'>;

const SPACES = codesOf(' \t\n\r');
/** No TEXT holds them: the grammar gives each a meaning, or they would be quotes that nobody closed. */
const DELIMITERS = codesOf(' \t\n\r().,"\'=<>');
const QUOTES = codesOf('"\'');
const COLON = ':'.charCodeAt(0);
const EXCLAMATION = '!'.charCodeAt(0);
const EQUALS = '='.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const STAR = '*'.charCodeAt(0);
const CLOSE = ')'.charCodeAt(0);

/** Longer ones first, as they begin like shorter ones. */
const COMPARATORS: readonly Comparator[] = ['<=', '>=', '!=', '<', '>', '=', ':'];

/** What a backslash in a STRING makes of the character behind it. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ...['"', "'", '\\', '*'].map((character) => [character, character] as const),
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** Why a STRING cannot be read, and where. */
export interface StringFault {
  readonly fault: 'unclosed' | 'escape';
  readonly position: number;
}

/** Takes a filter's text apart, from left to right; each character is read a few times at most. */
export class FilterReader {
  readonly #text: Characters;
  #position = 0;

  constructor(text: Characters) {
    this.#text = text;
  }

  get position(): number {
    return this.#position;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  /** Whether the character before is a space. */
  get isBehindSpace(): boolean {
    return this.#position > 0 && SPACES.has(this.#text.charCodeAt(this.#position - 1));
  }

  skipSpace(): void {
    while (SPACES.has(this.#text.charCodeAt(this.#position))) this.#position += 1;
  }

  isAt(character: string): boolean {
    return this.#text.charCodeAt(this.#position) === character.charCodeAt(0);
  }

  get isAtQuote(): boolean {
    return QUOTES.has(this.#text.charCodeAt(this.#position));
  }

  /** Goes behind the character if it is the next. */
  take(character: string): boolean {
    const isNext = this.isAt(character);
    if (isNext) this.#position += 1;
    return isNext;
  }

  /** Whether a keyword is the next: a space, a closing parenthesis or the end follows it. */
  isAtKeyword(keyword: string): boolean {
    if (!this.#isNext(keyword)) return false;
    const behind = this.#text.charCodeAt(this.#position + keyword.length);
    return Number.isNaN(behind) || SPACES.has(behind) || behind === CLOSE;
  }

  /** Goes behind a keyword, and the space that follows it, if it is the next. */
  takeKeyword(keyword: string): boolean {
    const isNext = this.isAtKeyword(keyword);
    if (isNext) this.#position += keyword.length;
    if (isNext) this.skipSpace();
    return isNext;
  }

  takeComparator(): Comparator | undefined {
    const comparator = COMPARATORS.find((candidate) => this.#isNext(candidate));
    this.#position += comparator?.length ?? 0;
    return comparator;
  }

  /**
   * Reads a TEXT; an empty one where none begins here.
   *
   * @param inArgument  times of day stand there without quotes, so that a colon belongs to it.
   */
  takeText(inArgument: boolean): Value {
    const position = this.#position;
    while (!this.#endsText(inArgument)) this.#position += 1;
    const text = this.#text.slice(position, this.#position);
    return { text, pattern: text.split('*'), isQuoted: false, position, end: this.#position };
  }

  /** Reads a STRING from its opening quote to its closing one. */
  takeString(): Value | StringFault {
    const position = this.#position;
    const quote = this.#text.charCodeAt(position);
    const pattern: string[] = [];
    let part = '';
    for (this.#position += 1; !this.isAtEnd; this.#position += 1) {
      const code = this.#text.charCodeAt(this.#position);
      if (code === quote) {
        this.#position += 1;
        pattern.push(part);
        return { text: pattern.join('*'), pattern, isQuoted: true, position, end: this.#position };
      }
      if (code === STAR) {
        pattern.push(part);
        part = '';
      } else if (code === BACKSLASH) {
        this.#position += 1;
        const escaped = ESCAPES.get(String.fromCharCode(this.#text.charCodeAt(this.#position)));
        if (escaped === undefined) return { fault: 'escape', position: this.#position - 1 };
        part += escaped;
      } else {
        part += String.fromCharCode(code);
      }
    }
    return { fault: 'unclosed', position };
  }

  #endsText(inArgument: boolean): boolean {
    if (this.isAtEnd) return true;
    const code = this.#text.charCodeAt(this.#position);
    if (code === COLON) return !inArgument;
    if (code === EXCLAMATION) return this.#text.charCodeAt(this.#position + 1) === EQUALS;
    return DELIMITERS.has(code);
  }

  #isNext(word: string): boolean {
    for (let index = 0; index < word.length; index += 1) {
      if (this.#text.charCodeAt(this.#position + index) !== word.charCodeAt(index)) return false;
    }
    return true;
  }
}

function codesOf(characters: string): ReadonlySet<number> {
  return new Set(Buffer.from(characters, 'ascii'));
}

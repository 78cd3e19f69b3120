import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { JsonMembers, JsonNumber, type JsonMember, type JsonNode } from './json-node.ts';
import type { ProtoJsonLimits } from './limits.ts';

/**
 * Reads one JSON text (RFC 8259), nothing lenient, in time linear to its length.
 *
 * JSON.parse would lose the second member of a name and the digits of large numbers.
 * @throws StatusError INVALID_ARGUMENT for what is no JSON, holds half a surrogate pair, or is beyond a limit.
 */
export function parseJson(text: string, limits: ProtoJsonLimits): JsonNode {
  if (text.length > limits.textLengthMax) {
    throw malformed(`The text has ${String(text.length)} characters, more than ${String(limits.textLengthMax)}`);
  }
  return new Parser(text, limits).parse();
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** A string's characters up to what needs a look. */
// eslint-disable-next-line no-control-regex -- RFC 8259, section 7: those must be escaped
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const HEX = /[0-9a-fA-F]{4}/y;
const WORDS: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

class Parser {
  readonly #text: string;
  readonly #limits: ProtoJsonLimits;
  #at = 0;
  #depth = 0;
  #valueCount = 0;

  constructor(text: string, limits: ProtoJsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  parse(): JsonNode {
    const node = this.#value();
    this.#match(SPACE);
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the text');
    return node;
  }

  #value(): JsonNode {
    this.#valueCount += 1;
    if (this.#valueCount > this.#limits.valueCountMax) {
      throw malformed(`There are more than ${String(this.#limits.valueCountMax)} values`);
    }
    this.#match(SPACE);
    const first = this.#text[this.#at];
    if (first === '{') return this.#within(() => this.#object());
    if (first === '[') return this.#within(() => this.#list());
    if (first === '"') return this.#string();
    return this.#wordOrNumber();
  }

  #within<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > this.#limits.depthMax) {
      throw malformed(`Objects and lists are more than ${String(this.#limits.depthMax)} deep`);
    }
    this.#at += 1;
    const node = read();
    this.#depth -= 1;
    return node;
  }

  #object(): JsonMembers {
    const entries: JsonMember[] = [];
    if (this.#takes('}')) return new JsonMembers(entries);
    do {
      this.#match(SPACE);
      if (this.#text[this.#at] !== '"') throw this.#unexpected("a member's name");
      const name = this.#string();
      if (!this.#takes(':')) throw this.#unexpected('a colon');
      entries.push([name, this.#value()]);
    } while (this.#takes(','));
    if (!this.#takes('}')) throw this.#unexpected('a comma or the end of the object');
    return new JsonMembers(entries);
  }

  #list(): readonly JsonNode[] {
    const nodes: JsonNode[] = [];
    if (this.#takes(']')) return nodes;
    do nodes.push(this.#value());
    while (this.#takes(','));
    if (!this.#takes(']')) throw this.#unexpected('a comma or the end of the list');
    return nodes;
  }

  #wordOrNumber(): JsonNode {
    const word = WORDS.find(([written]) => this.#text.startsWith(written, this.#at));
    if (word !== undefined) {
      this.#at += word[0].length;
      return word[1];
    }
    const number = this.#match(NUMBER);
    if (number === '') throw this.#unexpected('a value');
    return new JsonNumber(number);
  }

  #string(): string {
    this.#at += 1;
    let read = this.#match(PLAIN);
    while (this.#text[this.#at] === '\\') {
      this.#at += 1;
      read += this.#escaped() + this.#match(PLAIN);
    }
    if (this.#text[this.#at] !== '"') throw this.#unexpected('the end of a string');
    this.#at += 1;
    // Half a pair has no UTF-8, which proto3 wants of every string.
    if (!read.isWellFormed())
      throw malformed(`A string before character ${String(this.#at)} has half a surrogate pair`);
    return read;
  }

  #escaped(): string {
    const letter = this.#text[this.#at] ?? '';
    this.#at += 1;
    if (letter === 'u') {
      const digits = this.#match(HEX);
      if (digits !== '') return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = ESCAPES.get(letter);
    if (character === undefined) throw this.#unexpected('an escaped character');
    return character;
  }

  #takes(mark: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  /** Says where, and never what stands there: it may be a secret. */
  #unexpected(wanted: string): StatusError {
    const where = this.#at >= this.#text.length ? 'the end of the text' : `character ${String(this.#at)}`;
    return malformed(`Expected ${wanted} at ${where}`);
  }
}

/** The form in which Google's front end tells it: no details but the ErrorInfo. */
function malformed(sentence: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `Invalid JSON payload received. ${sentence}`, {
    reason: 'MALFORMED_JSON',
    metadata: { cause: sentence },
  });
}

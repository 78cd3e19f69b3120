import { invalidArgument } from '../core/status-error.ts';

/** Bytes of a resource name; longer ones are refused before they are looked at. */
const NAME_BYTES_MAX = 1024;
/** A name of this many characters is not longer in bytes than it may be, whatever they are. */
const SHORT_NAME_LENGTH = NAME_BYTES_MAX / 3;

/** What nearly every name is. */
const PLAIN = /^[ -~]+$/;
// Control characters (C0, DEL, C1) and lone surrogates never stand in a name.
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const LITERAL = /^[A-Za-z0-9][A-Za-z0-9._~-]*$/;

/**
 * A form of resource names: segments that are literals, `*` (one segment) or a final `**` (one or more), the first a literal. Such as
 * `transferOperations/**`.
 */
export class NamePattern {
  readonly text: string;
  /** The literal that all of its names begin with. */
  readonly first: string;
  readonly #segments: readonly string[];
  readonly #expression: RegExp;

  /** @throws StatusError INVALID_ARGUMENT (reason INVALID_NAME_PATTERN) for a text that is none. */
  constructor(text: string) {
    this.text = text;
    this.#segments = text.split('/');
    this.first = this.#segments[0] ?? '';
    assertPattern(text, this.#segments);
    this.#expression = new RegExp(`^${this.#segments.map(expressionOf).join('/')}$`);
  }

  /** Linear in the name: each of its characters can be matched in one way only. */
  matches(name: string): boolean {
    return this.#expression.test(name);
  }

  /** Whether there can be a name that both match. */
  overlaps(other: NamePattern): boolean {
    return overlap(this.#segments, other.#segments);
  }
}

/** @throws StatusError INVALID_ARGUMENT (reason INVALID_NAME) for what can be no resource name at all. */
export function assertWellFormed(name: string): void {
  if (name === '') throw invalidName('must not be empty; give the name of the operation or its parent');
  if (name.length > SHORT_NAME_LENGTH && Buffer.byteLength(name) > NAME_BYTES_MAX) {
    throw invalidName(`is longer than ${String(NAME_BYTES_MAX)} bytes`);
  }
  if (!PLAIN.test(name) && FORBIDDEN.test(name)) throw invalidName('holds a character that no name may hold');
}

function invalidName(description: string): Error {
  return invalidArgument('name', description, { reason: 'INVALID_NAME' });
}

function assertPattern(text: string, segments: readonly string[]): void {
  const isPattern = segments.every((segment, index) => {
    if (segment === '**') return index > 0 && index === segments.length - 1;
    return LITERAL.test(segment) || (segment === '*' && index > 0);
  });
  if (isPattern) return;
  throw invalidArgument(
    'pattern',
    `${JSON.stringify(text)} is not a form of names: segments are literals, * or a final **, the first a literal`,
    { reason: 'INVALID_NAME_PATTERN', metadata: { pattern: text } },
  );
}

function expressionOf(segment: string): string {
  if (segment === '*') return '[^/]+';
  if (segment === '**') return '[^/]+(?:/[^/]+)*';
  return segment.replaceAll('.', '\\.');
}

function overlap(left: readonly string[], right: readonly string[]): boolean {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [one, other] = [left[index], right[index]];
    if (one === undefined || other === undefined) return false;
    if (one === '**' || other === '**') return true;
    if (one !== '*' && other !== '*' && one !== other) return false;
  }
  return true;
}

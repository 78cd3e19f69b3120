/** Comparing one value with a literal: what each type can be compared with, and how (AIP-160, "Comparison operators"). */
import type { FieldType } from '../message-types.ts';
import { parseRfc3339 } from '../rfc3339.ts';
import type { Comparator } from './filter-expression.ts';
import { asksPresence, type Goal, type Literal } from './goal.ts';
import { Mismatch } from './mismatch.ts';
import type { ValueTest } from './value-test.ts';
import { WildcardPattern } from './wildcard-pattern.ts';

/** A value of a message that is no message to be looked into; those that are messages say whether they are set. */
export type ScalarType = Exclude<FieldType, { readonly kind: 'message' }> | { readonly kind: 'timestamp' | 'duration' };

const EQUALITY: readonly Comparator[] = ['=', '!=', ':'];
const ORDER: readonly Comparator[] = ['=', '!=', '<', '<=', '>', '>=', ':'];

/** A value in a form that `<` and `>` compare exactly; NaN is neither less nor greater nor equal. */
type Comparable = number | bigint | string;

interface Scalar {
  /** What a literal of the type looks like. */
  readonly form: string;
  readonly comparators: readonly Comparator[];
  /** The literal's value; undefined when it is not of the type. */
  readonly read: (literal: Literal) => Comparable | undefined;
  /** The value in a message; that of a field that is not set is the type's default. */
  readonly of: (value: unknown) => Comparable;
  readonly defaultValue: Comparable;
}

/**
 * The test of a scalar.
 *
 * `:*` asks for presence: "a field is only considered to be present if it has a non-default value". Otherwise `:` is `=`.
 */
export function scalarTest(type: ScalarType, { path, comparator, literal }: Goal): ValueTest | Mismatch {
  const scalar = scalarOf(type);
  if (asksPresence({ comparator, literal })) return (value) => scalar.of(value) !== scalar.defaultValue;
  if (!scalar.comparators.includes(comparator)) {
    return new Mismatch(path.length, `the type ${type.kind} has no ${comparator}`, () => comparatorsOf(scalar));
  }
  if (type.kind === 'string' && EQUALITY.includes(comparator)) return patternTest(comparator, literal);
  const wanted = scalar.read(literal);
  if (wanted === undefined) {
    return new Mismatch(
      path.length,
      `${literal.text} is no ${type.kind === 'enum' ? 'name of the enum' : type.kind}`,
      () => `give ${scalar.form}`,
    );
  }
  return (value) => holds(comparator, orderOf(scalar.of(value), wanted));
}

function comparatorsOf({ comparators }: Scalar): string {
  return comparators.length === 0 ? 'ask whether it is set with :*' : `compare it with ${comparators.join(' ')}`;
}

// AIP-160: "when comparing strings for equality, services should support wildcards using the * character"
function patternTest(comparator: Comparator, literal: Literal): ValueTest {
  const pattern = new WildcardPattern(literal.pattern);
  const wanted = comparator !== '!=';
  return (value) => pattern.matches(textOf(value)) === wanted;
}

/** Negative, 0 or positive; NaN where there is no order. */
function orderOf(left: Comparable, right: Comparable): number {
  if (left < right) return -1;
  if (left > right) return 1;
  return Number.isNaN(left) || Number.isNaN(right) ? Number.NaN : 0;
}

function holds(comparator: Comparator, order: number): boolean {
  switch (comparator) {
    case '=':
    case ':':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function scalarOf(type: ScalarType): Scalar {
  return type.kind === 'enum' ? enumScalar(type.values) : SCALARS[type.kind];
}

/** AIP-160: "Enums expect the enum's string representation (case-sensitive)"; and it has no order for them. */
function enumScalar(values: ReadonlyMap<string, number>): Scalar {
  const [unset = 0] = values.values();
  return {
    form: `one of ${[...values.keys()].slice(0, NAMES_MAX).join(', ')}`,
    comparators: EQUALITY,
    read: ({ text }) => values.get(text),
    // A number that the type has no name for stays a number.
    of: (value) =>
      typeof value === 'string' ? (values.get(value) ?? Number.NaN) : ((value as number | undefined) ?? unset),
    defaultValue: unset,
  };
}

/** Names of an enum in one message. */
const NAMES_MAX = 40;

const BOOLEANS: ReadonlyMap<string, number> = new Map([
  ['false', 0],
  ['true', 1],
]);

/** No 64-bit number has more digits; what is longer would only cost time. */
const INTEGER = /^[+-]?\d{1,20}$/;
const FLOAT = /^[+-]?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,3})?$/;
const INFINITE: readonly string[] = ['Infinity', '-Infinity', 'NaN'];
/** duration.proto: up to 315,576,000,000 seconds. */
const DURATION = /^(?<sign>-?)(?<seconds>\d{1,12})(?:\.(?<fraction>\d{1,9}))?s$/;

const SCALARS: Readonly<Record<Exclude<ScalarType['kind'], 'enum'>, Scalar>> = {
  string: { form: 'a text', comparators: ORDER, read: ({ text }) => text, of: textOf, defaultValue: '' },
  bytes: { form: '*', comparators: [], read: () => undefined, of: lengthOf, defaultValue: 0 },
  boolean: {
    form: 'true or false',
    comparators: EQUALITY,
    read: ({ text }) => BOOLEANS.get(text),
    of: (value) => (value === true ? 1 : 0),
    defaultValue: 0,
  },
  integer: {
    form: 'a whole number, such as 42',
    comparators: ORDER,
    read: ({ text }) => (INTEGER.test(text) ? BigInt(text.replace('+', '')) : undefined),
    // 64-bit numbers are decimal strings.
    of: (value) => BigInt((value as string | number | undefined) ?? 0),
    defaultValue: 0n,
  },
  float: {
    form: 'a number, such as 2.5 or 2.997e9',
    comparators: ORDER,
    read: ({ text }) => (FLOAT.test(text) || INFINITE.includes(text) ? Number(text) : undefined),
    of: (value) => (value as number | undefined) ?? 0,
    defaultValue: 0,
  },
  timestamp: {
    form: 'an RFC 3339 timestamp, such as "2012-04-21T11:30:00-04:00"',
    comparators: ORDER,
    read: ({ text }) => timestampNs(text),
    of: nanosecondsOf,
    defaultValue: 'unset',
  },
  duration: {
    form: 'seconds with an s, such as 20s or 1.2s',
    comparators: ORDER,
    read: ({ text }) => durationNs(text),
    of: nanosecondsOf,
    defaultValue: 'unset',
  },
};

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function lengthOf(value: unknown): number {
  return value instanceof Uint8Array ? value.length : 0;
}

interface SecondsAndNanos {
  readonly seconds?: string | number;
  readonly nanos?: number;
}

/** Of a decoded google.protobuf.Timestamp or Duration. */
function nanosecondsOf(value: unknown): bigint {
  const { seconds = 0, nanos = 0 } = value as SecondsAndNanos;
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

/** Nanoseconds since the Unix epoch; undefined when the text is no RFC 3339 timestamp. */
export function timestampNs(text: string): bigint | undefined {
  const moment = parseRfc3339(text);
  return moment === undefined ? undefined : BigInt(moment.timeMs) * 1_000_000n + BigInt(moment.restNs);
}

function durationNs(text: string): bigint | undefined {
  const groups = DURATION.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { sign, seconds = '', fraction = '' } = groups;
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  return sign === '-' ? -nanoseconds : nanoseconds;
}

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StatusError } from '../../../src/core/status-error.ts';
import type { Characters } from '../../../src/operations/filter/filter-reader.ts';
import { readOperationFilter } from '../../../src/operations/filter/operation-filter.ts';
import { parseFilter } from '../../../src/operations/filter/parse-filter.ts';
import { DEFAULT_OPERATIONS_LIMITS } from '../../../src/operations/limits.ts';
import { protoAnyResolver } from '../../../src/schema/resolver.ts';
import { sampleOperation } from '../sample-operation.ts';
import { expressions } from './expressions.ts';
import { printed, withoutPlaces, type Style } from './printed-filter.ts';

/** Fixed, so that a change of the code alone decides; FC_SEED tries another, and a failure prints it. */
const SEED = Number(process.env['FC_SEED'] ?? 20_260_160);
const ROOMY = { filterTermCountMax: 100_000, filterDepthMax: 1000 };

const styles = fc.record<Style>({
  space: fc.constantFrom('', ' ', '\n\t '),
});

test('every expression of the grammar, however it is written, is read as what it is', () => {
  const property = fc.property(expressions, styles, (expression, style) => {
    const text = printed(expression, style);
    expect(withoutPlaces(parseFilter(text, ROOMY).expression)).toEqual(withoutPlaces(expression));
  });
  fc.assert(property, { numRuns: 3000, seed: SEED });
});

test('every part of an expression stands where its places say', () => {
  const property = fc.property(expressions, (expression) => {
    const text = printed(expression);
    const parsed = parseFilter(text, ROOMY).expression;
    if (parsed?.kind !== 'restriction') return;
    expect(text.slice(parsed.position, parsed.end)).toBe(text);
    expect(text.slice(parsed.argument.position, parsed.argument.end).trim()).toBe(
      text.slice(parsed.argument.position, parsed.end).trim(),
    );
  });
  fc.assert(property, { numRuns: 1000, seed: SEED });
});

/** What filters are made of, and what breaks parsers. */
const scraps = fc.constantFrom(
  ...[
    'AND',
    'OR',
    'NOT',
    'and',
    '-',
    '(',
    ')',
    '.',
    ',',
    ':',
    '=',
    '!=',
    '<=',
    '<',
    '>',
    '!',
    '"',
    "'",
    '\\',
    '*',
    ' ',
    '\t',
  ],
  ...[
    'name',
    'done',
    'metadata',
    'error',
    'labels',
    'status',
    'value',
    'true',
    'null',
    '1',
    '2.5',
    '20s',
    '@type',
    '\ud800',
    '😀',
  ],
);
const randomTexts = fc.oneof(
  fc.array(scraps, { maxLength: 60 }).map((parts) => parts.join('')),
  fc.array(scraps, { maxLength: 40 }).map((parts) => parts.join(' ')),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

test('whatever is written is a filter or INVALID_ARGUMENT, and a filter can be asked of a record', () => {
  const property = fc.property(randomTexts, (text) => {
    try {
      const { matches } = readOperationFilter(text, protoAnyResolver, DEFAULT_OPERATIONS_LIMITS);
      expect([true, false]).toContain(matches(sampleOperation()));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      expect(error.code).toBe(3);
      expect(error.info).toMatchObject({ reason: 'INVALID_FILTER', metadata: { position: expect.any(String) } });
    }
  });
  fc.assert(property, { numRuns: 5000, seed: SEED });
});

/** A text that counts what is read of it: each look at a character, and each character of a part that is cut out. */
class CountedText implements Characters {
  readonly #text: string;
  readCount = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get length(): number {
    return this.#text.length;
  }

  charCodeAt(index: number): number {
    this.readCount += 1;
    return this.#text.charCodeAt(index);
  }

  slice(start?: number, end?: number): string {
    const part = this.#text.slice(start, end);
    this.readCount += part.length;
    return part;
  }
}

/** Looks at one character: for the keywords, the comparators and the delimiters that may begin there, in each rule. */
const READS_MAX = 60;

function readsOf(text: string): number {
  const counted = new CountedText(text);
  try {
    parseFilter(counted, ROOMY);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
  return counted.readCount;
}

test('reading takes a bounded number of looks at each character, whatever the text', () => {
  const property = fc.property(
    fc.oneof(
      randomTexts,
      expressions.map((it) => printed(it)),
    ),
    (text) => {
      expect(readsOf(text)).toBeLessThanOrEqual(READS_MAX * (text.length + 1));
    },
  );
  fc.assert(property, { numRuns: 5000, seed: SEED });
});

test.each<[string, string, string]>([
  ['parentheses', '(', ')'],
  ['spaced parentheses', '(    ', '    )'],
  ['negations', 'NOT (', ')'],
  ['functions', 'f(', ')'],
  ['arguments in parentheses', 'a=(', ')'],
  ['dots', 'a.', ''],
  ['terms', 'a OR ', ''],
  ['spaces', '     ', ''],
  ['quotes', '"', ''],
  ['backslashes', '\\', ''],
  ['keywords', 'AND ', ''],
  ['half keywords', 'ANDAND', ''],
  ['minus signs', '-', ''],
  ['colons', 'a::', ''],
])('ten times as many %s take ten times as many looks', (_what, before, behind) => {
  const readsPer = (count: number): number => {
    const text = `${before.repeat(count)}a${behind.repeat(count)}`;
    return readsOf(text) / count;
  };
  expect(readsPer(900)).toBeLessThanOrEqual(readsPer(90) * 1.1);
});

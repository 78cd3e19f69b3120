import fc from 'fast-check';
import type {
  Argument,
  Comparable,
  Comparator,
  Expression,
  Value,
} from '../../../src/operations/filter/filter-expression.ts';

const NOWHERE = { position: 0, end: 0 };
const KEYWORDS = ['AND', 'OR', 'NOT'];

/** A TEXT of these characters; a keyword is none. */
function texts(characters: string): fc.Arbitrary<Value> {
  return fc
    .string({ unit: fc.constantFrom(...characters.split('')), minLength: 1, maxLength: 6 })
    .filter((text) => !KEYWORDS.includes(text))
    .map((text) => ({ text, pattern: text.split('*'), isQuoted: false, ...NOWHERE }));
}

const strings: fc.Arbitrary<Value> = fc
  .array(fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '*', '(', '.', '\n', 'é', '😀'), maxLength: 4 }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((pattern) => ({ text: pattern.join('*'), pattern, isQuoted: true, ...NOWHERE }));

const keywords: fc.Arbitrary<Value> = fc
  .constantFrom(...KEYWORDS)
  .map((text) => ({ text, pattern: [text], isQuoted: false, ...NOWHERE }));

/** As the first value of a comparable: a minus would negate it, a colon would compare it. */
const names = texts('aB1_*/@');
const argumentTexts = texts('aB1_*/@-:+');

function members(first: fc.Arbitrary<Value>): fc.Arbitrary<Comparable> {
  const rest = fc.array(fc.oneof(first, strings, keywords), { maxLength: 3 });
  return fc
    .tuple(fc.oneof(first, strings), rest)
    .map(([value, values]) => ({ kind: 'member', path: [value, ...values], ...NOWHERE }));
}

const comparators = fc.constantFrom<Comparator>('=', '!=', '<', '<=', '>', '>=', ':');

/** Expressions of every rule of the grammar, as the parser makes them. */
export const expressions: fc.Arbitrary<Expression> = fc.letrec<{
  expression: Expression;
  argument: Argument;
  comparable: Comparable;
}>((tie) => {
  const functions = (first: fc.Arbitrary<Value>): fc.Arbitrary<Comparable> =>
    fc
      .tuple(
        fc.array(fc.oneof(first, keywords), { minLength: 1, maxLength: 2 }),
        fc.array(tie('argument'), { maxLength: 2 }),
      )
      .filter(([path]) => path.length > 1 || !KEYWORDS.includes(path[0]?.text ?? ''))
      .map(([path, list]) => ({
        kind: 'function',
        name: path.map(({ text }) => text).join('.'),
        arguments: list,
        ...NOWHERE,
      }));
  const junctions = (kind: 'and' | 'or' | 'sequence') =>
    fc
      .array(tie('expression'), { minLength: 2, maxLength: 3 })
      .map((operands): Expression => ({ kind, operands, ...NOWHERE }));
  return {
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      tie('comparable'),
      fc
        .record({ comparable: tie('comparable'), comparator: comparators, argument: tie('argument') })
        .map((parts): Expression => ({ kind: 'restriction', ...parts, ...NOWHERE })),
      fc
        .record({ operand: tie('expression'), isMinus: fc.boolean() })
        .map((parts): Expression => ({ kind: 'not', ...parts, ...NOWHERE })),
      junctions('and'),
      junctions('or'),
      junctions('sequence'),
    ),
    comparable: fc.oneof({ maxDepth: 3 }, members(names), functions(names)),
    argument: fc.oneof(
      { maxDepth: 3 },
      members(argumentTexts),
      functions(argumentTexts),
      tie('expression').map((expression): Argument => ({ kind: 'composite', expression, ...NOWHERE })),
    ),
  };
}).expression;

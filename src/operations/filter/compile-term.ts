import type { MessageType, MessageTypes } from '../message-types.ts';
import type { Characters } from './filter-reader.ts';
import { Mismatch } from './mismatch.ts';
import { PathCompiler } from './path-compiler.ts';
import { refusedFilter } from './refused-filter.ts';
import type { GoalTerm, Term, TextTerm } from './simple-terms.ts';
import type { AnyOpener } from './value-test.ts';
import { WildcardPattern } from './wildcard-pattern.ts';

/** What a filter's test is given: a message of the subject's type, and how Anys within it are opened. */
export interface FilteredMessage {
  readonly message: unknown;
  readonly open: AnyOpener;
}

/** What a filter is about. */
export interface FilterSubject<Filtered extends FilteredMessage> {
  readonly type: MessageType;
  readonly types: MessageTypes;
  /** What a literal that stands alone is looked for in. */
  readonly texts: (filtered: Filtered) => readonly string[];
}

interface Context<Filtered extends FilteredMessage> extends FilterSubject<Filtered> {
  readonly text: Characters;
}

type Test<Filtered> = (filtered: Filtered) => boolean;

/**
 * The test that a term stands for.
 *
 * @throws StatusError INVALID_ARGUMENT, as refusedFilter, for a field that no message known has, a comparator that its type lacks, and a
 *   literal that is not of its type.
 */
export function compileTerm<Filtered extends FilteredMessage>(
  text: Characters,
  term: Term,
  subject: FilterSubject<Filtered>,
): Test<Filtered> {
  return testOf(term, { ...subject, text });
}

function testOf<Filtered extends FilteredMessage>(term: Term, context: Context<Filtered>): Test<Filtered> {
  switch (term.kind) {
    case 'and': {
      const tests = term.operands.map((operand) => testOf(operand, context));
      return (filtered) => tests.every((test) => test(filtered));
    }
    case 'or': {
      const tests = term.operands.map((operand) => testOf(operand, context));
      return (filtered) => tests.some((test) => test(filtered));
    }
    case 'not': {
      const test = testOf(term.operand, context);
      return (filtered) => !test(filtered);
    }
    case 'text':
      return textTest(term, context);
    case 'goal':
      return goalTest(term, context);
  }
}

function goalTest<Filtered extends FilteredMessage>(
  goal: GoalTerm,
  { text, type, types }: Context<Filtered>,
): Test<Filtered> {
  const test = new PathCompiler(types, goal).ofMessage(type);
  if (test instanceof Mismatch) throw refusedFilter(text, goal, test);
  return ({ message, open }) => test(message, open);
}

// AIP-160: "a service may choose to only consider certain fields; if so, it must document which fields it considers." The README does.
function textTest<Filtered extends FilteredMessage>(
  { pattern }: TextTerm,
  { texts }: Context<Filtered>,
): Test<Filtered> {
  const wanted = WildcardPattern.within(pattern);
  return (filtered) => texts(filtered).some((text) => wanted.matches(text));
}

import type { Operation } from '../operation.ts';
import type { AnyResolver } from '../presenter.ts';
import type { Characters } from './filter-reader.ts';
import { Mismatch } from './mismatch.ts';
import { PathCompiler } from './path-compiler.ts';
import { filteredRecord, RECORD_FIELDS, type FilteredRecord } from './record-fields.ts';
import { refusedFilter } from './refused-filter.ts';
import type { GoalTerm, Term, TextTerm } from './simple-terms.ts';
import { WildcardPattern } from './wildcard-pattern.ts';

type RecordTest = (record: FilteredRecord) => boolean;

/**
 * The test of records that a filter stands for.
 *
 * @throws StatusError INVALID_ARGUMENT, as refusedFilter, for a field that no message known has, a comparator that its type lacks, and a
 *   literal that is not of its type.
 */
export function compileFilter(text: Characters, term: Term, resolver: AnyResolver): (operation: Operation) => boolean {
  const test = testOf(term, { text, resolver });
  return (operation) => test(filteredRecord(operation, resolver));
}

interface Context {
  readonly text: Characters;
  readonly resolver: AnyResolver;
}

function testOf(term: Term, context: Context): RecordTest {
  switch (term.kind) {
    case 'and': {
      const tests = term.operands.map((operand) => testOf(operand, context));
      return (record) => tests.every((test) => test(record));
    }
    case 'or': {
      const tests = term.operands.map((operand) => testOf(operand, context));
      return (record) => tests.some((test) => test(record));
    }
    case 'not': {
      const test = testOf(term.operand, context);
      return (record) => !test(record);
    }
    case 'text':
      return textTest(term);
    case 'goal':
      return goalTest(term, context);
  }
}

function goalTest(goal: GoalTerm, { text, resolver }: Context): RecordTest {
  const test = new PathCompiler(resolver.types, goal).ofMessage(RECORD_FIELDS);
  if (test instanceof Mismatch) throw refusedFilter(text, goal, test);
  return ({ message, open }) => test(message, open);
}

// AIP-160: "a service may choose to only consider certain fields; if so, it must document which fields it considers." The README does.
function textTest({ pattern }: TextTerm): RecordTest {
  const wanted = WildcardPattern.within(pattern);
  return ({ operation }) => searchedTexts(operation).some((text) => wanted.matches(text));
}

function searchedTexts({ name, kind, labels, result }: Operation): readonly string[] {
  const message = result !== undefined && 'error' in result ? [result.error.message] : [];
  return [name, kind, ...Object.entries(labels).flat(), ...message];
}

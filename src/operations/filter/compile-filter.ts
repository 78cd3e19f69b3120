import type { Operation } from '../operation.ts';
import type { AnyResolver } from '../presenter.ts';
import { compileTerm } from './compile-term.ts';
import type { Characters } from './filter-reader.ts';
import { filteredRecord, RECORD_FIELDS, type FilteredRecord } from './record-fields.ts';
import type { Term } from './simple-terms.ts';

/**
 * The test of records that a filter stands for.
 *
 * @throws StatusError INVALID_ARGUMENT, as compileTerm.
 */
export function compileFilter(text: Characters, term: Term, resolver: AnyResolver): (operation: Operation) => boolean {
  const test = compileTerm<FilteredRecord>(text, term, {
    type: RECORD_FIELDS,
    types: resolver.types,
    texts: ({ operation }) => searchedTexts(operation),
  });
  return (operation) => test(filteredRecord(operation, resolver));
}

function searchedTexts({ name, kind, labels, result }: Operation): readonly string[] {
  const message = result !== undefined && 'error' in result ? [result.error.message] : [];
  return [name, kind, ...Object.entries(labels).flat(), ...message];
}

import type { ListQuery } from '../operation-repository.ts';
import type { Operation } from '../operation.ts';
import type { AnyResolver } from '../presenter.ts';
import { compileFilter } from './compile-filter.ts';
import { narrowedList } from './narrowed-list.ts';
import type { FilterLimits } from './parse-filter.ts';
import { readTerms } from './read-terms.ts';
import { RECORD_FIELDS } from './record-fields.ts';

/** An AIP-160 filter of operations, ready to be applied. */
export interface OperationFilter {
  /** What a repository's indexes serve of it: every record that matches is within these bounds. */
  readonly query: Pick<ListQuery, 'names' | 'states' | 'createTimeMinMs' | 'createTimeMaxMs'>;
  /** Whether every record within the bounds matches, so that none need be asked. */
  readonly isServed: boolean;
  /** Whether a record matches. Pure, and never throws. */
  readonly matches: (operation: Operation) => boolean;
  /** Restrictions and texts that it is made of. */
  readonly termCount: number;
}

/**
 * Reads the filter of a list of operations.
 *
 * docs/decisions/0013-filters.md says what it may hold, and how what AIP-160 leaves open was decided.
 * @throws StatusError INVALID_ARGUMENT, as readTerms, for what it may not hold.
 */
export function readOperationFilter(text: string, resolver: AnyResolver, limits: FilterLimits): OperationFilter {
  const { term, termCount } = readTerms(text, limits, (word) => RECORD_FIELDS.field(word) !== undefined);
  if (term === undefined) return { query: {}, isServed: true, matches: () => true, termCount };
  const matches = compileFilter(text, term, resolver);
  const { isExact, ...query } = narrowedList(term);
  return { query, isServed: isExact, matches, termCount };
}

import { parseFilter, type FilterLimits } from './parse-filter.ts';
import { refusedFilter } from './refused-filter.ts';
import { simpleTerms, type Term } from './simple-terms.ts';

export interface FilterTerms {
  /** Undefined for a filter that leaves nothing out. */
  readonly term: Term | undefined;
  /** Restrictions and texts that it is made of. */
  readonly termCount: number;
}

/**
 * Reads the text of a filter.
 *
 * @param isField  whether a word is the name of a field of what is filtered.
 * @throws StatusError INVALID_ARGUMENT (reason INVALID_FILTER; metadata position, term, problem, expected) for what it may not hold.
 */
export function readTerms(text: string, limits: FilterLimits, isField: (word: string) => boolean): FilterTerms {
  const max = limits.filterBytesMax;
  if (Buffer.byteLength(text) > max) {
    const whole = { position: 0, end: text.length };
    throw refusedFilter(text, whole, { problem: `has more than ${max} bytes`, expected: 'ask for less in one filter' });
  }
  const { expression, termCount } = parseFilter(text, limits);
  return { term: expression === undefined ? undefined : simpleTerms(text, expression, isField), termCount };
}

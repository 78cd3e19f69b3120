import { invalidArgument, type StatusError } from '../../core/status-error.ts';
import type { Span } from './filter-expression.ts';
import type { Characters } from './filter-reader.ts';

/** What is wrong with a term, and what would be right. */
export interface Objection {
  readonly problem: string;
  readonly expected: string;
}

/** How much an error quotes of a filter, and says of what is wrong and right, characters: all of it goes into a trailer, thrice. */
const TERM_LENGTH_MAX = 100;
const PROBLEM_LENGTH_MAX = 200;
const EXPECTED_LENGTH_MAX = 400;

/**
 * INVALID_ARGUMENT (reason INVALID_FILTER) for a part of a filter; metadata `position` (UTF-16 code units from the filter's
 * first, 0), `term` (what is written there), `problem` and `expected`.
 */
export function refusedFilter(text: Characters, span: Span, objection: Objection): StatusError {
  const position = String(span.position);
  // One character more than is quoted shows that there is more.
  const end = Math.min(span.end, span.position + TERM_LENGTH_MAX + 1);
  const term = cut(text.slice(span.position, end).trim(), TERM_LENGTH_MAX);
  const problem = cut(objection.problem, PROBLEM_LENGTH_MAX);
  const expected = cut(objection.expected, EXPECTED_LENGTH_MAX);
  return invalidArgument(
    'filter',
    `${term === '' ? 'the end' : term} at position ${position}: ${problem}; ${expected}`,
    {
      reason: 'INVALID_FILTER',
      metadata: { position, term, problem, expected },
    },
  );
}

/** Where a cut falls into the middle of a character, what is left of it is replaced. */
function cut(text: string, lengthMax: number): string {
  return (text.length <= lengthMax ? text : `${text.slice(0, lengthMax)}…`).toWellFormed();
}

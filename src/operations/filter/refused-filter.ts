import { invalidArgument, type StatusError } from '../../core/status-error.ts';
import type { Span } from './filter-expression.ts';
import type { Characters } from './filter-reader.ts';

/** How much of a term an error quotes, characters. */
const QUOTE_LENGTH_MAX = 100;

/** What is wrong with a term, and what would be right. */
export interface Objection {
  readonly problem: string;
  readonly expected: string;
}

/**
 * INVALID_ARGUMENT (reason INVALID_FILTER) for a part of a filter; metadata `position` (UTF-16 code units from the filter's
 * first, 0), `term` (what is written there), `problem` and `expected`.
 */
export function refusedFilter(text: Characters, span: Span, { problem, expected }: Objection): StatusError {
  const term = text.slice(span.position, Math.min(span.end, span.position + QUOTE_LENGTH_MAX)).trim();
  const position = String(span.position);
  const what = term === '' ? 'the end' : term;
  return invalidArgument('filter', `${what} at position ${position}: ${problem}; ${expected}`, {
    reason: 'INVALID_FILTER',
    metadata: { position, term, problem, expected },
  });
}

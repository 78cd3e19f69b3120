import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';

/** Of a path that a message quotes, UTF-16 units. */
const SHOWN_LENGTH_MAX = 128;

/** INVALID_ARGUMENT for a path of `fields` that the response does not have, in the words of Google's front end. */
export function noMatchingFields(path: string): StatusError {
  const shown = path.slice(0, SHOWN_LENGTH_MAX).toWellFormed();
  const problem = `Cannot find matching fields for path '${shown}'.`;
  return new StatusError(Code.INVALID_ARGUMENT, 'Request contains an invalid argument.', {
    reason: 'INVALID_FIELDS',
    metadata: { path: shown },
    fieldViolations: [{ field: shown, description: `Error expanding 'fields' parameter. ${problem}` }],
  });
}

/** INVALID_ARGUMENT for `fields` that select one member in too many ways at once. */
export function tooMuchOverlap(overlapMax: number): StatusError {
  const metadata = { overlapMax: String(overlapMax) };
  const problem = `it selects one member in more than ${metadata.overlapMax} ways at once; leave out each * that stands beside names`;
  return new StatusError(Code.INVALID_ARGUMENT, `Invalid value for query parameter 'fields': ${problem}`, {
    reason: 'INVALID_FIELDS',
    metadata,
  });
}

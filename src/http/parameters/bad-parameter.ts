import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';

/** Of a value that a message quotes, UTF-16 units. */
const SHOWN_LENGTH_MAX = 64;

/**
 * INVALID_ARGUMENT for a system parameter.
 *
 * @param tell  the message around the value, in the words of Google's front end; a long value is cut.
 */
export function badParameter(parameter: string, value: string, tell: (shown: string) => string): StatusError {
  // Whole characters only: half a surrogate pair could not be encoded.
  const shown = value.slice(0, SHOWN_LENGTH_MAX).toWellFormed();
  return new StatusError(Code.INVALID_ARGUMENT, tell(shown), {
    reason: 'INVALID_SYSTEM_PARAMETER',
    metadata: { parameter, value: shown },
  });
}

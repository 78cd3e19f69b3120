import { Code, StatusError } from 'longrunning';

/** An upload that cannot be a report's, by name: the operation ends with this, and is not tried again. */
export function refused(reason, message, metadata, cause) {
  return new StatusError(Code.INVALID_ARGUMENT, message, { reason, metadata, cause });
}

import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { ByteString } from './byte-string.ts';

/** Why one object, or one directory, could not be read or written. */
export interface FailureCause {
  readonly code: Code;
  /** One line that names what failed and says what to do where that is known. */
  readonly detail: string;
  /** The whole transfer cannot go on, such as when the sink is full. */
  readonly fatal?: boolean;
}

/** An object that was given up; `sizeBytes` as its source was last seen. */
export interface ObjectFailure extends FailureCause {
  readonly key: ByteString;
  readonly sizeBytes: number;
}

/** The error of the whole transfer, for a cause that is no single object's. */
export function fatalError(cause: FailureCause): StatusError {
  return new StatusError(cause.code, cause.detail, { reason: 'TRANSFER_CANNOT_CONTINUE' });
}

/** What an error of a store means for the object it was about. Anything but a StatusError is a bug, and thrown on. */
export function failureCauseOf(error: unknown): FailureCause {
  if (!(error instanceof StatusError)) throw error;
  return { code: error.code === Code.CANCELLED ? Code.UNKNOWN : error.code, detail: error.message };
}

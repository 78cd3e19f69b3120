import type { Code } from '../core/code.ts';
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

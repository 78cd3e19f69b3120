import type { Code } from '../core/code.ts';
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

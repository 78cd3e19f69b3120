import type { Any } from '../core/any.ts';
import type { MessageTypes } from './message-types.ts';
import type { Operation } from './operation.ts';

/**
 * What clients see in `Operation.metadata`, made from the whole record, so that a cancel of queued work, a forced revocation or
 * a recovery after a crash shows the right metadata without operations/ knowing the kind. Pure.
 */
export type Presenter = (operation: Operation) => Any | undefined;

/** Encodes the google.longrunning.Operation that clients see. Pure; made in schema/ from the presenters. */
export type OperationEncoder = (operation: Operation) => Uint8Array;

/** Finds what is within an Any. */
export interface AnyResolver {
  /** The message types that it knows. */
  readonly types: MessageTypes;
  /**
   * The decoded message as a plain object, or undefined when the type is not known here.
   *
   * Members are in camel case and absent where they are not set, enums names (numbers without one stay numbers), 64-bit integers
   * decimal strings, bytes Uint8Arrays, and an Any within it is `{type_url, value}`.
   * @throws StatusError INVALID_ARGUMENT (reason MALFORMED_ANY) when the bytes are not of the type.
   */
  resolve(any: Any): Readonly<Record<string, unknown>> | undefined;
}

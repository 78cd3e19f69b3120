import type { Any } from './any.ts';
import { Code, codeName } from './code.ts';

/**
 * What kind of error this is, for programs (AIP-193: every error carries one ErrorInfo).
 *
 * `reason` is UPPER_SNAKE_CASE, at most 63 characters, and names one kind of error. Every dynamic fact of the
 * message stands in `metadata` too. Without a `domain`, the API edge fills in the one of the surface called.
 */
export interface ErrorInfo {
  readonly reason: string;
  readonly domain?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A google.rpc.Status as the domain holds it; `info` and `details` become its `details` on the wire. */
export interface Status {
  readonly code: Code;
  readonly message: string;
  readonly info?: ErrorInfo;
  readonly details?: readonly Any[];
}

/** A google.rpc.BadRequest violation: which field (dotted proto path) and why. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** The ErrorInfo domain of errors that belong to no surface, such as one about a name nobody knows. */
export const DEFAULT_DOMAIN = 'longrunning.googleapis.com';

export interface StatusErrorOptions {
  readonly reason: string;
  readonly domain?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fieldViolations?: readonly FieldViolation[];
  /** How long a caller should wait before it tries again; becomes RetryInfo. Milliseconds. */
  readonly retryDelayMs?: number;
  /** Another attempt would end in the same way, whatever the code says. */
  readonly isFinal?: boolean;
  readonly cause?: unknown;
}

/**
 * The one error that crosses module borders: a google.rpc code with its ErrorInfo.
 *
 * Anything else thrown is a bug and becomes INTERNAL at the API edge. The message names the thing and says what to
 * do; it holds no secret and no trailing full stop.
 */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: Code;
  readonly info: ErrorInfo;
  readonly fieldViolations: readonly FieldViolation[];
  readonly retryDelayMs: number | undefined;
  readonly isFinal: boolean;

  constructor(code: Code, message: string, options: StatusErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.info = {
      reason: options.reason,
      ...(options.domain === undefined ? {} : { domain: options.domain }),
      ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
    };
    this.fieldViolations = options.fieldViolations ?? [];
    this.retryDelayMs = options.retryDelayMs;
    this.isFinal = options.isFinal ?? false;
  }

  /** The same facts as plain data, to be stored as an operation's error. */
  toStatus(): Status {
    return { code: this.code, message: this.message, info: this.info };
  }

  override toString(): string {
    return `${codeName(this.code)}: ${this.message}`;
  }
}

/** INVALID_ARGUMENT for one field of a request, with its BadRequest violation. */
export function invalidArgument(
  field: string,
  description: string,
  options: Partial<StatusErrorOptions> = {},
): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `${field}: ${description}`, {
    reason: 'INVALID_FIELD',
    ...options,
    metadata: { field, ...options.metadata },
    fieldViolations: [{ field, description }],
  });
}

/**
 * Tells what is wrong with one field as being wrong with another: the same rule holds for several, and callers know theirs.
 *
 * @throws what the check throws; INVALID_ARGUMENT of field `from` names `to` instead.
 */
export function renamingField<T>(from: string, to: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== Code.INVALID_ARGUMENT) throw error;
    const violation = error.fieldViolations.find(({ field }) => field === from);
    if (violation === undefined) throw error;
    const { metadata, ...info } = error.info;
    throw invalidArgument(to, violation.description, { ...info, metadata: { ...metadata, field: to }, cause: error });
  }
}

/** UNIMPLEMENTED for a field that is understood and not served: nothing is stored and silently ignored. */
export function unimplementedField(field: string, advice = 'leave it out'): StatusError {
  return new StatusError(Code.UNIMPLEMENTED, `${field} is not implemented; ${advice}`, {
    reason: 'FIELD_NOT_IMPLEMENTED',
    metadata: { field },
  });
}

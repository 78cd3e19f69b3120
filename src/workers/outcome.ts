/**
 * What is reported when a handler has ended, as one pure table:
 *
 * | the handler                            | reported                                              |
 * |----------------------------------------|-------------------------------------------------------|
 * | anything, its lease lost               | nothing: somebody else may own the operation          |
 * | resolved with a response               | complete, also when a cancel came too late            |
 * | 'suspended', asked for or interrupted  | stop: PAUSED, queued again or CANCELLED               |
 * | 'suspended', unasked                   | fail INTERNAL: queued again it would spin             |
 * | rejected because of the abort          | stop                                                  |
 * | either, as it ran longer than it may   | fail DEADLINE_EXCEEDED, tried again; stop if cancelled |
 * | rejected with a StatusError            | fail with it, tried again for the codes that may pass |
 * |                                        | unless it says that it is final                       |
 * | rejected with anything else            | fail INTERNAL, the error only in the log              |
 */
import type { Any } from '../core/any.ts';
import { Code } from '../core/code.ts';
import { isInterrupted } from '../core/cancellation.ts';
import { StatusError, type Status } from '../core/status-error.ts';
import type { TaskOutcome } from '../operations/task.ts';
import { runTimedOut } from '../operations/timers.ts';

export type Settled = { readonly resolved: TaskOutcome } | { readonly rejected: unknown };

/** What the attempt knows when its handler has ended. */
export interface AttemptFacts {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly suspend: AbortSignal;
  readonly lost: boolean;
  /** Whether a cancel reached it. */
  readonly cancelled?: boolean;
  readonly runTimeoutMs?: number;
  readonly responseSizeMaxBytes: number;
}

export type Decision =
  | { readonly report: 'nothing' }
  | { readonly report: 'complete'; readonly response: Any }
  | { readonly report: 'stop' }
  | { readonly report: 'fail'; readonly status: Status; readonly retryable: boolean; readonly bug?: unknown };

/** Codes of failures that another attempt may not meet; ABORTED asks for a retry "at a higher level" (google/rpc/code.proto). */
const RETRYABLE_CODES: ReadonlySet<number> = new Set([Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED, Code.ABORTED]);

export function decideOutcome(settled: Settled, facts: AttemptFacts): Decision {
  if (facts.lost) return { report: 'nothing' };
  if ('rejected' in settled) return decideRejection(settled.rejected, facts);
  if (settled.resolved !== 'suspended') return decideResponse(settled.resolved.response, facts);
  if (facts.suspend.aborted || facts.signal.aborted) return decideStop(facts);
  return failed(internal(facts.name), false, new Error(`${facts.name} suspended itself without being asked`));
}

/** The bland status of what nobody foresaw; the error itself is for the log. */
export function internal(name: string): Status {
  return {
    code: Code.INTERNAL,
    message: `${name} failed by an internal error; see the log of its worker`,
    info: { reason: 'HANDLER_FAILED', metadata: { operation: name } },
  };
}

/** Whether an error is the abort itself: the reason, or what Node's own calls reject with on its account. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return (
    error === signal.reason || (error instanceof Error && error.name === 'AbortError' && error.cause === signal.reason)
  );
}

/** The work has stopped as it was asked to. */
function decideStop(facts: AttemptFacts): Decision {
  const reason: unknown = facts.signal.reason;
  const ranOut = isInterrupted(reason) && reason.kind === 'run-timeout' && facts.cancelled !== true;
  return ranOut ? failed(runTimedOut(facts), true) : { report: 'stop' };
}

function decideRejection(error: unknown, facts: AttemptFacts): Decision {
  if (isAbort(error, facts.signal)) return decideStop(facts);
  if (error instanceof StatusError) return failed(error.toStatus(), RETRYABLE_CODES.has(error.code) && !error.isFinal);
  return failed(internal(facts.name), false, error);
}

function decideResponse(response: Any, facts: AttemptFacts): Decision {
  const sizeBytes = response.value.byteLength;
  if (sizeBytes <= facts.responseSizeMaxBytes) return { report: 'complete', response };
  const error = new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `${facts.name} has a response of ${sizeBytes} bytes; at most ${facts.responseSizeMaxBytes} fit`,
    { reason: 'RESPONSE_TOO_LARGE', metadata: { operation: facts.name, sizeBytes: String(sizeBytes) } },
  );
  return failed(error.toStatus(), false);
}

function failed(status: Status, retryable: boolean, bug?: unknown): Decision {
  return { report: 'fail', status, retryable, ...(bug === undefined ? {} : { bug }) };
}

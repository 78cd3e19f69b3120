/**
 * What an owner reports when its work has ended, as one pure table; the same rules as for workers of the sidecar:
 *
 * | the work                                  | reported                                                |
 * |-------------------------------------------|---------------------------------------------------------|
 * | anything, its lease taken away            | nothing: somebody else may own the operation            |
 * | a response, its lease not renewed in time | complete: where the server was away the fence decides   |
 * | anything else then                        | nothing                                                 |
 * | resolved with a response                  | complete, also when a cancel came too late              |
 * | rejected because of the abort, cancelled  | confirm the stop                                        |
 * | rejected because of the abort, draining   | fail UNAVAILABLE, tried again: the next owner goes on   |
 * | rejected with a StatusError               | fail with it, tried again for the codes that may pass   |
 * | rejected with anything else               | fail INTERNAL; the error itself is the owner's to log   |
 */
import type { Any } from '../core/any.ts';
import { isInterrupted } from '../core/cancellation.ts';
import { Code } from '../core/code.ts';
import { StatusError, type Status } from '../core/status-error.ts';

/** How the function that does the work has ended. */
export type SettledWork = { readonly response: Any } | { readonly rejected: unknown };

export interface WorkFacts {
  readonly name: string;
  readonly signal: AbortSignal;
  /** Whether a cancel was told. */
  readonly isCancelled: boolean;
  /** How the lease was lost: LEASE_LOST when it could only not be renewed in its time. */
  readonly lost?: StatusError;
}

export type OwnedOutcome =
  | { readonly report: 'nothing' }
  | { readonly report: 'complete'; readonly response: Any }
  | { readonly report: 'confirm-stop' }
  | { readonly report: 'fail'; readonly error: Status | StatusError; readonly retryable: boolean };

/** Codes of failures that another attempt may not meet. */
const RETRYABLE_CODES: ReadonlySet<number> = new Set([Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED, Code.ABORTED]);

export function decideOwnedOutcome(settled: SettledWork, facts: WorkFacts): OwnedOutcome {
  const { lost } = facts;
  const isOurs = lost === undefined || ('response' in settled && lost.info.reason === 'LEASE_LOST');
  if (!isOurs) return { report: 'nothing' };
  if ('response' in settled) return { report: 'complete', response: settled.response };
  const { rejected } = settled;
  if (isAbort(rejected, facts.signal)) return decideStop(facts);
  if (rejected instanceof StatusError) {
    const retryable = RETRYABLE_CODES.has(rejected.code) && !rejected.isFinal;
    return { report: 'fail', error: rejected, retryable };
  }
  return { report: 'fail', error: internal(facts.name), retryable: false };
}

function decideStop({ name, signal, isCancelled }: WorkFacts): OwnedOutcome {
  if (isCancelled) return { report: 'confirm-stop' };
  const reason: unknown = signal.reason;
  // A report that the server refuses ends the work with that refusal.
  if (!isInterrupted(reason) && reason instanceof StatusError) {
    return { report: 'fail', error: reason, retryable: false };
  }
  return { report: 'fail', error: ownerStopped(name), retryable: true };
}

/** What a log should have of the handler's end: all that it threw but an Interrupted, or what Node made of one. */
export function thrownOf(settled: SettledWork, signal: AbortSignal): { readonly error?: unknown } {
  if (!('rejected' in settled)) return {};
  const { rejected } = settled;
  return isAbort(rejected, signal) && isInterrupted(signal.reason) ? {} : { error: rejected };
}

/** Whether an error is the abort itself: the reason, or what Node's own calls reject with on its account. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return (
    error === signal.reason || (error instanceof Error && error.name === 'AbortError' && error.cause === signal.reason)
  );
}

function ownerStopped(name: string): Status {
  return {
    code: Code.UNAVAILABLE,
    message: `${name} was given back by its owner, which stops; another one may acquire it`,
    info: { reason: 'OWNER_STOPPED', metadata: { operation: name } },
  };
}

/** The bland status of what nobody foresaw: callers are not to see what went wrong inside. */
function internal(name: string): Status {
  return {
    code: Code.INTERNAL,
    message: `${name} failed by an internal error; see the log of its owner`,
    info: { reason: 'HANDLER_FAILED', metadata: { operation: name } },
  };
}

import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

/**
 * What becomes of an owner's call when it is repeated, as one pure table:
 *
 * | the call fails with                                                  | fate                                          |
 * |----------------------------------------------------------------------|-----------------------------------------------|
 * | UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, other ABORTED              | `passes`: nobody was reached, or not in time  |
 * | RESOURCE_EXHAUSTED that a server explains                            | `passes`: there is no room now                |
 * | INVALID_ARGUMENT, OUT_OF_RANGE; RESOURCE_EXHAUSTED for its own size   | `refused`: the same call never will be taken  |
 * | ABORTED (STALE_FENCE), NOT_FOUND, FAILED_PRECONDITION                | `lost`: the operation is not the caller's     |
 * | anything else                                                        | `doubtful`: a fault that may last             |
 */
export type CallFate = 'passes' | 'doubtful' | 'refused' | 'lost';

const FATES: ReadonlyMap<number, CallFate> = new Map<number, CallFate>([
  [Code.UNAVAILABLE, 'passes'],
  [Code.DEADLINE_EXCEEDED, 'passes'],
  [Code.CANCELLED, 'passes'],
  [Code.ABORTED, 'passes'],
  [Code.RESOURCE_EXHAUSTED, 'passes'],
  [Code.INVALID_ARGUMENT, 'refused'],
  [Code.OUT_OF_RANGE, 'refused'],
  [Code.NOT_FOUND, 'lost'],
  [Code.FAILED_PRECONDITION, 'lost'],
]);

/** Reasons that say more than their codes. The last is of servers that do not explain themselves: it may be the call's size. */
const FATES_BY_REASON: ReadonlyMap<string, CallFate> = new Map<string, CallFate>([
  ['STALE_FENCE', 'lost'],
  ['LEASE_LOST', 'lost'],
  ['MESSAGE_TOO_LARGE', 'refused'],
  ['OPERATION_TOO_LARGE', 'refused'],
  ['RESOURCE_EXHAUSTED', 'doubtful'],
]);

export function fateOf(error: unknown): CallFate {
  if (!(error instanceof StatusError)) return 'doubtful';
  return FATES_BY_REASON.get(error.info.reason) ?? FATES.get(error.code) ?? 'doubtful';
}

/**
 * As fateOf, for an outcome under a lease that is renewed meanwhile. The server knows its owner, so that who refuses him is a proxy, or a
 * credential that is being changed: no work that is done is thrown away for it.
 */
export function fateOfOutcome(error: unknown): CallFate {
  const isCredential =
    error instanceof StatusError && (error.code === Code.UNAUTHENTICATED || error.code === Code.PERMISSION_DENIED);
  return isCredential ? 'passes' : fateOf(error);
}

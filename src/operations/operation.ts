import type { Any } from '../core/any.ts';
import type { CancelReason } from '../core/cancellation.ts';
import type { Status } from '../core/status-error.ts';
import type { Progress } from './progress.ts';

/**
 * Where an operation stands. The state diagram is in ARCHITECTURE.md.
 *
 * `SUCCEEDED`, `FAILED` and `CANCELLED` are terminal and never change. `RUNNING`, `SUSPENDING` and `CANCELLING` are
 * leased: an attempt holds the operation and only its writes count.
 */
export type State =
  'QUEUED' | 'RUNNING' | 'SUSPENDING' | 'PAUSED' | 'CANCELLING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

export const STATES: readonly State[] = [
  'QUEUED',
  'RUNNING',
  'SUSPENDING',
  'PAUSED',
  'CANCELLING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
];

/** How an operation ended: exactly one of the two members of operations.proto's `result`. */
export type Result = { readonly response: Any } | { readonly error: Status };

/** The legs of a cancel: when it was asked for, reached the work, was acknowledged, and the work had stopped. */
export interface Cancellation {
  readonly reason: CancelReason;
  /** Who asked, as far as it is known; empty when it is not. */
  readonly actor: string;
  readonly requestTimeMs: number;
  readonly deliverTimeMs?: number;
  readonly acknowledgeTimeMs?: number;
  readonly stopTimeMs?: number;
  /** False when the work did not confirm its stop within the grace and was given up on. Set with the terminal state. */
  readonly stopConfirmed?: boolean;
}

/** How an owner outside holds an operation whose work it does itself. Milliseconds. */
export interface OwnerTerms {
  /** How long its lease lasts without a renewal; after a restart of the repository, from then on. */
  readonly leaseDurationMs: number;
  /** How long it has to confirm a cancel, from when it was told. */
  readonly cancelGraceMs: number;
  /** How long the operation waits for an owner when it has none. */
  readonly abandonAfterMs: number;
  /** Who made it, to tell a create that is repeated from another's. */
  readonly holder?: string;
}

/** Why an attempt failed that was not to be the last one. */
export interface AttemptFailure {
  /** Without the details that an owner may have given: they are told with the failure that ends an operation. */
  readonly status: Pick<Status, 'code' | 'message' | 'info'>;
  readonly timeMs: number;
  /** Which one it was, from 1: the operation's attemptCount then. */
  readonly attempt: number;
}

/** One operation: its name may be another's once it is gone, made at a later time. */
export interface OperationIdentity {
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly createTimeMs: number;
}

/**
 * A long-running operation as the repository holds it. Times are milliseconds since the Unix epoch.
 *
 * Immutable: every change is a pure function from one record to the next (see transitions in this folder), applied
 * atomically by an OperationRepository.
 */
export interface Operation {
  /** The full resource name, unique in the database, such as `transferOperations/transferJobs-1-42`. */
  readonly name: string;
  /** The id of the surface whose name space and rules it has. */
  readonly surface: string;
  /** Where List finds it: a project id for storagetransfer, the parent's name elsewhere. */
  readonly collection: string;
  /** Which workers may take it. */
  readonly kind: string;
  /** The resource it works for, such as `transferJobs/1`. */
  readonly resource?: string;
  readonly state: State;
  readonly request: Any;
  /** What the worker last reported. Clients see what the kind's Presenter makes of it. */
  readonly metadata?: Any;
  /** How far the work has come, in the form that is the same for every kind. */
  readonly progress?: Progress;
  /** What the next attempt starts from. */
  readonly checkpoint?: Any;
  /** Present exactly in a terminal state. */
  readonly result?: Result;
  /** Larger is claimed first. */
  readonly priority: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly createTimeMs: number;
  /** When the first attempt was claimed. */
  readonly startTimeMs?: number;
  readonly endTimeMs?: number;
  /** How long the record is kept after its end. */
  readonly retentionMs: number;
  /** When the record may be purged; set with the terminal state. */
  readonly expireTimeMs?: number;
  /** Not claimed before: a delay or a backoff; AT_ONCE where there is none. */
  readonly dueTimeMs: number;
  /** Attempts ever claimed. */
  readonly attemptCount: number;
  /** Failures that a handler reported. */
  readonly failureCount: number;
  /** The last failure after which there was to be another attempt. What it waits for now is `waitsAfter`. */
  readonly failure?: AttemptFailure;
  /** At this many reported failures the operation is FAILED. */
  readonly attemptCountMax: number;
  /** Attempts whose process died, since the last durable checkpoint. */
  readonly deathCount: number;
  /** Present when its work is an outside owner's: no worker claims it. */
  readonly owner?: OwnerTerms;
  /** When the attempt under way was granted; in a leased state only. */
  readonly attemptStartTimeMs?: number;
  /** How long one attempt may take. */
  readonly runTimeoutMs?: number;
  /** When the whole operation is over: it is cancelled then. */
  readonly deadlineTimeMs?: number;
  /** When it is given up on unless an owner takes it; while it waits for one. */
  readonly abandonTimeMs?: number;
  /** The operation that it is a part of: that one's cancel is this one's too. */
  readonly parent?: OperationIdentity;
  /** Whether others were made as parts of it. */
  readonly hasChildren?: true;
  /** Its cancel is still to be carried to its children; until then the record stays. */
  readonly cascading?: true;
  /** The worker session that holds the lease; present exactly in a leased state. */
  readonly session?: string;
  /** The fencing token: grows by one with each grant, and every write of a worker carries it. */
  readonly fence: bigint;
  /** Grows by one with each write; what compare-and-set compares. */
  readonly revision: number;
  readonly cancel?: Cancellation;
  /** At most one operation that is not done holds a given key. */
  readonly exclusiveKey?: string;
  /** Makes create idempotent within (surface, collection). */
  readonly requestId?: string;
  /** Tells a repeated request from another one that reuses its request id. */
  readonly requestDigest?: string;
  /** Deleted while it was not done: Get and List forget it, the work goes on, the record goes with its end. */
  readonly deleted: boolean;
  /** The google.longrunning.Operation message, encoded: what Get and List send. */
  readonly encoded: Uint8Array;
}

/** The due time of work that waits for nothing: whatever is done to the wall clock, it is due. */
export const AT_ONCE = 0;

/** Whether the state is terminal. */
export function isDone(operation: Pick<Operation, 'state'>): boolean {
  return operation.state === 'SUCCEEDED' || operation.state === 'FAILED' || operation.state === 'CANCELLED';
}

/**
 * The failure of the last attempt while the next one has not begun; undefined where that did not fail: a hand-back, or a pause that the
 * work had come to.
 */
export function waitsAfter({ state, failure, attemptCount }: Operation): AttemptFailure | undefined {
  const isWaiting = state === 'QUEUED' || state === 'PAUSED';
  return isWaiting && failure?.attempt === attemptCount ? failure : undefined;
}

/** Whether an attempt holds the operation. */
export function isLeased(operation: Pick<Operation, 'state'>): boolean {
  return operation.state === 'RUNNING' || operation.state === 'SUSPENDING' || operation.state === 'CANCELLING';
}

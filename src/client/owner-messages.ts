/** What owners of slow work send and get, in plain terms: times in milliseconds, every Any as its type and bytes. */
import type { Any } from '../core/any.ts';
import type { CancelReason } from '../core/cancellation.ts';
import { cancelReasonOf, progressReportMessage, type ProgressReport } from '../schema/control-messages.ts';
import { durationMsOf, durationOf } from '../schema/duration.ts';
import { wireAny } from '../schema/protos.ts';
import { timeMsOf, timestampOf } from '../schema/timestamp.ts';
import type { DurationMessage, OperationMessage, TimestampMessage, WireAny } from './messages.ts';

/** How a caller holds an operation whose work it does itself; what is left out is the server's to choose. */
export interface HoldTerms {
  /** How long the lease lasts without a renewal: 1 second to 1 hour. */
  readonly leaseDurationMs?: number;
  /** How long the owner has to confirm a cancel once it was told of it: 1 second to 1 hour. */
  readonly cancelGraceMs?: number;
  /** How long the operation waits for another owner when it has none: 1 second to 365 days. Then it fails. */
  readonly abandonAfterMs?: number;
  /** Who holds it: a create that is repeated by another holder is given no lease. Up to 128 characters. */
  readonly holder?: string;
}

/** CreateOperationRequest; operation_control.proto says what each member means, and its limits. */
export interface CreateOperationRequest {
  readonly kind: string;
  readonly surface?: string;
  /** `operations` unless given. */
  readonly parent?: string;
  readonly operationId?: string;
  readonly request?: Any;
  readonly metadata?: Any;
  /** A UUID that makes the call idempotent. */
  readonly requestId?: string;
  readonly priority?: number;
  readonly delayMs?: number;
  readonly runTimeoutMs?: number;
  /** Milliseconds since the Unix epoch. */
  readonly deadlineTimeMs?: number;
  readonly retentionMs?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly exclusiveKey?: string;
  readonly parentOperation?: string;
  readonly attemptCountMax?: number;
  /** Given, the caller does the work itself, and holds the operation from the start. */
  readonly hold?: HoldTerms;
}

/** One grant: what every write of an owner carries. */
export interface OwnerLease {
  readonly name: string;
  readonly fence: bigint;
}

export interface GrantedLease extends OwnerLease {
  /** How long it lasts, milliseconds from when the request was sent that granted it. */
  readonly durationMs: number;
}

export interface CreatedOperation {
  readonly operation: OperationMessage;
  /** False when an earlier call with the same request id has made it. */
  readonly created: boolean;
  /** Present when a hold was asked for and the grant of the creation stands: also for a repeated call. */
  readonly lease?: GrantedLease;
}

export interface AcquiredOperation {
  readonly operation: OperationMessage;
  readonly lease: GrantedLease;
  /** What is to be done. */
  readonly request: Any;
  /** What the attempt before saved last. */
  readonly checkpoint?: Any;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
}

/** What clients are to see; what is left out stays as it was. */
export interface OwnerReport {
  readonly metadata?: Any;
  readonly progress?: ProgressReport;
}

export interface OwnerUpdate extends OwnerReport {
  /** What the next attempt is to start from: durable when the call is answered. */
  readonly checkpoint?: Any;
  /** Says that the cancel was seen and the clean-up has begun. */
  readonly acknowledgeCancel?: boolean;
}

/** A cancel as the owner is told it. */
export interface WantedCancel {
  readonly reason: CancelReason;
  readonly actor: string;
  /** Milliseconds since the Unix epoch. */
  readonly requestTimeMs: number;
  /** How long the owner still has to confirm its stop, milliseconds. */
  readonly graceLeftMs: number;
}

export interface UpdateAnswer {
  /** How long the lease lasts, milliseconds from when the update was sent. */
  readonly leaseDurationMs: number;
  /** Present when the work is to stop. */
  readonly cancel?: WantedCancel;
}

/** OwnerLease, of the proto. */
export interface LeaseMessage {
  readonly fence?: string;
  readonly duration?: DurationMessage;
}

/** UpdateOperationResponse. */
export interface UpdateMessage {
  readonly leaseDuration?: DurationMessage;
  readonly cancel?: {
    readonly reason?: string;
    readonly actor?: string;
    readonly requestTime?: TimestampMessage;
    readonly graceLeft?: DurationMessage;
  };
}

export function createMessage(request: CreateOperationRequest): object {
  const { request: work, metadata, delayMs, runTimeoutMs, deadlineTimeMs, retentionMs, hold, ...rest } = request;
  return {
    ...rest,
    ...anyMember('request', work),
    ...anyMember('metadata', metadata),
    ...durationMember('delay', delayMs),
    ...durationMember('runTimeout', runTimeoutMs),
    ...(deadlineTimeMs === undefined ? {} : { deadlineTime: timestampOf(deadlineTimeMs) }),
    ...durationMember('retention', retentionMs),
    ...(hold === undefined ? {} : { hold: holdMessage(hold) }),
  };
}

function holdMessage({ leaseDurationMs, cancelGraceMs, abandonAfterMs, holder }: HoldTerms): object {
  return {
    ...durationMember('leaseDuration', leaseDurationMs),
    ...durationMember('cancelGrace', cancelGraceMs),
    ...durationMember('abandonAfter', abandonAfterMs),
    ...(holder === undefined ? {} : { holder }),
  };
}

export function leaseMembers({ name, fence }: OwnerLease): object {
  return { name, fence: String(fence) };
}

export function reportMembers({ metadata, progress }: OwnerReport): object {
  return {
    ...anyMember('metadata', metadata),
    ...(progress === undefined ? {} : { progress: progressReportMessage(progress) }),
  };
}

export function updateMembers({ checkpoint, acknowledgeCancel = false, ...report }: OwnerUpdate): object {
  return {
    ...reportMembers(report),
    ...anyMember('checkpoint', checkpoint),
    ...(acknowledgeCancel ? { acknowledgeCancel } : {}),
  };
}

export function grantedLease(name: string, { fence = '0', duration = {} }: LeaseMessage): GrantedLease {
  return { name, fence: BigInt(fence), durationMs: durationMsOf(duration, 'lease.duration') };
}

export function updateAnswer({ leaseDuration = {}, cancel }: UpdateMessage): UpdateAnswer {
  const leaseDurationMs = durationMsOf(leaseDuration, 'lease_duration');
  if (cancel === undefined) return { leaseDurationMs };
  const { reason = '', actor = '', requestTime = {}, graceLeft = {} } = cancel;
  const wanted: WantedCancel = {
    reason: cancelReasonOf(reason),
    actor,
    requestTimeMs: timeMsOf(requestTime),
    graceLeftMs: durationMsOf(graceLeft, 'cancel.grace_left'),
  };
  return { leaseDurationMs, cancel: wanted };
}

function anyMember(name: string, any: Any | undefined): Readonly<Record<string, WireAny>> {
  return any === undefined ? {} : { [name]: wireAny(any) };
}

function durationMember(name: string, ms: number | undefined): Readonly<Record<string, DurationMessage>> {
  return ms === undefined ? {} : { [name]: durationOf(ms) };
}

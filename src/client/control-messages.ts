/** The messages of longrunning.control.v1 that explain and watch operations; see messages.ts for their form. */
import type { DurationMessage, OperationMessage, TimestampMessage } from './messages.ts';

/** Amount. */
export interface AmountMessage {
  readonly done?: string;
  readonly total?: string;
  readonly totalComplete?: boolean;
  readonly skipped?: string;
  readonly failed?: string;
  readonly perSecond?: number;
}

/** Progress. */
export interface ProgressMessage {
  readonly items?: AmountMessage;
  readonly bytes?: AmountMessage;
  readonly timeLeft?: DurationMessage;
  readonly errorSamples?: readonly { readonly code?: number; readonly item?: string; readonly message?: string }[];
  readonly stage?: string;
  readonly updateTime?: TimestampMessage;
}

/** Cancellation. */
export interface CancellationMessage {
  readonly reason?: string;
  readonly actor?: string;
  readonly requestTime?: TimestampMessage;
  readonly deliverTime?: TimestampMessage;
  readonly acknowledgeTime?: TimestampMessage;
  readonly stopTime?: TimestampMessage;
  readonly stopConfirmed?: boolean;
}

/** OperationSummary. */
export interface OperationSummaryMessage {
  readonly operation?: OperationMessage;
  readonly operationOmitted?: boolean;
  /** Such as `STATE_RUNNING`. */
  readonly state?: string;
  readonly surface?: string;
  readonly collection?: string;
  readonly kind?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly priority?: number;
  readonly attemptCount?: number;
  readonly createTime?: TimestampMessage;
  readonly startTime?: TimestampMessage;
  readonly endTime?: TimestampMessage;
  readonly cancel?: CancellationMessage;
  readonly progress?: ProgressMessage;
  readonly parentOperation?: string;
  readonly ownerHeld?: boolean;
  readonly revision?: string;
  readonly lastFailure?: AttemptFailureMessage;
}

/** AttemptFailure. */
export interface AttemptFailureMessage {
  /** A google.rpc.Code. */
  readonly code?: number;
  readonly message?: string;
  readonly reason?: string;
  readonly time?: TimestampMessage;
  readonly attempt?: number;
}

/** LeaseDescription. */
export interface LeaseDescriptionMessage {
  readonly session?: string;
  readonly fence?: string;
  readonly since?: TimestampMessage;
  readonly timeLeft?: DurationMessage;
  readonly worker?: string;
}

/** QueuedReason. */
export interface QueuedReasonMessage {
  readonly kind?: string;
  readonly message?: string;
  readonly untilTime?: TimestampMessage;
  readonly aheadCount?: number;
}

/** DueEvent. */
export interface DueEventMessage {
  readonly kind?: string;
  readonly time?: TimestampMessage;
}

/** ChildOperation. */
export interface ChildOperationMessage {
  readonly name?: string;
  readonly state?: string;
  readonly kind?: string;
}

/** OperationDescription. */
export interface OperationDescriptionMessage {
  readonly summary?: OperationSummaryMessage;
  readonly resource?: string;
  readonly requestType?: string;
  readonly requestSizeBytes?: string;
  readonly failureCount?: number;
  readonly attemptCountMax?: number;
  readonly deathCount?: number;
  readonly hasCheckpoint?: boolean;
  readonly lease?: LeaseDescriptionMessage;
  readonly exclusiveKey?: string;
  readonly requestId?: string;
  readonly runTimeout?: DurationMessage;
  readonly deadlineTime?: TimestampMessage;
  readonly retention?: DurationMessage;
  readonly expireTime?: TimestampMessage;
  readonly queuedReasons?: readonly QueuedReasonMessage[];
  readonly dueEvents?: readonly DueEventMessage[];
  readonly children?: readonly ChildOperationMessage[];
  readonly moreChildren?: boolean;
}

/** WatchOperationsRequest: exactly one of name and parent. */
export interface WatchRequest {
  readonly name?: string;
  readonly parent?: string;
  readonly filter?: string;
  readonly cursor?: string;
}

/** WatchOperationsResponse: at most one of the events is there. */
export interface WatchEventMessage {
  readonly cursor?: string;
  readonly changed?: OperationSummaryMessage;
  readonly removed?: {
    readonly name?: string;
    readonly cause?: string;
    readonly last?: OperationSummaryMessage;
  };
  readonly reset?: object;
  readonly synced?: object;
  readonly heartbeat?: object;
}

/** CancelByRequestIdResponse. */
export interface CancelledRequestMessage {
  readonly operation?: OperationMessage;
  readonly pendingUntilTime?: TimestampMessage;
}

/** HeldOperation. */
export interface HeldOperationMessage {
  readonly name?: string;
  readonly fence?: string;
}

/** Worker. */
export interface WorkerMessage {
  readonly name?: string;
  readonly kinds?: readonly string[];
  readonly slotCount?: number;
  readonly holds?: readonly HeldOperationMessage[];
  readonly quarantined?: boolean;
}

/** OwnerSession. */
export interface OwnerSessionMessage {
  readonly session?: string;
  readonly holds?: HeldOperationMessage;
  readonly since?: TimestampMessage;
  readonly timeLeft?: DurationMessage;
}

/** ListWorkersResponse. */
export interface WorkersMessage {
  readonly workers?: readonly WorkerMessage[];
  readonly ownerSessions?: readonly OwnerSessionMessage[];
  readonly nextPageToken?: string;
}

/** BulkCancelResponse. */
export interface BulkCancelCounts {
  readonly matchedCount?: string;
  readonly cancelledCount?: string;
}

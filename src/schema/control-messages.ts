/** Between operations and the messages of longrunning.control.v1. */
import type { CancelReason } from '../core/cancellation.ts';
import { invalidArgument } from '../core/status-error.ts';
import { isDone, type AttemptFailure, type Cancellation, type Operation, type State } from '../operations/operation.ts';
import type { Amount, Progress, ProgressReport } from '../operations/progress.ts';
import { durationMsOf, durationOf, type DurationMessage } from './duration.ts';
import { encodeMessage, type Message } from './protos.ts';
import { timestampOf, type TimestampMessage } from './timestamp.ts';
import { delimited, encodeFields } from './wire-fields.ts';
import { SUMMARY_OPERATION_BYTES_MAX } from './limits.ts';

export type { ProgressReport };

const SUMMARY = 'longrunning.control.v1.OperationSummary';
const SUMMARY_OPERATION = delimited(1);

/** An encoded OperationSummary, around the message that clients are sent: that one's bytes are copied and never decoded. */
export function encodeSummary(operation: Operation): Buffer {
  const isOmitted = operation.encoded.length > SUMMARY_OPERATION_BYTES_MAX;
  const shown = isOmitted ? bareOperation(operation) : operation.encoded;
  const rest = encodeMessage(SUMMARY, summaryMembers(operation, isOmitted));
  return Buffer.concat([encodeFields([[SUMMARY_OPERATION, shown]]), rest]);
}

function bareOperation({ name, state }: Operation): Buffer {
  return encodeMessage('google.longrunning.Operation', { name, ...(isDone({ state }) ? { done: true } : {}) });
}

function summaryMembers(operation: Operation, operationOmitted: boolean): Message {
  const { startTimeMs, endTimeMs, cancel, progress, parent, failure } = operation;
  return {
    operationOmitted,
    state: stateName(operation.state),
    surface: operation.surface,
    collection: operation.collection,
    kind: operation.kind,
    labels: operation.labels,
    priority: operation.priority,
    attemptCount: operation.attemptCount,
    createTime: timestampOf(operation.createTimeMs),
    ...(startTimeMs === undefined ? {} : { startTime: timestampOf(startTimeMs) }),
    ...(endTimeMs === undefined ? {} : { endTime: timestampOf(endTimeMs) }),
    ...(cancel === undefined ? {} : { cancel: cancellationMessage(cancel) }),
    ...(progress === undefined ? {} : { progress: progressMessage(progress) }),
    ...(parent === undefined ? {} : { parentOperation: parent.name }),
    ownerHeld: operation.owner !== undefined,
    revision: operation.revision,
    ...(failure === undefined ? {} : { lastFailure: failureMessage(failure) }),
  };
}

function failureMessage({ status, timeMs, attempt }: AttemptFailure): Message {
  const { code, message, info } = status;
  return { code, message, ...(info === undefined ? {} : { reason: info.reason }), time: timestampOf(timeMs), attempt };
}

/** The proto's name of a state. */
export function stateName(state: State): string {
  return `STATE_${state}`;
}

/** The proto's name of a cancel's reason. */
export function cancelReasonName(reason: CancelReason): string {
  return `CANCEL_REASON_${reason.replaceAll('-', '_').toUpperCase()}`;
}

const CANCEL_REASONS: readonly CancelReason[] = [
  'user',
  'deadline',
  'progress-timeout',
  'parent-cancelled',
  'superseded',
  'admin',
  'preempted',
];

/** The reason of that name; `user` for one that this version does not know. */
export function cancelReasonOf(name: string): CancelReason {
  return CANCEL_REASONS.find((reason) => cancelReasonName(reason) === name) ?? 'user';
}

function cancellationMessage(cancel: Cancellation): Message {
  const { reason, actor, requestTimeMs, deliverTimeMs, acknowledgeTimeMs, stopTimeMs, stopConfirmed } = cancel;
  return {
    reason: cancelReasonName(reason),
    actor,
    requestTime: timestampOf(requestTimeMs),
    ...(deliverTimeMs === undefined ? {} : { deliverTime: timestampOf(deliverTimeMs) }),
    ...(acknowledgeTimeMs === undefined ? {} : { acknowledgeTime: timestampOf(acknowledgeTimeMs) }),
    ...(stopTimeMs === undefined ? {} : { stopTime: timestampOf(stopTimeMs) }),
    stopConfirmed: stopConfirmed === true,
  };
}

export function progressMessage({ updateTimeMs, ...report }: Progress): Message {
  return { ...progressReportMessage(report), updateTime: timestampOf(updateTimeMs) };
}

/** A Progress as it is reported. */
export function progressReportMessage({ items, bytes, timeLeftMs, errorSamples, stage }: ProgressReport): Message {
  return {
    ...(items === undefined ? {} : { items: amountMessage(items) }),
    ...(bytes === undefined ? {} : { bytes: amountMessage(bytes) }),
    ...(timeLeftMs === undefined ? {} : { timeLeft: durationOf(timeLeftMs) }),
    ...(errorSamples === undefined ? {} : { errorSamples }),
    ...(stage === undefined ? {} : { stage }),
  };
}

function amountMessage({ rateWeight: _weight, ...amount }: Amount): Message {
  return { ...amount };
}

/** A Progress as it was decoded. */
export interface ProgressMessage {
  readonly items?: AmountMessage;
  readonly bytes?: AmountMessage;
  readonly timeLeft?: DurationMessage;
  readonly errorSamples?: readonly { readonly code?: number; readonly item?: string; readonly message?: string }[];
  readonly stage?: string;
  readonly updateTime?: TimestampMessage;
}

interface AmountMessage {
  readonly done?: string;
  readonly total?: string;
  readonly totalComplete?: boolean;
  readonly skipped?: string;
  readonly failed?: string;
  readonly perSecond?: number;
}

/** What a caller reports. @throws StatusError INVALID_ARGUMENT for numbers below 0 or beyond the safe integers. */
export function progressReportOf(message: ProgressMessage): ProgressReport {
  const { items, bytes, timeLeft, errorSamples, stage } = message;
  return {
    ...(items === undefined ? {} : { items: amountOf(items, 'progress.items') }),
    ...(bytes === undefined ? {} : { bytes: amountOf(bytes, 'progress.bytes') }),
    ...(timeLeft === undefined
      ? {}
      : { timeLeftMs: atLeast0(durationMsOf(timeLeft, 'progress.time_left'), 'progress.time_left') }),
    ...(errorSamples === undefined
      ? {}
      : {
          errorSamples: errorSamples.map(({ code = 0, item = '', message: text = '' }) => ({
            code,
            item,
            message: text,
          })),
        }),
    ...(stage === undefined ? {} : { stage }),
  };
}

function amountOf(message: AmountMessage, field: string): Amount {
  const { total, totalComplete, skipped, failed, perSecond = 0 } = message;
  if (!Number.isFinite(perSecond)) throw invalidArgument(`${field}.per_second`, 'must be finite');
  return {
    done: countOf(message.done ?? '0', `${field}.done`),
    ...(total === undefined ? {} : { total: countOf(total, `${field}.total`) }),
    ...(totalComplete === true ? { totalComplete } : {}),
    ...(skipped === undefined ? {} : { skipped: countOf(skipped, `${field}.skipped`) }),
    ...(failed === undefined ? {} : { failed: countOf(failed, `${field}.failed`) }),
    ...(perSecond === 0 ? {} : { perSecond: atLeast0(perSecond, `${field}.per_second`) }),
  };
}

function countOf(text: string, field: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count)) return atLeast0(count, field);
  throw invalidArgument(field, 'must be at most 2^53 - 1');
}

function atLeast0(value: number, field: string): number {
  if (value >= 0) return value;
  throw invalidArgument(field, 'must not be negative');
}

import type { Any } from '../core/any.ts';
import { Code, codeName } from '../core/code.ts';
import type { PendingObject, PendingPart, TransferCheckpoint } from '../transfers/checkpoint.ts';
import {
  COUNTER_NAMES,
  type CounterName,
  type ErrorBreakdown,
  type TransferCounters,
  type TransferProgress,
} from '../transfers/progress.ts';
import { decodeMessage, packAny, type Message } from './protos.ts';

const PROGRESS = 'longrunning.transfers.v1.Progress';
const CHECKPOINT = 'longrunning.transfers.v1.Checkpoint';

/** What a transfer reports, as the operation's metadata: its Presenter shows it within a TransferOperation. */
export function encodeTransferProgress(progress: TransferProgress): Any {
  return packAny(PROGRESS, progressMessage(progress));
}

/** @throws Error when the bytes are no Progress. */
export function decodeTransferProgress(any: Any): TransferProgress {
  return progressOf(decodeMessage(PROGRESS, any.value));
}

export function encodeTransferCheckpoint(checkpoint: TransferCheckpoint): Any {
  const { cursor, progress, pending } = checkpoint;
  return packAny(CHECKPOINT, {
    ...(cursor === undefined ? {} : { cursor }),
    progress: progressMessage(progress),
    pending: pending.map(pendingMessage),
  });
}

/** @throws Error when the bytes are no Checkpoint. */
export function decodeTransferCheckpoint(any: Any): TransferCheckpoint {
  const { cursor, progress, pending = [] } = decodeMessage(CHECKPOINT, any.value) as CheckpointMessage;
  return {
    ...(cursor === undefined ? {} : { cursor }),
    progress: progressOf(progress ?? {}),
    pending: pending.map(pendingOf),
  };
}

interface ProgressMessage {
  readonly counters?: Readonly<Partial<Record<CounterName, string>>>;
  readonly errorBreakdowns?: readonly ErrorSummaryMessage[];
}

interface ErrorSummaryMessage {
  readonly errorCode?: keyof typeof Code;
  readonly errorCount?: string;
  readonly errorLogEntries?: readonly { readonly url?: string; readonly errorDetails?: readonly string[] }[];
}

interface CheckpointMessage {
  readonly cursor?: Uint8Array;
  readonly progress?: ProgressMessage;
  readonly pending?: readonly PendingObjectMessage[];
}

interface PendingObjectMessage {
  readonly key?: Uint8Array;
  readonly sizeBytes?: string;
  readonly modifyTimeMs?: number;
  readonly modifyTimeNs?: string;
  readonly changeTimeNs?: string;
  readonly inode?: string;
  readonly stagingName?: string;
  readonly stagedBytes?: string;
  readonly stagedCrc32c?: number;
  readonly sourceEtag?: string;
  readonly replacedEtag?: string;
  readonly uploadId?: string;
  readonly parts?: readonly PendingPartMessage[];
}

interface PendingPartMessage {
  readonly sizeBytes?: string;
  readonly crc32c?: number;
  readonly etag?: string;
}

function progressMessage({ counters, errorBreakdowns }: TransferProgress): Message {
  return {
    counters,
    errorBreakdowns: errorBreakdowns.map(({ code, count, samples }) => ({
      errorCode: codeName(code),
      errorCount: count,
      errorLogEntries: samples.map(({ url, details }) => ({ url, errorDetails: details })),
    })),
  };
}

function progressOf({ counters = {}, errorBreakdowns = [] }: ProgressMessage): TransferProgress {
  return { counters: countersOf(counters), errorBreakdowns: errorBreakdowns.map(errorBreakdownOf) };
}

function countersOf(message: Readonly<Partial<Record<CounterName, string>>>): TransferCounters {
  const counters: Partial<Record<CounterName, number>> = {};
  for (const name of COUNTER_NAMES) {
    const count = message[name];
    if (count !== undefined) counters[name] = Number(count);
  }
  return counters;
}

function errorBreakdownOf({
  errorCode = 'OK',
  errorCount = '0',
  errorLogEntries = [],
}: ErrorSummaryMessage): ErrorBreakdown {
  return {
    code: Code[errorCode],
    count: Number(errorCount),
    samples: errorLogEntries.map(({ url = '', errorDetails = [] }) => ({ url, details: errorDetails })),
  };
}

function pendingMessage(pending: PendingObject): Message {
  const { modifyTimeNs, changeTimeNs, inode, ...rest } = pending;
  return {
    ...rest,
    modifyTimeNs: String(modifyTimeNs),
    changeTimeNs: String(changeTimeNs),
    inode: String(inode),
  };
}

function pendingOf(message: PendingObjectMessage): PendingObject {
  return {
    key: message.key ?? new Uint8Array(0),
    sizeBytes: Number(message.sizeBytes ?? 0),
    modifyTimeMs: message.modifyTimeMs ?? 0,
    modifyTimeNs: BigInt(message.modifyTimeNs ?? 0),
    changeTimeNs: BigInt(message.changeTimeNs ?? 0),
    inode: BigInt(message.inode ?? 0),
    stagingName: message.stagingName ?? '',
    stagedBytes: Number(message.stagedBytes ?? 0),
    stagedCrc32c: message.stagedCrc32c ?? 0,
    ...uploadOf(message),
  };
}

function uploadOf({ sourceEtag, replacedEtag, uploadId, parts = [] }: PendingObjectMessage): Partial<PendingObject> {
  return {
    ...(sourceEtag === undefined ? {} : { sourceEtag }),
    ...(replacedEtag === undefined ? {} : { replacedEtag }),
    ...(uploadId === undefined ? {} : { uploadId }),
    ...(parts.length === 0 ? {} : { parts: parts.map(pendingPartOf) }),
  };
}

function pendingPartOf({ sizeBytes = '0', crc32c = 0, etag = '' }: PendingPartMessage): PendingPart {
  return { sizeBytes: Number(sizeBytes), crc32c, etag };
}

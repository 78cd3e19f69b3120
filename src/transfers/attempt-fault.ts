import { pathToFileURL } from 'node:url';
import type { Status } from '../core/status-error.ts';
import type { ErrorSample, TransferProgress } from './progress.ts';
import { TransferTally } from './transfer-tally.ts';

/** transfer_types.proto, ErrorSummary: "At most 5 error log entries are recorded for a given error code". */
const SAMPLE_COUNT_MAX = 5;

/** Reasons that sum up the failures of objects, each of which is counted already. */
const SUMMARIES: ReadonlySet<string> = new Set(['TRANSFER_OBJECTS_FAILED', 'TRANSFER_ALL_OBJECTS_FAILED']);

/**
 * What clients are shown of a transfer that something stopped as a whole: its fault as one more failure, of "a data source, a data sink,
 * or an object" (transfer_types.proto, ErrorLogEntry), before those of objects. Nothing of the counters, which count objects.
 *
 * The fault is of one attempt, and is never stored with the failures: they are what the next attempt goes on from.
 * @param more  what else is to be said of it, each a line.
 */
export function withFault(
  progress: TransferProgress,
  status: Pick<Status, 'code' | 'message' | 'info'>,
  more: readonly string[],
): TransferProgress {
  if (SUMMARIES.has(status.info?.reason ?? '')) return progress;
  const shown = new TransferTally(SAMPLE_COUNT_MAX);
  shown.sample(status.code, faultSample(status, more));
  shown.addAll(new TransferTally(SAMPLE_COUNT_MAX, progress));
  return shown.progress();
}

function faultSample({ message, info }: Pick<Status, 'message' | 'info'>, more: readonly string[]): ErrorSample {
  const { url, resource, path } = info?.metadata ?? {};
  return { url: url ?? resource ?? (path === undefined ? '' : pathToFileURL(path).href), details: [message, ...more] };
}

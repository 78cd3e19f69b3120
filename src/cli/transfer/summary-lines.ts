import type { ErrorLogEntryMessage, TransferOperationMessage } from '../../client/messages.ts';
import { bytesText, countText, durationText, filesText, rateText } from '../format/amounts.ts';
import type { Amount, TransferTotals } from './totals.ts';
import { printable } from '../format/text-width.ts';

/** How a run has ended. */
export interface RunEnd {
  readonly totals: TransferTotals;
  readonly elapsedMs: number;
  readonly outcome: 'done' | 'failed' | 'cancelled';
}

/** Failures shown of each kind. */
const SAMPLE_COUNT_MAX = 3;

/** What a run has done, and what is left to do. */
export function summaryLines({ totals, elapsedMs, outcome }: RunEnd): readonly string[] {
  const { copied, skipped, failed } = totals;
  const rate = elapsedMs > 0 && copied.bytes > 0 ? ` (${rateText(copied.bytes / (elapsedMs / 1000))})` : '';
  const head = outcome === 'cancelled' ? 'Cancelled. Copied' : 'Copied';
  const isIdle = outcome === 'done' && copied.count === 0 && failed.count === 0;
  return [
    isIdle ? 'Nothing had to be copied.' : `${head} ${amountText(copied)} in ${durationText(elapsedMs)}${rate}.`,
    ...(skipped.count === 0 ? [] : [`Skipped ${amountText(skipped)}: the same at the destination already.`]),
    ...(failed.count === 0 ? [] : [`Failed: ${amountText(failed)}.`]),
    ...leftLines(totals, outcome),
  ];
}

/**
 * How many failures there were by which code, with a few of them.
 *
 * @param told  what was said already: the fault of the whole transfer, which is among them.
 */
export function failureLines({ errorBreakdowns = [] }: TransferOperationMessage, told = ''): readonly string[] {
  return errorBreakdowns.flatMap(({ errorCode = 'UNKNOWN', errorCount = '0', errorLogEntries = [] }) => {
    const untold = errorLogEntries.filter(({ errorDetails = [] }) => errorDetails[0] !== told);
    const count = Number(errorCount) - (errorLogEntries.length - untold.length);
    if (count === 0) return [];
    return [`  ${errorCode}: ${countText(count)}`, ...untold.slice(0, SAMPLE_COUNT_MAX).map(sampleLine)];
  });
}

function sampleLine({ url = '', errorDetails = [] }: ErrorLogEntryMessage): string {
  const text = errorDetails.join('; ');
  return `    ${printable(url === '' || text.startsWith(url) ? text : `${url}: ${text}`)}`;
}

function leftLines({ left, source }: TransferTotals, outcome: RunEnd['outcome']): readonly string[] {
  if (outcome === 'done') return [];
  const known = source?.isComplete === true ? `Left: ${amountText(left)}.` : 'How much is left is not known.';
  return [known, 'Nothing half-written is left; the same command again copies the rest.'];
}

function amountText({ count, bytes }: Amount): string {
  return `${filesText(count)}, ${bytesText(bytes)}`;
}

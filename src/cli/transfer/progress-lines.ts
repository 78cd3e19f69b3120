import { bytesText, countText, durationText, filesText, rateText } from '../format/amounts.ts';
import type { Style } from '../format/style.ts';
import { cutEnd, pad, printable } from '../format/text-width.ts';
import type { TransferTotals } from './totals.ts';

/** What is known of a transfer at a moment. */
export interface ProgressState {
  readonly totals: TransferTotals;
  readonly bytesPerSecond: number | undefined;
  readonly elapsedMs: number;
  /** Google's status, such as `QUEUED`. */
  readonly status: string;
  /** The failure of its last attempt, while it waits for the next. */
  readonly waitsAfter?: string;
  /** Whether it was asked to stop. */
  readonly isCancelling: boolean;
}

const BAR_WIDTH = 24;

/**
 * A transfer under way, as two lines for a terminal.
 *
 * A share and the time left are told only once the source has been counted to its end; before that, and where it cannot be counted, what
 * is copied is told, and that the rest is not known yet.
 */
export function progressLines(state: ProgressState, width: number, style: Style): readonly [string, string] {
  const { totals, elapsedMs, isCancelling } = state;
  const second = troubleOf(state) ?? detailOf(totals);
  const bar = isCancelling || totals.source === undefined ? '' : `${barOf(fractionOf(totals) ?? 0)} `;
  const head = cutEnd(bar + headOf(state), Math.max(0, width - 9));
  const first = `${pad(head, Math.max(0, width - 8))}${durationText(elapsedMs).padStart(8)}`;
  return [style(first, isCancelling ? 'warning' : 'none'), style(cutEnd(second, width), 'faint')];
}

/** The same in one line, for a log. */
export function progressText(state: ProgressState): string {
  const told = [headOf(state).trim(), troubleOf(state)].filter((part) => part !== undefined).join(': ');
  return `${durationText(state.elapsedMs)} ${told}; ${detailOf(state.totals)}`;
}

/** Why nothing happens, while that is so. */
function troubleOf({ status, waitsAfter, isCancelling }: ProgressState): string | undefined {
  return status === 'QUEUED' && !isCancelling && waitsAfter !== undefined ? printable(waitsAfter) : undefined;
}

function headOf({ totals, status, waitsAfter, isCancelling, bytesPerSecond }: ProgressState): string {
  if (isCancelling) return 'Cancelling: waiting until it has stopped (Ctrl-C again: leave)';
  if (status === 'QUEUED') return waitsAfter === undefined ? 'Waiting to start' : 'Waiting to try again';
  if (status === 'PAUSED' || status === 'SUSPENDING') return 'Paused';
  const fraction = fractionOf(totals);
  const parts = [
    fraction === undefined ? 'Copying' : `${String(Math.floor(fraction * 100)).padStart(3)}%`,
    bytesPerSecond === undefined ? '' : rateText(bytesPerSecond),
    fraction === undefined ? '' : timeLeftOf(totals, bytesPerSecond ?? 0),
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function timeLeftOf({ left, underWayBytes }: TransferTotals, rate: number): string {
  const bytes = left.bytes - underWayBytes;
  if (rate <= 0 || bytes <= 0) return '';
  return `about ${durationText((bytes / rate) * 1000)} left`;
}

function detailOf({ copied, skipped, failed, left, source, underWayBytes }: TransferTotals): string {
  return [
    `${bytesText(copied.bytes)}, ${filesText(copied.count)} copied`,
    ...(underWayBytes === 0 ? [] : [`${bytesText(underWayBytes)} under way`]),
    ...(skipped.count === 0 ? [] : [`${countText(skipped.count)} skipped`]),
    ...(failed.count === 0 ? [] : [`${countText(failed.count)} failed`]),
    source?.isComplete === true
      ? `${bytesText(left.bytes)}, ${filesText(left.count)} left`
      : source === undefined
        ? 'how many there are is not known'
        : `${countText(source.count)} counted so far`,
  ].join('; ');
}

/** By bytes, or by files where those are all empty; undefined while nobody knows. Never quite 1: only the end is the end. */
function fractionOf({ left, source, underWayBytes }: TransferTotals): number | undefined {
  if (source?.isComplete !== true) return undefined;
  const [all, rest] = source.bytes > 0 ? [source.bytes, left.bytes - underWayBytes] : [source.count, left.count];
  return all === 0 ? 0 : Math.max(0, Math.min(0.999, 1 - rest / all));
}

function barOf(fraction: number): string {
  const full = Math.floor(fraction * BAR_WIDTH);
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
}

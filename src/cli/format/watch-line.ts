import type { OperationSummaryMessage, WatchEventMessage } from '../../client/control-messages.ts';
import { transferOf } from '../../client/payloads.ts';
import type { Looks } from '../terminal.ts';
import { localTimeText } from './local-time.ts';
import { detailOf, summaryDetail } from './operation-table.ts';
import { stateOf, stateWord, toneOf } from './operation-state.ts';
import { cutEnd, cutMiddle, pad, printable, textWidth } from './text-width.ts';

/** The longest state, CANCELLING. */
const STATE_WIDTH = 10;

/** Of a name that gives way: below it nothing can be told from it. */
const NAME_WIDTH_MIN = 20;

/** A change as a line; undefined for what only programs need, such as heartbeats. */
export function watchLine(event: WatchEventMessage, nowMs: number, looks: Looks): string | undefined {
  const { changed, removed } = event;
  if (changed !== undefined) return lineOf(changed, nowMs, looks);
  if (removed === undefined) return undefined;
  const why = removed.cause === 'CAUSE_NO_LONGER_MATCHES' ? 'matches no longer' : 'is gone';
  return cutEnd(`${localTimeText(nowMs)}  ${printable(removed.name ?? '')} ${why}`, looks.width);
}

function lineOf(changed: OperationSummaryMessage, nowMs: number, { width, style }: Looks): string {
  const operation = changed.operation ?? {};
  const transfer = transferOf(operation);
  const state = changed.state === undefined ? stateOf(operation, transfer) : stateWord(changed.state);
  const head = `${localTimeText(nowMs)}  ${pad(state, STATE_WIDTH)}`;
  const detail = printable(
    transfer === undefined ? summaryDetail(operation, changed) : detailOf(operation, transfer, changed),
  );
  // What has changed tells more than the whole of a name.
  const nameWidth = Math.max(NAME_WIDTH_MIN, width - textWidth(`${head}    ${detail}`));
  const name = cutMiddle(printable(operation.name ?? ''), nameWidth);
  const line = cutEnd(`${head}  ${name}  ${detail}`.trimEnd(), width);
  return line.replace(`  ${state}`, `  ${style(state, toneOf(state))}`);
}

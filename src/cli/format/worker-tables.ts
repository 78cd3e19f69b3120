import type { OwnerSessionMessage, WorkerMessage } from '../../client/control-messages.ts';
import { durationMs, timeOf } from '../../client/times.ts';
import type { Looks } from '../terminal.ts';
import { durationText } from './amounts.ts';
import { localTimeText } from './local-time.ts';
import { tableLines, type Column } from './table.ts';

const WORKER_COLUMNS: readonly Column[] = [
  { title: 'WORKER', cut: 'middle' },
  { title: 'STATE' },
  { title: 'SLOTS', align: 'right' },
  { title: 'KINDS', cut: 'end' },
  { title: 'HOLDS', cut: 'end' },
];

const OWNER_COLUMNS: readonly Column[] = [
  { title: 'OWNER OF', cut: 'middle' },
  { title: 'SINCE' },
  { title: 'LEASE', align: 'right' },
  { title: 'SESSION', cut: 'end' },
];

/** The workers of a process. One that has work which does not stop is given no more of it. */
export function workerTable(workers: readonly WorkerMessage[], looks: Looks): readonly string[] {
  const rows = workers.map(({ name = '', kinds = [], slotCount = 0, holds = [], quarantined = false }) => [
    name,
    quarantined ? 'QUARANTINED' : holds.length === 0 ? 'IDLE' : 'BUSY',
    `${String(holds.length)}/${String(slotCount)}`,
    kinds.join(', '),
    holds.map(({ name: held = '' }) => held).join(', '),
  ]);
  return titled(tableLines(WORKER_COLUMNS, rows, looks.width), looks);
}

/** Those that hold operations from outside, each with how long its lease lasts unless it is renewed. */
export function ownerTable(owners: readonly OwnerSessionMessage[], looks: Looks): readonly string[] {
  const rows = owners.map(({ session = '', holds, since, timeLeft }) => [
    holds?.name ?? '',
    localTimeText(timeOf(since)),
    timeLeft === undefined ? '-' : durationText(durationMs(timeLeft)),
    session,
  ]);
  return titled(tableLines(OWNER_COLUMNS, rows, looks.width), looks);
}

function titled([head = '', ...rows]: readonly string[], { style }: Looks): readonly string[] {
  return [style(head, 'faint'), ...rows];
}

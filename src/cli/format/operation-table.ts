import type { OperationMessage, TransferOperationMessage } from '../../client/messages.ts';
import { transferOf } from '../../client/payloads.ts';
import { timeOf } from '../../client/times.ts';
import { bytesText, filesText } from './amounts.ts';
import { localTimeText } from './local-time.ts';
import { stateOf, toneOf } from './operation-state.ts';
import { tableLines, type Column } from './table.ts';
import type { Looks } from '../terminal.ts';
import { totalsOf } from '../transfer/totals.ts';

const COLUMNS: readonly Column[] = [
  { title: 'NAME', cut: 'middle' },
  { title: 'STATE' },
  { title: 'STARTED' },
  { title: 'DETAIL', cut: 'end' },
];

/** Operations as a table with titles. */
export function operationTable(operations: readonly OperationMessage[], { width, style }: Looks): readonly string[] {
  const lines = tableLines(COLUMNS, operations.map(rowOf), width);
  return lines.map((line, index) => {
    if (index === 0) return style(line, 'faint');
    const operation = operations[index - 1] ?? {};
    const state = stateOf(operation, transferOf(operation));
    return line.replace(`  ${state}`, `  ${style(state, toneOf(state))}`);
  });
}

function rowOf(operation: OperationMessage): readonly string[] {
  const transfer = transferOf(operation);
  return [
    operation.name ?? '',
    stateOf(operation, transfer),
    localTimeText(timeOf(transfer?.startTime)),
    detailOf(operation, transfer),
  ];
}

/** What is worth knowing of it in a few words. */
export function detailOf({ error, metadata }: OperationMessage, transfer?: TransferOperationMessage): string {
  const told = error?.message ?? '';
  if (transfer !== undefined) {
    const { copied } = totalsOf(transfer);
    const copies = `${filesText(copied.count)}, ${bytesText(copied.bytes)} copied`;
    return told === '' ? copies : `${copies}; ${told}`;
  }
  if (told !== '') return told;
  return metadata?.type_url?.replace(/^.*\//, '') ?? '';
}

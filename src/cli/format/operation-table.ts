import type { OperationMessage, TransferOperationMessage } from '../../client/messages.ts';
import { errorOf, transferOf } from '../../client/payloads.ts';
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

/** What is worth knowing of it in a few words, beside its name and its state. */
export function detailOf(operation: OperationMessage, transfer?: TransferOperationMessage): string {
  const told = failureOf(operation);
  if (transfer !== undefined) {
    const { copied } = totalsOf(transfer);
    const copies = `${filesText(copied.count)}, ${bytesText(copied.bytes)} copied`;
    return told === '' ? copies : `${copies}; ${told}`;
  }
  if (told !== '' || operation.error !== undefined) return told;
  return operation.metadata?.type_url?.replace(/^.*\//, '') ?? '';
}

/** Why it has failed, without what the line says already: its name, and that it was cancelled. */
function failureOf(operation: OperationMessage): string {
  const error = errorOf(operation);
  if (error === undefined) return '';
  const { cancelReason = '', stopConfirmed } = error.info?.metadata ?? {};
  if (error.info?.reason === 'OPERATION_CANCELLED') {
    return [
      ...(cancelReason === 'user' ? [] : [cancelReason.replaceAll('-', ' ')]),
      ...(stopConfirmed === 'false' ? ['its stop is not confirmed'] : []),
    ].join('; ');
  }
  return withoutName(error.message, operation.name ?? '');
}

function withoutName(message: string, name: string): string {
  if (name === '') return message;
  const rest = message.startsWith(name) ? message.slice(name.length).replace(/^:? +/, '') : message;
  return rest.replaceAll(name, 'it');
}

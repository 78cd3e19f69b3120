import type { OperationSummaryMessage } from '../../client/control-messages.ts';
import type { OperationMessage, TransferOperationMessage } from '../../client/messages.ts';
import { errorOf, transferOf } from '../../client/payloads.ts';
import { timeOf } from '../../client/times.ts';
import { attemptFailureText, failureWaitedAfter } from './attempt-failure.ts';
import { bytesText, filesText, itemsText } from './amounts.ts';
import { localTimeText } from './local-time.ts';
import { stateOf, stateWord, toneOf } from './operation-state.ts';
import { tableLines, type Column } from './table.ts';
import type { Looks } from '../terminal.ts';
import { totalsOf } from '../transfer/totals.ts';

const COLUMNS: readonly Column[] = [
  { title: 'NAME', cut: 'middle' },
  { title: 'STATE' },
  { title: 'STARTED' },
  { title: 'DETAIL', cut: 'end' },
];

/** Operations as a table with titles. @param summaries  what more is known of some of them, by name. */
export function operationTable(
  operations: readonly OperationMessage[],
  { width, style }: Looks,
  summaries: ReadonlyMap<string, OperationSummaryMessage> = new Map(),
): readonly string[] {
  const rows = operations.map((operation) => rowOf(operation, summaries.get(operation.name ?? '')));
  const lines = tableLines(COLUMNS, rows, width);
  return lines.map((line, index) => {
    if (index === 0) return style(line, 'faint');
    const state = rows[index - 1]?.[1] ?? '';
    return line.replace(`  ${state}`, `  ${style(state, toneOf(state))}`);
  });
}

function rowOf(operation: OperationMessage, summary?: OperationSummaryMessage): readonly string[] {
  const transfer = transferOf(operation);
  if (summary?.state !== undefined) {
    const { state, startTime } = summary;
    const started = localTimeText(timeOf(startTime));
    return [operation.name ?? '', stateWord(state), started, summaryDetail(operation, summary)];
  }
  return [
    operation.name ?? '',
    stateOf(operation, transfer),
    localTimeText(timeOf(transfer?.startTime)),
    detailOf(operation, transfer),
  ];
}

/** How far it has come, and why it waits or has failed; without progress the same as `detailOf`. */
export function summaryDetail(operation: OperationMessage, summary: OperationSummaryMessage): string {
  const { progress } = summary;
  const measures = [
    ...(progress?.items === undefined ? [] : [itemsText(Number(progress.items.done ?? 0))]),
    ...(progress?.bytes === undefined ? [] : [bytesText(Number(progress.bytes.done ?? 0))]),
  ].join(', ');
  if (measures === '') return detailOf(operation, undefined, summary);
  const told = troubleOf(operation, summary);
  return told === '' ? measures : `${measures}; ${told}`;
}

/** What is worth knowing of it in a few words, beside its name and its state. */
export function detailOf(
  operation: OperationMessage,
  transfer?: TransferOperationMessage,
  summary: OperationSummaryMessage = {},
): string {
  const told = troubleOf(operation, summary);
  if (transfer !== undefined) {
    const { copied } = totalsOf(transfer);
    const copies = `${filesText(copied.count)}, ${bytesText(copied.bytes)} copied`;
    return told === '' ? copies : `${copies}; ${told}`;
  }
  if (told !== '' || operation.error !== undefined) return told;
  return operation.metadata?.type_url?.replace(/^.*\//, '') ?? '';
}

function troubleOf(operation: OperationMessage, summary: OperationSummaryMessage): string {
  const failure = failureWaitedAfter(summary);
  if (failure === undefined) return failureOf(operation);
  return `waits after ${withoutName(attemptFailureText(failure), operation.name ?? '')}`;
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

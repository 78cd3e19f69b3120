import { payloadJson } from '../../client/json.ts';
import type { OperationMessage, TransferOperationMessage, WireAny } from '../../client/messages.ts';
import { errorOf, transferOf } from '../../client/payloads.ts';
import { timeOf } from '../../client/times.ts';
import { bytesText, filesText } from './amounts.ts';
import { errorLines } from './error-text.ts';
import { fieldLines, type Field } from './fields.ts';
import { localTimeText } from './local-time.ts';
import { stateOf } from './operation-state.ts';
import { failureLines } from '../transfer/summary-lines.ts';
import { totalsOf, type Amount } from '../transfer/totals.ts';

/** An operation, fact by fact. */
export function operationLines(operation: OperationMessage): readonly string[] {
  const transfer = transferOf(operation);
  const error = errorOf(operation);
  return [
    ...fieldLines([
      ['Name', operation.name],
      ['State', stateOf(operation, transfer)],
      ['Error', error === undefined ? undefined : errorLines(error)],
      ...(transfer === undefined ? payloadFields('Metadata', operation.metadata) : transferFields(transfer)),
      ...(transfer === undefined ? payloadFields('Response', operation.response) : []),
    ]),
    ...(transfer === undefined ? [] : failureLines(transfer, error?.message)),
  ];
}

function transferFields(transfer: TransferOperationMessage): readonly Field[] {
  const { copied, skipped, failed, left } = totalsOf(transfer);
  const { transferSpec, transferJobName, projectId, startTime, endTime } = transfer;
  return [
    ['Job', transferJobName],
    ['Project', projectId],
    ['From', transferSpec?.posixDataSource?.rootDirectory],
    ['To', transferSpec?.posixDataSink?.rootDirectory],
    ['Started', startTime === undefined ? undefined : localTimeText(timeOf(startTime))],
    ['Ended', endTime === undefined ? undefined : localTimeText(timeOf(endTime))],
    ['Copied', amountText(copied)],
    ['Skipped', someText(skipped)],
    ['Failed', someText(failed)],
    ['Left', someText(left)],
  ];
}

function payloadFields(name: string, any: WireAny | undefined): readonly Field[] {
  if (any === undefined) return [];
  return [[name, JSON.stringify(payloadJson(any), undefined, 2).split('\n')]];
}

function someText(amount: Amount): string | undefined {
  return amount.count === 0 ? undefined : amountText(amount);
}

function amountText({ count, bytes }: Amount): string {
  return `${filesText(count)}, ${bytesText(bytes)}`;
}

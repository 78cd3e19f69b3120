import { describe, expect, test } from '@jest/globals';
import { messageName } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import { STATES, type Operation } from '../../src/operations/operation.ts';
import { TRANSFER_STATUS } from '../../src/operations/transfer-filter.ts';
import { decodeMessage, packAny, unpackAny, type Message } from '../../src/schema/protos.ts';
import { presentTransfer } from '../../src/schema/transfer-presenter.ts';
import { encodeTransferProgress } from '../../src/schema/transfer-state.ts';
import { sampleOperation } from '../operations/sample-operation.ts';
import { SPEC } from '../transfers/jobs/sample-job.ts';

const TRANSFER_OPERATION = 'google.storagetransfer.v1.TransferOperation';

function transfer(changes: Partial<Operation> = {}): Operation {
  const request = packAny(TRANSFER_OPERATION, {
    projectId: 'p',
    transferSpec: SPEC,
    transferJobName: 'transferJobs/1',
  });
  return sampleOperation({ name: 'transferOperations/transferJobs-1-7', request, ...changes });
}

function shown(operation: Operation): Message {
  const any = presentTransfer(operation);
  expect(any === undefined ? '' : messageName(any)).toBe(TRANSFER_OPERATION);
  return any === undefined ? {} : (unpackAny(any) ?? {});
}

describe('a transfer as clients see it', () => {
  test('shows what it is for before it has begun', () => {
    expect(shown(transfer())).toEqual({
      name: 'transferOperations/transferJobs-1-7',
      projectId: 'p',
      transferSpec: { ...SPEC, dataSource: 'posixDataSource', dataSink: 'posixDataSink' },
      transferJobName: 'transferJobs/1',
      status: 'QUEUED',
    });
  });

  test.each(STATES.map((state) => [state, TRANSFER_STATUS[state]] as const))('shows %s as %s', (state, status) => {
    expect(shown(transfer({ state }))['status']).toBe(status);
  });

  test.each([
    // A cancel that is under way is not yet an end; "aborted by the user" is.
    ['CANCELLING', 'IN_PROGRESS'],
    ['CANCELLED', 'ABORTED'],
  ] as const)('shows a cancel that is %s as %s', (state, status) => {
    expect(shown(transfer({ state }))['status']).toBe(status);
  });

  test('shows its times to the millisecond', () => {
    const operation = transfer({ state: 'SUCCEEDED', startTimeMs: 1_700_000_000_123, endTimeMs: 1_700_000_001_000 });

    expect(shown(operation)).toMatchObject({
      startTime: { seconds: '1700000000', nanos: 123_000_000 },
      endTime: { seconds: '1700000001' },
    });
  });

  test('shows the counters and failures that were reported last', () => {
    const metadata = encodeTransferProgress({
      counters: { objectsCopiedToSink: 3, bytesCopiedToSink: 5_000_000_000 },
      errorBreakdowns: [
        { code: Code.NOT_FOUND, count: 7, samples: [{ url: 'file:///data/a', details: ['a not found'] }] },
      ],
    });

    expect(shown(transfer({ state: 'RUNNING', startTimeMs: 1000, metadata }))).toMatchObject({
      status: 'IN_PROGRESS',
      counters: { objectsCopiedToSink: '3', bytesCopiedToSink: '5000000000' },
      errorBreakdowns: [
        {
          errorCode: 'NOT_FOUND',
          errorCount: '7',
          errorLogEntries: [{ url: 'file:///data/a', errorDetails: ['a not found'] }],
        },
      ],
    });
  });

  test('shows nothing of metadata that is no progress of a transfer', () => {
    const metadata = packAny('google.rpc.Status', { code: 5, message: 'x' });

    expect(shown(transfer({ metadata }))).toEqual(shown(transfer()));
  });

  test('has one spelling of each field, as a message encoded at once would', () => {
    const metadata = encodeTransferProgress({ counters: { objectsCopiedToSink: 3 }, errorBreakdowns: [] });
    const any = presentTransfer(transfer({ state: 'RUNNING', startTimeMs: 1000, metadata }));

    const bytes = any?.value ?? new Uint8Array(0);
    const again = packAny(TRANSFER_OPERATION, decodeMessage(TRANSFER_OPERATION, bytes)).value;

    expect(again.length).toBe(bytes.length);
  });
});

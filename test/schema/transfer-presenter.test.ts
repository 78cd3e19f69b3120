import { describe, expect, test } from '@jest/globals';
import { EMPTY, messageName } from '../../src/core/any.ts';
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

  describe('that something has stopped as a whole', () => {
    const FULL = {
      code: Code.RESOURCE_EXHAUSTED,
      message: 'file:///to: the sink is full',
      info: { reason: 'TRANSFER_CANNOT_CONTINUE', metadata: { url: 'file:///to' } },
    };
    const failed = { attemptCount: 2, failureCount: 2, failure: { status: FULL, timeMs: 1000, attempt: 2 } };
    const NEXT =
      'attempt 2 ended at 1970-01-01T00:00:01.000Z, after 2 of at most 3 failures; the next begins at 1970-01-01T00:00:01.000Z or soon after';
    const summary = (details: readonly string[]): object => ({
      errorCode: 'RESOURCE_EXHAUSTED',
      errorCount: '1',
      errorLogEntries: [{ url: 'file:///to', errorDetails: details }],
    });

    test('says why while it waits, and when it goes on', () => {
      expect(shown(transfer(failed))['errorBreakdowns']).toEqual([summary([FULL.message, NEXT])]);
      const paused = NEXT.replace(/begins .*/, 'begins when it is resumed');
      expect(shown(transfer({ ...failed, state: 'PAUSED' }))['errorBreakdowns']).toEqual([
        summary([FULL.message, paused]),
      ]);
      expect(shown(transfer({ ...failed, dueTimeMs: 0, deathCount: 1 }))['errorBreakdowns']).toEqual([
        summary([
          FULL.message,
          NEXT.replace('failures', 'failures and 1 deaths').replace(/begins .*/, 'begins as soon as a worker is free'),
        ]),
      ]);
    });

    test('says why it has failed', () => {
      expect(shown(transfer({ state: 'FAILED', result: { error: FULL } }))['errorBreakdowns']).toEqual([
        summary([FULL.message]),
      ]);
    });

    test.each([
      ['runs again', { ...failed, state: 'RUNNING' }],
      ['was handed back by its next attempt', { ...failed, attemptCount: 3 }],
      ['has succeeded', { ...failed, state: 'SUCCEEDED', result: { response: EMPTY } }],
      ['was cancelled', { ...failed, state: 'CANCELLED', result: { error: { code: Code.CANCELLED, message: '' } } }],
    ] as const)('says nothing of it when it %s', (_, changes) => {
      expect(shown(transfer(changes))['errorBreakdowns']).toBeUndefined();
    });

    test('has one summary for each code, with at most five samples, and the fault is the first of them', () => {
      const samples = ['1', '2', '3', '4', '5'].map((name) => ({ url: `file:///from/${name}`, details: ['full'] }));
      const metadata = encodeTransferProgress({
        counters: { objectsFromSourceFailed: 9 },
        errorBreakdowns: [
          { code: Code.NOT_FOUND, count: 2, samples: [] },
          { code: Code.RESOURCE_EXHAUSTED, count: 7, samples },
        ],
      });

      const message = shown(transfer({ ...failed, metadata }));
      expect(message['counters']).toEqual({ objectsFromSourceFailed: '9' });
      expect(message['errorBreakdowns']).toMatchObject([
        {
          errorCode: 'RESOURCE_EXHAUSTED',
          errorCount: '8',
          errorLogEntries: ['file:///to', ...samples.slice(0, 4).map(({ url }) => url)].map((url) => ({ url })),
        },
        { errorCode: 'NOT_FOUND', errorCount: '2' },
      ]);
    });

    test.each(['TRANSFER_OBJECTS_FAILED', 'TRANSFER_ALL_OBJECTS_FAILED'])(
      'counts no failures of objects twice (%s)',
      (reason) => {
        const metadata = encodeTransferProgress({
          counters: {},
          errorBreakdowns: [{ code: Code.NOT_FOUND, count: 2, samples: [] }],
        });
        const error = { code: Code.NOT_FOUND, message: '2 of the objects', info: { reason } };
        expect(shown(transfer({ state: 'FAILED', metadata, result: { error } }))['errorBreakdowns']).toEqual([
          { errorCode: 'NOT_FOUND', errorCount: '2' },
        ]);
      },
    );

    test.each([
      ['of a store by the name that the store has', { resource: 's3://b/k' }, { url: 's3://b/k' }],
      ['of a directory by its URL', { path: '/a b' }, { url: 'file:///a%20b' }],
      ['of no place by none', {}, { url: '' }],
    ])('names the place %s', (_, metadata, place) => {
      const error = { ...FULL, info: { reason: 'R', metadata } };
      expect(shown(transfer({ state: 'FAILED', result: { error } }))['errorBreakdowns']).toEqual([
        {
          errorCode: 'RESOURCE_EXHAUSTED',
          errorCount: '1',
          errorLogEntries: [{ ...place, errorDetails: [FULL.message] }],
        },
      ]);
    });
  });
});

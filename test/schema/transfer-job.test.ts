import { describe, expect, test } from '@jest/globals';
import { DEFAULT_BUCKET_METADATA } from '../../src/transfers/bucket-metadata.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { transferJobCodec } from '../../src/schema/transfer-job.ts';
import { transferRequestOf } from '../../src/schema/transfer-request.ts';
import type { TransferJob } from '../../src/transfers/jobs/transfer-job.ts';
import { SPEC } from '../transfers/jobs/sample-job.ts';

const JOB: TransferJob = {
  name: 'transferJobs/1',
  projectId: 'p',
  description: 'nightly',
  status: 'DISABLED',
  transferSpec: { ...SPEC, transferOptions: { overwriteWhen: 'NEVER', metadataOptions: { gid: 'GID_SKIP' } } },
  createTimeMs: 1_700_000_000_001,
  modifyTimeMs: 1_700_000_000_999,
};

const { transferSpec: _spec, ...WITHOUT_SPEC } = JOB;

describe('a stored job', () => {
  test.each<[string, TransferJob]>([
    ['that never ran', JOB],
    ['that ran', { ...JOB, latestOperationName: 'transferOperations/transferJobs-1-7' }],
    [
      'that is scheduled',
      {
        ...JOB,
        schedule: { scheduleStartDate: { year: 2026, month: 1, day: 2 }, startTimeOfDay: {} },
        scheduleTimeMs: 1_700_000_000_001,
        runTimeMs: 1_700_000_000_002,
      },
    ],
    [
      'that replicates',
      {
        ...WITHOUT_SPEC,
        replicationSpec: { gcsDataSource: { bucketName: 'a' }, gcsDataSink: { bucketName: 'b' } },
        notificationConfig: { pubsubTopic: 'projects/p/topics/t', payloadFormat: 'NONE' },
        loggingConfig: { logActions: ['COPY'] },
        eventStream: { name: 'projects/p/subscriptions/s' },
      },
    ],
    ['that is deleted', { ...JOB, status: 'DELETED', deleteTimeMs: 1_700_000_001_500 }],
  ])('%s reads back as it was written', (_title, job) => {
    expect(transferJobCodec.decode(transferJobCodec.encode(job))).toEqual(job);
  });
});

test('a run tells its worker what is to be logged', () => {
  const loggingConfig = { logActions: ['COPY'], logActionStates: ['FAILED'], enableOnpremGcsTransferLogs: true };
  const request = transferJobCodec.encodeRequest({ ...JOB, loggingConfig });

  const { logged } = transferRequestOf({
    name: 'transferOperations/transferJobs-1-7',
    request,
    startTimeMs: 1_700_000_000_000,
  });

  expect(logged).toEqual({ actions: ['COPY'], states: ['FAILED'], fileSystemLog: true });
});

test('a run asks its worker for what its job said when it started', () => {
  const request = transferJobCodec.encodeRequest(JOB);

  expect(
    transferRequestOf({ name: 'transferOperations/transferJobs-1-7', request, startTimeMs: 1_700_000_000_000 }),
  ).toEqual({
    operationName: 'transferOperations/transferJobs-1-7',
    projectId: 'p',
    transferJobName: 'transferJobs/1',
    startTimeMs: 1_700_000_000_000,
    spec: {
      source: { kind: 'posix', rootDirectory: '/data/from' },
      sink: { kind: 'posix', rootDirectory: '/data/to' },
      overwriteWhen: 'NEVER',
      metadata: NOTHING_PRESERVED,
      bucketMetadata: DEFAULT_BUCKET_METADATA,
      deletes: 'nothing',
    },
  });
});

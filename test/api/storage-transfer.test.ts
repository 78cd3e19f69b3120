import { beforeEach, describe, expect, test } from '@jest/globals';
import { EMPTY } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import { claim, complete } from '../../src/operations/lease.ts';
import { domainAny, findService, unpackAny, type Message, type WireAny } from '../../src/schema/protos.ts';
import { JOB, SPEC } from '../transfers/jobs/sample-job.ts';
import { openStorageTransfer, refusalOf, type StorageTransferHarness } from './storage-transfer-harness.ts';

const DAY_MS = 86_400_000;
const GCLOUD_MASK = ['description', 'logging_config', 'notification_config', 'schedule', 'status', 'transfer_spec'];

let api: StorageTransferHarness;

beforeEach(async () => {
  api = await openStorageTransfer();
});

const create = (job: Message = {}) => api.transfer('CreateTransferJob', { transferJob: { ...JOB, ...job } });
const get = (jobName: string, projectId = 'p') => api.transfer('GetTransferJob', { jobName, projectId });
const run = (jobName: string, projectId = 'p') => api.transfer('RunTransferJob', { jobName, projectId });
const remove = (jobName: string) => api.transfer('DeleteTransferJob', { jobName, projectId: 'p' });
const update = (jobName: string, transferJob: Message, paths?: string[]) =>
  api.transfer('UpdateTransferJob', {
    jobName,
    projectId: 'p',
    transferJob,
    ...(paths === undefined ? {} : { updateTransferJobFieldMask: { paths } }),
  });

async function list(filter: Message, page: Message = {}): Promise<{ names: unknown[]; nextPageToken: string }> {
  const response = await api.transfer('ListTransferJobs', { filter: JSON.stringify(filter), ...page });
  const jobs = (response['transferJobs'] ?? []) as readonly Message[];
  return { names: jobs.map((job) => job['name']), nextPageToken: (response['nextPageToken'] ?? '') as string };
}

function metadataOf(operation: Message): Message {
  return unpackAny(domainAny(operation['metadata'] as WireAny)) ?? {};
}

/** What a worker does: claims the operation and ends it well. */
async function finish(name: string): Promise<void> {
  await api.database.operations.update(name, (operation, now) => claim(operation, now, 's'));
  await api.database.operations.update(name, (operation, now) =>
    complete(operation, now, { name, fence: operation.fence }, EMPTY),
  );
}

test('a job whose record is damaged is DATA_LOSS by its name, and the others are served', async () => {
  await create({ name: 'transferJobs/a' });
  await create({ name: 'transferJobs/b' });
  const name = 'projects/p/transferJobs/a';
  const value = Uint8Array.of(0xff);
  await api.database.resources.write([
    { kind: 'transfer-job', name, revision: 1, next: { collection: 'p', createTimeMs: 1, value } },
  ]);

  const damaged = { code: Code.DATA_LOSS, info: { reason: 'STORAGE_CORRUPT', metadata: { transferJob: name } } };
  expect(await refusalOf(get('transferJobs/a'))).toMatchObject(damaged);
  expect(await refusalOf(run('transferJobs/a'))).toMatchObject(damaged);
  expect(await refusalOf(list({ projectId: 'p' }))).toMatchObject(damaged);
  expect((await get('transferJobs/b'))['name']).toBe('transferJobs/b');
});

describe('CreateTransferJob', () => {
  test('assigns a name of decimal digits, and the times', async () => {
    const job = await create({ description: 'nightly' });

    expect(job).toMatchObject({ projectId: 'p', description: 'nightly', status: 'ENABLED', transferSpec: SPEC });
    expect(job['name']).toMatch(/^transferJobs\/\d+$/);
    expect(job['creationTime']).toMatchObject({ seconds: String(api.clock.now() / 1000) });
    expect(job['lastModificationTime']).toEqual(job['creationTime']);
    expect(job).not.toHaveProperty('latestOperationName');
    expect(await get(job['name'] as string)).toEqual(job);
  });

  test('takes the name given', async () => {
    expect(await create({ name: 'transferJobs/OPI-nightly' })).toMatchObject({ name: 'transferJobs/OPI-nightly' });
  });

  // "If the specified name is in use by a job, the creation request fails with an ALREADY_EXISTS error."
  test('of a name in use is ALREADY_EXISTS, of a deleted job’s name too', async () => {
    await create({ name: 'transferJobs/a' });
    expect((await refusalOf(create({ name: 'transferJobs/a' }))).code).toBe(Code.ALREADY_EXISTS);
    await remove('transferJobs/a');

    const error = await refusalOf(create({ name: 'transferJobs/a' }));

    expect(error.info).toEqual({
      reason: 'TRANSFER_JOB_EXISTS',
      metadata: { transferJob: 'transferJobs/a', projectId: 'p' },
    });
    expect(error.code).toBe(Code.ALREADY_EXISTS);
  });

  // "A unique name (within the transfer project)".
  test('may take a name that another project uses', async () => {
    await create({ name: 'transferJobs/a', description: 'of p' });
    await create({ name: 'transferJobs/a', projectId: 'q', description: 'of q' });

    expect(await get('transferJobs/a')).toMatchObject({ description: 'of p' });
    expect(await get('transferJobs/a', 'q')).toMatchObject({ description: 'of q' });
  });

  test.each<[string, Message, Code]>([
    ['without a job', {}, Code.INVALID_ARGUMENT],
    ['with a bad name', { transferJob: { ...JOB, name: 'transferJobs/a:b' } }, Code.INVALID_ARGUMENT],
    ['without a status', { transferJob: { ...JOB, status: 'STATUS_UNSPECIFIED' } }, Code.INVALID_ARGUMENT],
    // "This value may not be less than 1 hour."
    [
      'with runs every second',
      {
        transferJob: {
          ...JOB,
          schedule: { scheduleStartDate: { year: 2026, month: 1, day: 2 }, repeatInterval: { seconds: 1 } },
        },
      },
      Code.INVALID_ARGUMENT,
    ],
    [
      'from a container of no account',
      {
        transferJob: {
          ...JOB,
          transferSpec: { azureBlobStorageDataSource: { container: 'photos' }, posixDataSink: SPEC.posixDataSink },
        },
      },
      Code.INVALID_ARGUMENT,
    ],
  ])('%s is refused and stores nothing', async (_title, request, code) => {
    expect((await refusalOf(api.transfer('CreateTransferJob', request))).code).toBe(code);
    expect((await list({ projectId: 'p' })).names).toEqual([]);
  });

  test('of a tree that is not to be touched is refused and stores nothing', async () => {
    api.forbiddenRoots.add('/data/to');

    expect((await refusalOf(create())).code).toBe(Code.PERMISSION_DENIED);
    expect((await list({ projectId: 'p' })).names).toEqual([]);
  });
});

describe('every method that names a job', () => {
  test.each(['GetTransferJob', 'DeleteTransferJob', 'RunTransferJob', 'UpdateTransferJob'])(
    '%s needs its project',
    async (rpc) => {
      await create({ name: 'transferJobs/a' });
      const request = { jobName: 'transferJobs/a', transferJob: { description: 'x' } };

      const refusals = await Promise.all([
        refusalOf(api.transfer(rpc, request)),
        refusalOf(api.transfer(rpc, { ...request, projectId: 'q' })),
        refusalOf(api.transfer(rpc, { ...request, projectId: 'p', jobName: 'transferJobs/b' })),
        refusalOf(api.transfer(rpc, { ...request, projectId: 'p', jobName: '' })),
        refusalOf(api.transfer(rpc, { ...request, projectId: 'p', jobName: 'transferJobs' })),
      ]);

      expect(refusals.map((error) => error.code)).toEqual([
        Code.INVALID_ARGUMENT,
        Code.NOT_FOUND,
        Code.NOT_FOUND,
        Code.INVALID_ARGUMENT,
        Code.INVALID_ARGUMENT,
      ]);
    },
  );
});

describe('ListTransferJobs', () => {
  async function threeJobs(): Promise<void> {
    for (const [id, status] of [
      ['a', 'ENABLED'],
      ['b', 'DISABLED'],
      ['c', 'ENABLED'],
    ]) {
      api.clock.shift(1000);
      await create({ name: `transferJobs/${String(id)}`, status });
    }
    await create({ name: 'transferJobs/z', projectId: 'q' });
    await remove('transferJobs/c');
  }

  test.each<[string, Message, string[]]>([
    ['everything of a project, deleted jobs too, the newest first', {}, ['c', 'b', 'a']],
    ['what gcloud asks for', { jobNames: null, jobStatuses: null }, ['c', 'b', 'a']],
    ['jobs by status', { jobStatuses: ['enabled', 'DISABLED'] }, ['b', 'a']],
    ['jobs by name, with the prefix or without', { jobNames: ['a', 'transferJobs/c', 'z', 'none'] }, ['c', 'a']],
    ['jobs by name and status', { jobNames: ['a', 'c'], jobStatuses: ['DELETED'] }, ['c']],
    ['no jobs of a bucket', { sourceBucket: 'b' }, []],
    ['no replication jobs', { dataBackend: 'QUERY_REPLICATION_CONFIGS' }, []],
  ])('lists %s', async (_title, filter, expected) => {
    await threeJobs();

    expect((await list({ projectId: 'p', ...filter })).names).toEqual(expected.map((id) => `transferJobs/${id}`));
  });

  test.each<[string, Message]>([
    ['', {}],
    [' by name', { jobNames: ['a', 'b', 'c'] }],
    [' by status', { jobStatuses: ['ENABLED', 'DISABLED', 'DELETED'] }],
  ])('pages through all jobs%s, whatever the page size', async (_title, members) => {
    await threeJobs();
    const filter = { projectId: 'p', ...members };
    const names: unknown[] = [];
    let pageToken = '';
    do {
      const pageSize = names.length === 0 ? 1 : 2;
      const page = await list(filter, { pageSize, pageToken });
      expect(page.names.length).toBeLessThanOrEqual(pageSize);
      names.push(...page.names);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');

    expect(names).toEqual(['transferJobs/c', 'transferJobs/b', 'transferJobs/a']);
  });

  test.each<[string, Message]>([
    ['', {}],
    [' by name', { jobNames: ['0', '1', '2', '3', '4'] }],
  ])('gives pages%s that fit into a message, however large the jobs are', async (_title, members) => {
    const includePrefixes = Array.from({ length: 1000 }, (_, index) => `${String(index)}-`.padEnd(1024, 'x'));
    const transferSpec = { ...SPEC, objectConditions: { includePrefixes } };
    for (const id of '01234') await create({ name: `transferJobs/${id}`, transferSpec });
    const counts: number[] = [];
    let pageToken = '';
    do {
      const page = await list({ projectId: 'p', ...members }, { pageSize: 256, pageToken });
      counts.push(page.names.length);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');

    expect(counts).toEqual([3, 2]);
  });

  test('of a bucket, or of replications, finds those', async () => {
    await create({ name: 'transferJobs/directories' });
    const replicationSpec = { gcsDataSource: { bucketName: 'from' }, gcsDataSink: { bucketName: 'to' } };
    await create({ name: 'transferJobs/buckets', transferSpec: null, replicationSpec });

    const found = await Promise.all([
      list({ projectId: 'p', dataBackend: 'QUERY_REPLICATION_CONFIGS' }),
      list({ projectId: 'p', sourceBucket: 'from', sinkBucket: 'to' }),
      list({ projectId: 'p', sourceBucket: 'to' }),
    ]);

    expect(found.map(({ names }) => names)).toEqual([['transferJobs/buckets'], ['transferJobs/buckets'], []]);
  });

  test('refuses tokens of another filter, forged ones, and negative page sizes', async () => {
    await threeJobs();
    const { nextPageToken: pageToken } = await list({ projectId: 'p' }, { pageSize: 1 });

    const refusals = await Promise.all([
      refusalOf(list({ projectId: 'q' }, { pageToken })),
      refusalOf(list({ projectId: 'p' }, { pageToken: `${pageToken}x` })),
      refusalOf(list({ projectId: 'p' }, { pageSize: -1 })),
      refusalOf(list({})),
    ]);

    expect(refusals.map((error) => error.code)).toEqual(Array(4).fill(Code.INVALID_ARGUMENT));
  });
});

describe('UpdateTransferJob', () => {
  test('as gcloud sends it changes what is new and keeps the rest', async () => {
    const read = await create({ name: 'transferJobs/a' });
    api.clock.shift(1000);

    // gcloud sends the job it has read back whole, but for its project.
    const { projectId: _projectId, ...job } = read;
    const loggingConfig = { enableOnpremGcsTransferLogs: false };
    await update('transferJobs/a', { ...job, status: 'DISABLED', loggingConfig }, GCLOUD_MASK);

    expect(await get('transferJobs/a')).toEqual({
      ...read,
      status: 'DISABLED',
      lastModificationTime: { seconds: String(api.clock.now() / 1000), nanos: 0 },
    });
  });

  test('as gcloud sends it, whole and with its schedule, keeps the schedule and when it is due', async () => {
    const schedule = { scheduleStartDate: { year: 2026, month: 1, day: 3 }, startTimeOfDay: { hours: 9 } };
    const read = await create({ name: 'transferJobs/a', schedule });
    const due = await api.database.resources.due('transfer-job', Number.MAX_SAFE_INTEGER, 1);
    const { projectId: _projectId, ...job } = read;

    const updated = await update('transferJobs/a', { ...job, description: 'new' }, GCLOUD_MASK);

    expect(updated).toMatchObject({ ...read, description: 'new' });
    expect(updated).toMatchObject({ schedule });
    const [after] = await api.database.resources.due('transfer-job', Number.MAX_SAFE_INTEGER, 1);
    expect(after?.dueTimeMs).toBe(Date.UTC(2026, 0, 3, 9));
    expect(due[0]?.dueTimeMs).toBe(after?.dueTimeMs);
  });

  test.each<[string, Message, string[]]>([
    ['an empty one, which the real API returns', { schedule: {} }, ['schedule']],
    ['none', {}, ['schedule']],
  ])('of the schedule to %s takes it away', async (_title, job, mask) => {
    await create({ name: 'transferJobs/a', schedule: { scheduleStartDate: { year: 2026, month: 1, day: 3 } } });

    expect(await update('transferJobs/a', job, mask)).not.toHaveProperty('schedule');
    expect(await api.database.resources.due('transfer-job', Number.MAX_SAFE_INTEGER, 1)).toEqual([]);
  });

  test('of a part of the schedule keeps the rest', async () => {
    const schedule = { scheduleStartDate: { year: 2026, month: 1, day: 3 }, startTimeOfDay: { hours: 9 } };
    await create({ name: 'transferJobs/a', schedule });
    const repeatInterval = { seconds: '7200', nanos: 0 };

    const job = await update('transferJobs/a', { schedule: { repeatInterval } }, ['schedule.repeat_interval']);

    expect(job).toMatchObject({ schedule: { ...schedule, repeatInterval } });
  });

  test('as the Node client’s sample sends it changes the options', async () => {
    await create({ name: 'transferJobs/a' });

    const transferSpec = { transferOptions: { overwriteWhen: 'ALWAYS' } };
    await update('transferJobs/a', { transferSpec }, ['transfer_spec.transfer_options']);

    expect(await get('transferJobs/a')).toMatchObject({ transferSpec: { ...SPEC, ...transferSpec } });
  });

  test.each<[string, Message, string[], Code]>([
    ['another field', { serviceAccount: 'x' }, ['service_account'], Code.INVALID_ARGUMENT],
    [
      'a spec that is incomplete',
      { transferSpec: { posixDataSource: SPEC.posixDataSource } },
      ['transfer_spec'],
      Code.INVALID_ARGUMENT,
    ],
    ['a status to none', {}, ['status'], Code.INVALID_ARGUMENT],
    ['half a date', { schedule: { scheduleStartDate: { year: 2026 } } }, ['schedule'], Code.INVALID_ARGUMENT],
    ['a log of nothing known', { loggingConfig: { logActions: [9] } }, ['logging_config'], Code.INVALID_ARGUMENT],
    ['half a topic', { notificationConfig: { pubsubTopic: 't' } }, ['notificationConfig'], Code.INVALID_ARGUMENT],
    ['a replication', { replicationSpec: {} }, ['replication_spec'], Code.INVALID_ARGUMENT],
    [
      'a bucket on the way to a bucket',
      {
        transferSpec: {
          posixDataSource: SPEC.posixDataSource,
          gcsDataSink: { bucketName: 'bucket' },
          gcsIntermediateDataLocation: { bucketName: 'bucket' },
        },
      },
      ['transfer_spec'],
      Code.INVALID_ARGUMENT,
    ],
  ])('of %s is refused and changes nothing', async (_title, job, mask, code) => {
    const before = await create({ name: 'transferJobs/a' });

    expect(
      (await refusalOf(update('transferJobs/a', { description: 'new', ...job }, ['description', ...mask]))).code,
    ).toBe(code);
    expect(await get('transferJobs/a')).toEqual(before);
  });

  test('as gcloud sends it keeps notifications and logs that it was sent, and takes away those it was not', async () => {
    const notificationConfig = { pubsubTopic: 'projects/p/topics/t', payloadFormat: 'JSON' };
    const loggingConfig = { logActions: ['COPY'], logActionStates: ['FAILED'] };
    const read = await create({ name: 'transferJobs/a', notificationConfig, loggingConfig });
    const { projectId: _projectId, notificationConfig: _notifications, ...job } = read;

    const updated = await update('transferJobs/a', { ...job, status: 'DISABLED' }, GCLOUD_MASK);

    expect(read).toMatchObject({ notificationConfig });
    expect(updated).toMatchObject({ loggingConfig });
    expect(updated).not.toHaveProperty('notificationConfig');
  });

  test('to a tree that is not to be touched is refused; the job can still be disabled', async () => {
    await create({ name: 'transferJobs/a' });
    api.forbiddenRoots.add('/data/to').add('/forbidden');
    const transferSpec = { ...SPEC, posixDataSource: { rootDirectory: '/forbidden' } };

    const error = await refusalOf(update('transferJobs/a', { transferSpec }));

    expect(error.code).toBe(Code.PERMISSION_DENIED);
    expect(await update('transferJobs/a', { status: 'DISABLED' })).toMatchObject({ status: 'DISABLED' });
  });

  // "Updating a job's transfer spec does not affect transfer operations that are running already."
  test('does not reach an operation that was started', async () => {
    await create({ name: 'transferJobs/a' });
    const operation = await run('transferJobs/a');

    await update('transferJobs/a', { transferSpec: { ...SPEC, posixDataSink: { rootDirectory: '/elsewhere' } } });

    const running = await api.longrunning('GetOperation', { name: operation['name'] });
    expect(metadataOf(running)).toMatchObject({ transferSpec: SPEC });
  });

  test('while others update loses no change', async () => {
    await create({ name: 'transferJobs/a' });

    await Promise.all([
      update('transferJobs/a', { description: 'new' }, ['description']),
      update('transferJobs/a', { status: 'DISABLED' }, ['status']),
      run('transferJobs/a'),
    ]);

    const job = await get('transferJobs/a');
    expect(job).toMatchObject({ description: 'new', status: 'DISABLED' });
    expect(job['latestOperationName']).toMatch(/^transferOperations\//);
  });
});

describe('DeleteTransferJob', () => {
  test('keeps the job, as DELETED, for 30 days', async () => {
    await create({ name: 'transferJobs/a' });
    api.clock.shift(1000);
    const deletionTime = { seconds: String(api.clock.now() / 1000) };

    expect(await remove('transferJobs/a')).toEqual({});
    api.clock.shift(30 * DAY_MS - 1);
    await api.database.operations.purge(10);
    expect(await get('transferJobs/a')).toMatchObject({ status: 'DELETED', deletionTime });

    api.clock.shift(2);
    await api.database.operations.purge(10);
    expect((await refusalOf(get('transferJobs/a'))).code).toBe(Code.NOT_FOUND);
  });

  // "the job and all the transfer executions are subject to garbage collection … 30 days after their status is set to `DELETED`."
  test('lets the operations that had ended go with the job', async () => {
    await create({ name: 'transferJobs/a' });
    const { name } = await run('transferJobs/a');
    await api.longrunning('CancelOperation', { name });
    await remove('transferJobs/a');

    api.clock.shift(30 * DAY_MS + 1);
    await api.database.operations.purge(10);

    expect((await refusalOf(get('transferJobs/a'))).code).toBe(Code.NOT_FOUND);
    expect((await refusalOf(api.longrunning('GetOperation', { name }))).code).toBe(Code.NOT_FOUND);
  });

  test('of a deleted job changes nothing, as clients retry it', async () => {
    await create({ name: 'transferJobs/a' });
    await remove('transferJobs/a');
    const deleted = await get('transferJobs/a');
    api.clock.shift(1000);

    expect(await remove('transferJobs/a')).toEqual({});
    expect(await get('transferJobs/a')).toEqual(deleted);
  });

  test('can be taken back by an update of the status', async () => {
    await create({ name: 'transferJobs/a' });
    await remove('transferJobs/a');

    await update('transferJobs/a', { status: 'ENABLED' }, ['status']);

    expect(await get('transferJobs/a')).not.toHaveProperty('deletionTime');
    api.clock.shift(31 * DAY_MS);
    await api.database.operations.purge(10);
    expect(await get('transferJobs/a')).toMatchObject({ status: 'ENABLED' });
  });

  test('by an update of the status is the same', async () => {
    await create({ name: 'transferJobs/a' });

    const job = await update('transferJobs/a', { status: 'DELETED' }, ['status']);

    expect(job).toMatchObject({ status: 'DELETED', deletionTime: job['lastModificationTime'] });
  });
});

describe('RunTransferJob', () => {
  test('starts an operation that can be read and listed at once', async () => {
    await create({ name: 'transferJobs/a' });

    const operation = await run('transferJobs/a');

    expect(operation['name']).toMatch(/^transferOperations\/transferJobs-a-\d{1,20}$/);
    expect(metadataOf(operation)).toMatchObject({
      name: operation['name'],
      projectId: 'p',
      transferJobName: 'transferJobs/a',
      status: 'QUEUED',
      transferSpec: SPEC,
    });
    expect(await api.longrunning('GetOperation', { name: operation['name'] })).toEqual(operation);
    const filter = '{"projectId":"p","jobNames":["a"],"transferStatuses":["queued"]}';
    const page = await api.longrunning('ListOperations', { name: 'transferOperations', filter });
    expect(page['operations']).toEqual([operation]);
    expect(await get('transferJobs/a')).toMatchObject({ latestOperationName: operation['name'] });
  });

  // "If this method is called while a TransferOperation is active, an error is returned."
  test('while an operation is not done is ABORTED and names it', async () => {
    await create({ name: 'transferJobs/a' });
    const operation = await run('transferJobs/a');

    const error = await refusalOf(run('transferJobs/a'));

    expect(error.code).toBe(Code.ABORTED);
    expect(error.info).toEqual({
      reason: 'TRANSFER_JOB_HAS_ACTIVE_OPERATION',
      metadata: { transferJob: 'transferJobs/a', transferOperation: operation['name'] },
    });
    expect(await get('transferJobs/a')).toMatchObject({ latestOperationName: operation['name'] });
  });

  test('twenty times at once starts one operation', async () => {
    await create({ name: 'transferJobs/a' });

    const results = await Promise.allSettled(Array.from({ length: 20 }, () => run('transferJobs/a')));

    const started = results.filter((result) => result.status === 'fulfilled');
    const codes = results.flatMap((result) =>
      result.status === 'rejected' ? [(result.reason as { code: Code }).code] : [],
    );
    expect(started).toHaveLength(1);
    expect(codes).toEqual(Array(19).fill(Code.ABORTED));
    expect(await get('transferJobs/a')).toMatchObject({ latestOperationName: started[0]?.value['name'] });
  });

  test('is possible again when the operation is done', async () => {
    await create({ name: 'transferJobs/a' });
    const first = await run('transferJobs/a');
    await finish(first['name'] as string);

    const second = await run('transferJobs/a');

    expect(second['name']).not.toBe(first['name']);
    expect(await get('transferJobs/a')).toMatchObject({ latestOperationName: second['name'] });
  });

  test('of one project does not hold the job of the same name in another', async () => {
    await create({ name: 'transferJobs/a' });
    await create({ name: 'transferJobs/a', projectId: 'q' });
    await run('transferJobs/a');

    expect((await run('transferJobs/a', 'q'))['name']).toMatch(/^transferOperations\/transferJobs-a-/);
  });

  test('works on a DISABLED job, as only its schedule is off', async () => {
    await create({ name: 'transferJobs/a', status: 'DISABLED' });

    expect((await run('transferJobs/a'))['name']).toMatch(/^transferOperations\//);
  });

  test('of a DELETED job is FAILED_PRECONDITION', async () => {
    await create({ name: 'transferJobs/a' });
    await remove('transferJobs/a');

    expect((await refusalOf(run('transferJobs/a'))).code).toBe(Code.FAILED_PRECONDITION);
  });

  test('tells in its metadata what is logged and who is notified', async () => {
    const notificationConfig = { pubsubTopic: 'projects/p/topics/t', payloadFormat: 'JSON' };
    const loggingConfig = { logActions: ['COPY'], logActionStates: ['FAILED'] };
    await create({ name: 'transferJobs/a', notificationConfig, loggingConfig });

    expect(metadataOf(await run('transferJobs/a'))).toMatchObject({ notificationConfig, loggingConfig });
  });

  test.each<[string, Message]>([
    ['event_stream', { eventStream: { name: 'projects/p/subscriptions/s' } }],
    [
      'replication_spec',
      { transferSpec: null, replicationSpec: { gcsDataSource: { bucketName: 'a' }, gcsDataSink: { bucketName: 'b' } } },
    ],
  ])('of a job with %s is UNIMPLEMENTED, and the job is kept', async (field, members) => {
    await create({ name: 'transferJobs/a', ...members });

    const error = await refusalOf(run('transferJobs/a'));

    expect(error).toMatchObject({
      code: Code.UNIMPLEMENTED,
      info: { metadata: { transferJob: 'transferJobs/a', field: `transfer_job.${field}` } },
    });
    const { transferSpec: _spec, ...kept } = members;
    expect(await get('transferJobs/a')).toMatchObject(kept);
  });

  test('checks again whether the trees may be touched, and starts nothing when not', async () => {
    await create({ name: 'transferJobs/a' });
    api.forbiddenRoots.add('/data/from');

    expect((await refusalOf(run('transferJobs/a'))).code).toBe(Code.PERMISSION_DENIED);
    expect(await get('transferJobs/a')).not.toHaveProperty('latestOperationName');
  });
});

// operations.proto: a cancelled operation has "an Operation.error value with a google.rpc.Status.code of 1".
test('a run that is cancelled ends with code 1 and shows ABORTED; its job is as it was', async () => {
  await create({ name: 'transferJobs/a' });
  const { name } = await run('transferJobs/a');

  await api.longrunning('CancelOperation', { name });
  await api.longrunning('CancelOperation', { name });

  const operation = await api.longrunning('GetOperation', { name });
  expect(operation).toMatchObject({ done: true, error: { code: Code.CANCELLED } });
  expect(metadataOf(operation)).toMatchObject({
    status: 'ABORTED',
    endTime: { seconds: String(api.clock.now() / 1000) },
  });
  expect(await get('transferJobs/a')).toMatchObject({ status: 'ENABLED', latestOperationName: name });
});

describe('PauseTransferOperation and ResumeTransferOperation', () => {
  const pause = (name: unknown) => api.transfer('PauseTransferOperation', { name });
  const resume = (name: unknown) => api.transfer('ResumeTransferOperation', { name });
  const statusOf = async (name: unknown) => metadataOf(await api.longrunning('GetOperation', { name }))['status'];

  async function started(): Promise<string> {
    await create({ name: 'transferJobs/a' });
    return (await run('transferJobs/a'))['name'] as string;
  }

  test('pause what is queued, and queue it again', async () => {
    const name = await started();

    expect(await pause(name)).toEqual({});
    expect(await statusOf(name)).toBe('PAUSED');
    expect((await refusalOf(run('transferJobs/a'))).code).toBe(Code.ABORTED);
    expect(await resume(name)).toEqual({});
    expect(await statusOf(name)).toBe('QUEUED');
  });

  test('ask work that runs to drain first', async () => {
    const name = await started();
    await api.database.operations.update(name, (operation, now) => claim(operation, now, 's'));

    await pause(name);

    expect(await statusOf(name)).toBe('SUSPENDING');
  });

  test('in the wrong state are FAILED_PRECONDITION', async () => {
    const name = await started();
    const resumedWhileQueued = await refusalOf(resume(name));
    await pause(name);
    const pausedTwice = await refusalOf(pause(name));
    await api.longrunning('CancelOperation', { name });
    const afterItsEnd = await Promise.all([refusalOf(pause(name)), refusalOf(resume(name))]);

    const codes = [resumedWhileQueued, pausedTwice, ...afterItsEnd].map((error) => error.code);
    expect(codes).toEqual(Array(4).fill(Code.FAILED_PRECONDITION));
  });

  test.each([
    ['transferOperations/none', Code.NOT_FOUND],
    ['transferOperations', Code.INVALID_ARGUMENT],
    ['transferOperations/', Code.INVALID_ARGUMENT],
    ['operations/1', Code.INVALID_ARGUMENT],
    ['', Code.INVALID_ARGUMENT],
  ])('of %j are refused', async (name, code) => {
    expect((await refusalOf(pause(name))).code).toBe(code);
    expect((await refusalOf(resume(name))).code).toBe(code);
  });
});

describe('GetGoogleServiceAccount', () => {
  test('answers an account that cannot exist, the same each time', async () => {
    const account = await api.transfer('GetGoogleServiceAccount', { projectId: 'p' });

    expect(account).toEqual(await api.transfer('GetGoogleServiceAccount', { projectId: 'p' }));
    expect(account['accountEmail']).toBe('project-p@storage-transfer-service.invalid');
    expect(account['subjectId']).toMatch(/^\d{21}$/);
  });

  test('without a project is INVALID_ARGUMENT', async () => {
    expect((await refusalOf(api.transfer('GetGoogleServiceAccount', {}))).code).toBe(Code.INVALID_ARGUMENT);
  });
});

test('every RPC of the service is served', () => {
  const rpcs = Object.keys(findService('google.storagetransfer.v1.StorageTransferService') ?? {});

  expect([...api.rpcs].sort()).toEqual(rpcs.sort());
});

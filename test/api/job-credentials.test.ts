/** Credentials in requests, through the API: they come, are used, and are told to nobody. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { domainAny, type Message, type WireAny } from '../../src/schema/protos.ts';
import { sealedCredentialsOf } from '../../src/schema/sealed-request.ts';
import type { SourceCredentials } from '../../src/transfers/source-credentials.ts';
import { JOB } from '../transfers/jobs/sample-job.ts';
import { openStorageTransfer, refusalOf, type StorageTransferHarness } from './storage-transfer-harness.ts';

const SECRET = 'the/secret+of/the+key';
const GIVEN: SourceCredentials = { kind: 'aws-access-key', accessKeyId: 'AKIDONLYHERE', secretAccessKey: SECRET };
const KEY = { accessKeyId: GIVEN.accessKeyId, secretAccessKey: SECRET };
const BUCKET = { bucketName: 'photos', path: 'p/' };
const GCLOUD_MASK = ['description', 'logging_config', 'notification_config', 'schedule', 'status', 'transfer_spec'];
const NAME = 'transferJobs/keyed';

let api: StorageTransferHarness;
beforeEach(async () => {
  api = await openStorageTransfer();
});

const specOf = (source: Message): Message => {
  return { awsS3DataSource: source, posixDataSink: { rootDirectory: '/data/to' } };
};
const create = (): Promise<Message> =>
  api.transfer('CreateTransferJob', {
    transferJob: { ...JOB, name: NAME, transferSpec: specOf({ ...BUCKET, awsAccessKey: KEY }) },
  });
const get = (): Promise<Message> => api.transfer('GetTransferJob', { jobName: NAME, projectId: 'p' });
const run = (): Promise<Message> => api.transfer('RunTransferJob', { jobName: NAME, projectId: 'p' });
const update = (transferJob: Message, paths?: readonly string[]): Promise<Message> =>
  api.transfer('UpdateTransferJob', {
    jobName: NAME,
    projectId: 'p',
    transferJob,
    ...(paths === undefined ? {} : { updateTransferJobFieldMask: { paths } }),
  });

/** What the next run would read its source with. */
async function used(): Promise<SourceCredentials | undefined> {
  const { name } = await run();
  const operation = await api.database.operations.get(name as string);
  if (operation === undefined) throw new Error('the run has no operation');
  const sealed = sealedCredentialsOf(operation.request);
  return sealed === undefined ? undefined : api.seal.open(sealed, operation.name);
}

const tells = (answer: unknown): boolean => {
  const text = JSON.stringify(answer, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'data' in value && Array.isArray(value.data)
      ? Buffer.from(value.data as number[]).toString('latin1')
      : value,
  );
  return text.includes(SECRET) || text.includes(GIVEN.accessKeyId);
};

test('no answer tells the credentials that came in a request', async () => {
  const created = await create();
  expect(created['transferSpec']).toMatchObject({ awsS3DataSource: BUCKET });
  const started = await run();
  const answers = [
    created,
    await get(),
    await api.transfer('ListTransferJobs', { filter: '{"projectId":"p"}' }),
    await update({ description: 'other' }, ['description']),
    started,
    await api.longrunning('GetOperation', { name: started['name'] }),
    await api.longrunning('ListOperations', { name: 'transferOperations', filter: '{"projectId":"p"}' }),
  ];
  expect(answers.filter(tells)).toEqual([]);
  expect(domainAny(started['metadata'] as WireAny).typeUrl).toMatch(/TransferOperation$/);
});

test('neither the record of the job nor that of its run holds them in the clear', async () => {
  await create();
  const { name } = await run();
  const job = await api.database.resources.get('transfer-job', `projects/p/${NAME}`);
  const operation = await api.database.operations.get(name as string);
  const bytes = [job?.value, operation?.request.value, operation?.encoded].map((each) => Buffer.from(each ?? []));
  expect(bytes.every((each) => each.length > 0 && !each.includes(SECRET) && !each.includes(GIVEN.accessKeyId))).toBe(
    true,
  );
});

test('what clients are sent of a run does not hold them sealed either', async () => {
  await create();
  const { name } = await run();
  const operation = await api.database.operations.get(name as string);
  const sealed = Buffer.from((operation === undefined ? undefined : sealedCredentialsOf(operation.request)) ?? []);
  expect(sealed.length).toBeGreaterThan(0);
  expect(Buffer.from(operation?.encoded ?? []).includes(sealed)).toBe(false);
});

test('a run has credentials of its own, and its spec is asked with them', async () => {
  await create();
  expect(await used()).toEqual(GIVEN);
  expect(api.checkedSpecs.map(({ credentials }) => credentials)).toEqual([GIVEN, GIVEN]);
});

test("credentials of one operation are no other's, whoever copies them in the database", async () => {
  await create();
  const { name } = await run();
  const operation = await api.database.operations.get(name as string);
  const sealed = operation === undefined ? undefined : sealedCredentialsOf(operation.request);
  await expect(api.seal.open(sealed ?? new Uint8Array(0), `${name as string}0`)).rejects.toMatchObject({
    info: { reason: 'CREDENTIALS_DAMAGED' },
  });
});

describe('a job keeps its credentials', () => {
  beforeEach(() => create());

  test('when it is read, and sent back as gcloud does', async () => {
    await update({ ...(await get()), description: 'other' }, GCLOUD_MASK);
    expect(await used()).toEqual(GIVEN);
  });

  test('when it is read, and sent back without a mask', async () => {
    await update({ ...(await get()), description: 'other' });
    expect(await used()).toEqual(GIVEN);
  });

  test('when another field of its source changes', async () => {
    await update({ transferSpec: specOf({ ...BUCKET, path: 'q/' }) }, ['transfer_spec.aws_s3_data_source.path']);
    expect((await get())['transferSpec']).toMatchObject({ awsS3DataSource: { path: 'q/' } });
    expect(await used()).toEqual(GIVEN);
  });

  test('when it is disabled, deleted, and taken back', async () => {
    await update({ status: 'DISABLED' }, ['status']);
    await api.transfer('DeleteTransferJob', { jobName: NAME, projectId: 'p' });
    await update({ status: 'ENABLED' }, ['status']);
    expect(await used()).toEqual(GIVEN);
  });
});

describe('a job has other credentials', () => {
  const OTHER = { accessKeyId: 'AKIDOTHER', secretAccessKey: 'another' };
  beforeEach(() => create());

  test.each([['transfer_spec'], ['transfer_spec.aws_s3_data_source.aws_access_key']])(
    'when they are given under %s',
    async (path) => {
      await update({ transferSpec: specOf({ ...BUCKET, awsAccessKey: OTHER }) }, [path]);
      expect(await used()).toEqual({ kind: 'aws-access-key', ...OTHER });
    },
  );

  test('and the run that goes on has those it began with', async () => {
    const { name } = await run();
    await update({ transferSpec: specOf({ ...BUCKET, awsAccessKey: OTHER }) }, ['transfer_spec']);
    const operation = await api.database.operations.get(name as string);
    const sealed = operation === undefined ? undefined : sealedCredentialsOf(operation.request);
    expect(await api.seal.open(sealed ?? new Uint8Array(0), name as string)).toEqual(GIVEN);
  });

  test('but not when half a key is sent, and then it keeps what it has', async () => {
    const half = { transferSpec: specOf({ ...BUCKET, awsAccessKey: { secretAccessKey: 'another' } }) };
    const path = 'transfer_spec.aws_s3_data_source.aws_access_key.secret_access_key';
    expect(await refusalOf(update(half, [path]))).toMatchObject({ info: { reason: 'INVALID_FIELD' } });
    expect(await used()).toEqual(GIVEN);
  });
});

test('credentials that a mask puts beside a source of another kind are refused, not kept for nothing', async () => {
  await api.transfer('CreateTransferJob', { transferJob: { ...JOB, name: NAME } });
  const transferSpec = specOf({ ...BUCKET, awsAccessKey: KEY });
  const refusal = await refusalOf(update({ transferSpec }, ['transfer_spec.aws_s3_data_source']));
  expect(refusal).toMatchObject({ info: { metadata: { field: 'transfer_job.transfer_spec.data_source' } } });
  expect(refusal.message).toContain('has posix_data_source and aws_s3_data_source');
});

describe('a job has no credentials any more', () => {
  beforeEach(() => create());

  test('when the mask names them, and the body has none', async () => {
    await update({ transferSpec: specOf(BUCKET) }, ['transfer_spec.aws_s3_data_source.aws_access_key']);
    expect(await used()).toBeUndefined();
    expect(api.checkedSpecs.at(-1)?.credentials).toBeUndefined();
  });

  test('when its source is another bucket: they were not given for that', async () => {
    await update({ transferSpec: specOf({ bucketName: 'films' }) }, ['transfer_spec']);
    expect(await used()).toBeUndefined();
  });
});

test.each([
  ['role_arn', { awsS3DataSource: { ...BUCKET, roleArn: 'arn' } }],
  ['credentials_secret', { awsS3DataSource: { ...BUCKET, credentialsSecret: 'projects/1/secrets/s' } }],
  [
    'federated_identity_config',
    {
      azureBlobStorageDataSource: {
        storageAccount: 'acct',
        container: 'photos',
        federatedIdentityConfig: { clientId: 'c', tenantId: 't' },
      },
    },
  ],
])('%s is UNIMPLEMENTED, and the refusal says what to do instead', async (field, source) => {
  const transferSpec = { ...source, posixDataSink: { rootDirectory: '/data/to' } };
  const refusal = await refusalOf(api.transfer('CreateTransferJob', { transferJob: { ...JOB, transferSpec } }));
  expect(refusal).toMatchObject({ info: { reason: 'FIELD_NOT_IMPLEMENTED' } });
  expect(refusal.message).toContain(`${field} is not implemented; `);
  expect(refusal.message).toMatch(/give (aws_access_key|azure_credentials) for the (bucket|container), or bind it/);
});

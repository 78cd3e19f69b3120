import { beforeEach, describe, expect, test } from '@jest/globals';
import { Code, codeName } from '../../src/core/code.ts';
import type { Operation } from '../../src/operations/operation.ts';
import type { Message } from '../../src/schema/protos.ts';
import { agentPoolCodec } from '../../src/schema/agent-pool.ts';
import { transferRequestOf } from '../../src/schema/transfer-request.ts';
import { PoolLimits } from '../../src/transfers/pools/pool-limits.ts';
import { JOB, jobWithSpec } from '../transfers/jobs/sample-job.ts';
import { openStorageTransfer, refusalOf, type StorageTransferHarness } from './storage-transfer-harness.ts';

const NAME = 'projects/p/agentPools/a';

let api: StorageTransferHarness;

beforeEach(async () => {
  api = await openStorageTransfer();
});

function create(id = 'a', agentPool: Message = {}, projectId = 'p'): Promise<Message> {
  return api.transfer('CreateAgentPool', { projectId, agentPoolId: id, agentPool });
}

function get(name = NAME): Promise<Message> {
  return api.transfer('GetAgentPool', { name });
}

function update(agentPool: Message, paths: readonly string[] = []): Promise<Message> {
  return api.transfer('UpdateAgentPool', { agentPool: { name: NAME, ...agentPool }, updateMask: { paths } });
}

async function list(request: object): Promise<{ readonly names: readonly string[]; readonly token: string }> {
  const page = await api.transfer('ListAgentPools', { projectId: 'p', ...request });
  const pools = (page['agentPools'] ?? []) as readonly { readonly name: string }[];
  return { names: pools.map(({ name }) => name), token: (page['nextPageToken'] ?? '') as string };
}

async function refusal(call: Promise<unknown>): Promise<{ readonly code: string; readonly field: string | undefined }> {
  const { code, info } = await refusalOf(call);
  return { code: codeName(code), field: info.metadata?.['field'] };
}

function createJob(members: Message, job: Message = {}): Promise<Message> {
  return api.transfer('CreateTransferJob', { transferJob: { ...jobWithSpec(members), ...job } });
}

async function operationOf(run: Message): Promise<Operation> {
  const operation = await api.database.operations.get(run['name'] as string);
  if (operation === undefined) throw new Error('no operation was made');
  return operation;
}

describe('CreateAgentPool', () => {
  test('makes a pool that can be used at once', async () => {
    const bandwidthLimit = { limitMbps: '50' };

    const pool = await create('a', { displayName: 'Agents', bandwidthLimit });

    expect(pool).toMatchObject({ name: NAME, displayName: 'Agents', state: 'CREATED', bandwidthLimit });
    expect(await get()).toEqual(pool);
  });

  test('of a name in use is ALREADY_EXISTS', async () => {
    await create('a', { displayName: 'first' });

    expect((await refusalOf(create())).code).toBe(Code.ALREADY_EXISTS);
    expect(await get()).toMatchObject({ displayName: 'first' });
  });

  // "`^(?!goog)[a-z]([a-z0-9-._~]*[a-z0-9])?$`", "Length of 128 characters or less."
  test.each([
    ['a', true],
    ['a-b._~c9', true],
    ['a'.repeat(128), true],
    ['transfer_service_default', true],
    ['a'.repeat(129), false],
    ['google', false],
    ['A', false],
    ['9a', false],
    ['a-', false],
    ['a b', false],
    ['a/b', false],
    ['', false],
  ])('with the id %j: %s', async (id, isValid) => {
    if (isValid) expect(await create(id)).toMatchObject({ name: `projects/p/agentPools/${id}` });
    else expect(await refusal(create(id))).toEqual({ code: 'INVALID_ARGUMENT', field: 'agent_pool_id' });
  });

  test('of a default pool with a limit is UNIMPLEMENTED naming the field', async () => {
    const error = await refusalOf(create('transfer_service_default', { bandwidthLimit: { limitMbps: 1 } }));

    expect(error).toMatchObject({
      code: Code.UNIMPLEMENTED,
      info: { metadata: { field: 'agent_pool.bandwidth_limit' } },
    });
  });

  test.each<[string, object, string]>([
    ['no project', { agentPoolId: 'a', agentPool: {} }, 'project_id'],
    ['no pool', { projectId: 'p', agentPoolId: 'a' }, 'agent_pool'],
    ['another name', { projectId: 'p', agentPoolId: 'a', agentPool: { name: `${NAME}b` } }, 'agent_pool.name'],
    [
      'a limit of nothing',
      { projectId: 'p', agentPoolId: 'a', agentPool: { bandwidthLimit: {} } },
      'agent_pool.bandwidth_limit.limit_mbps',
    ],
    [
      'a negative limit',
      { projectId: 'p', agentPoolId: 'a', agentPool: { bandwidthLimit: { limitMbps: -1 } } },
      'agent_pool.bandwidth_limit.limit_mbps',
    ],
    [
      'a display name of 1025 bytes',
      { projectId: 'p', agentPoolId: 'a', agentPool: { displayName: 'ü'.repeat(513) } },
      'agent_pool.display_name',
    ],
  ])('with %s is INVALID_ARGUMENT', async (_title, request, field) => {
    expect(await refusal(api.transfer('CreateAgentPool', request))).toEqual({ code: 'INVALID_ARGUMENT', field });
  });
});

describe('UpdateAgentPool', () => {
  beforeEach(() => create('a', { displayName: 'Agents', bandwidthLimit: { limitMbps: 50 } }));

  test.each<[string, Message, readonly string[], object]>([
    ['the mask’s fields', { displayName: 'New' }, ['display_name'], { displayName: 'New', limit: '50' }],
    ['only those', { displayName: 'New' }, ['bandwidthLimit'], { displayName: 'Agents' }],
    ['a part of the limit', { bandwidthLimit: { limitMbps: 7 } }, ['bandwidth_limit.limit_mbps'], { limit: '7' }],
    ['what is set, without a mask', { bandwidthLimit: { limitMbps: 7 } }, [], { displayName: 'Agents', limit: '7' }],
  ])('changes %s', async (_title, pool, mask, expected) => {
    const { limit, ...rest } = expected as { limit?: string };

    const updated = await update(pool, mask);

    expect(updated).toMatchObject(rest);
    expect((updated['bandwidthLimit'] as Message | undefined)?.['limitMbps']).toBe(limit);
    expect(await get()).toEqual(updated);
  });

  // "An `UpdateAgentPoolRequest` with any other fields is rejected with the error INVALID_ARGUMENT."
  test.each<[string, Message, readonly string[], string]>([
    ['the state', { state: 'DELETING' }, [], 'agent_pool.state'],
    ['the state by the mask', {}, ['state'], 'update_mask'],
    ['the name by the mask', {}, ['name'], 'update_mask'],
    ['a field nobody knows', {}, ['limit'], 'update_mask'],
  ])('of %s is INVALID_ARGUMENT', async (_title, pool, mask, field) => {
    expect(await refusal(update(pool, mask))).toEqual({ code: 'INVALID_ARGUMENT', field });
  });

  test('while others update loses no change', async () => {
    await Promise.all([
      update({ displayName: 'New' }, ['display_name']),
      update({ bandwidthLimit: { limitMbps: 7 } }, ['bandwidth_limit']),
    ]);

    expect(await get()).toMatchObject({ displayName: 'New', bandwidthLimit: { limitMbps: '7' } });
  });

  test('is read by whoever bounds the work of the pool', async () => {
    const limits = new PoolLimits(api.database.resources, agentPoolCodec);

    expect(await limits.bytesPerSecondOf(NAME)).toBe(50_000_000);
    await update({}, ['bandwidth_limit']);
    expect(await limits.bytesPerSecondOf(NAME)).toBe(Infinity);
    expect(await limits.bytesPerSecondOf(`${NAME}b`)).toBe(Infinity);
  });
});

describe('ListAgentPools', () => {
  beforeEach(async () => {
    for (const id of ['a', 'b', 'c']) {
      await create(id);
      api.clock.shift(1000);
    }
    await create('d', {}, 'q');
  });

  test('answers the pools of a project, the newest first, page by page', async () => {
    const first = await list({ pageSize: 2 });
    const second = await list({ pageSize: 2, pageToken: first.token });

    expect(first.names).toEqual(['projects/p/agentPools/c', 'projects/p/agentPools/b']);
    expect(second).toEqual({ names: [NAME], token: '' });
  });

  // "`{"agentPoolNames":["agentpool1","agentpool2",...]}`"
  test.each([
    ['{"agentPoolNames":["a","c","none"]}', ['projects/p/agentPools/c', NAME]],
    ['{"agent_pool_names":["projects/p/agentPools/a"]}', [NAME]],
    ['{"agentPoolNames":["projects/q/agentPools/d"]}', []],
    ['{"agentPoolNames":null}', ['projects/p/agentPools/c', 'projects/p/agentPools/b', NAME]],
  ])('with the filter %s answers %j', async (filter, names) => {
    expect((await list({ filter })).names).toEqual(names);
  });

  test.each<[string, object]>([
    ['a filter that is none', { filter: 'a' }],
    ['a member nobody knows', { filter: '{"names":[]}' }],
    ['a negative page size', { pageSize: -1 }],
    ['a token of nobody’s', { pageToken: 'x' }],
    ['no project', { projectId: '' }],
  ])('with %s is INVALID_ARGUMENT', async (_title, request) => {
    expect((await refusal(list(request))).code).toBe('INVALID_ARGUMENT');
  });
});

test.each(['GetAgentPool', 'DeleteAgentPool'])('%s of a pool that is not there is NOT_FOUND', async (rpc) => {
  expect((await refusalOf(api.transfer(rpc, { name: NAME }))).code).toBe(Code.NOT_FOUND);
  expect((await refusalOf(api.transfer(rpc, { name: 'agentPools/a' }))).code).toBe(Code.INVALID_ARGUMENT);
});

describe('DeleteAgentPool', () => {
  test('forgets the pool', async () => {
    await create();

    expect(await api.transfer('DeleteAgentPool', { name: NAME })).toEqual({});
    expect((await refusalOf(get())).code).toBe(Code.NOT_FOUND);
  });

  test('of a pool that a job names is FAILED_PRECONDITION until the job is deleted', async () => {
    await create();
    const { name: jobName } = await createJob({ sourceAgentPoolName: NAME });

    const error = await refusalOf(api.transfer('DeleteAgentPool', { name: NAME }));
    await api.transfer('DeleteTransferJob', { jobName, projectId: 'p' });
    await api.transfer('DeleteAgentPool', { name: NAME });

    expect(error).toMatchObject({ code: Code.FAILED_PRECONDITION, info: { metadata: { transferJob: jobName } } });
  });
});

describe('a job that names a pool', () => {
  test.each(['sourceAgentPoolName', 'sinkAgentPoolName'])('by %s runs by workers of that pool only', async (member) => {
    await create();
    const job = await createJob({ [member]: NAME });

    const run = await api.transfer('RunTransferJob', { jobName: job['name'], projectId: 'p' });

    const operation = await operationOf(run);
    expect(operation.kind).toBe('storagetransfer.transfer/projects/p/agentPools/a');
    expect(job).toMatchObject({ transferSpec: { [member]: NAME } });
    expect(transferRequestOf({ ...operation, startTimeMs: 0 })).toMatchObject({ pool: NAME });
    expect(run['metadata']).toMatchObject({
      type_url: 'type.googleapis.com/google.storagetransfer.v1.TransferOperation',
    });
  });

  // "When unspecified, the default name is used."
  test('that is the default one runs as one that names none', async () => {
    const job = await createJob({ sourceAgentPoolName: 'projects/p/agentPools/transfer_service_default' });

    const run = await api.transfer('RunTransferJob', { jobName: job['name'], projectId: 'p' });

    expect((await operationOf(run)).kind).toBe('storagetransfer.transfer');
  });

  test('that is not there is NOT_FOUND, and nothing is stored', async () => {
    const error = await refusalOf(createJob({ sourceAgentPoolName: NAME }, { name: 'transferJobs/a' }));

    expect(error).toMatchObject({ code: Code.NOT_FOUND, info: { metadata: { agentPool: NAME } } });
    expect((await refusalOf(api.transfer('GetTransferJob', { jobName: 'transferJobs/a', projectId: 'p' }))).code).toBe(
      Code.NOT_FOUND,
    );
  });

  test('that has gone since is NOT_FOUND when it is run', async () => {
    await create();
    const { name: jobName } = await createJob({ sourceAgentPoolName: NAME });
    await api.transfer('DeleteTransferJob', { jobName, projectId: 'p' });
    await api.transfer('DeleteAgentPool', { name: NAME });
    const transferJob = { status: 'ENABLED' };
    await api.transfer('UpdateTransferJob', { jobName, projectId: 'p', transferJob });

    expect((await refusalOf(api.transfer('RunTransferJob', { jobName, projectId: 'p' }))).code).toBe(Code.NOT_FOUND);
  });

  test('of another project is INVALID_ARGUMENT', async () => {
    await create('a', {}, 'q');

    const error = await refusalOf(createJob({ sourceAgentPoolName: 'projects/q/agentPools/a' }));

    expect(error.code).toBe(Code.INVALID_ARGUMENT);
  });

  test('that others serve may name directories that this process may not touch', async () => {
    await create();
    api.forbiddenRoots.add('/data/to');

    expect(await createJob({ sinkAgentPoolName: NAME })).toMatchObject({ status: JOB.status });
  });
});

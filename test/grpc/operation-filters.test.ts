import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { typeUrl } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { packAny } from '../../src/schema/protos.ts';
import { type Caller, refusal, startOperations } from './operations-server.ts';

let sidecar: Awaited<ReturnType<typeof startOperations>>;
let caller: Caller;

beforeAll(async () => {
  sidecar = await startOperations();
  caller = sidecar.caller;
});

afterAll(() => sidecar.close());

const COPYING = 'google.cloud.storagebatchoperations.v1.OperationMetadata';

/** Each surface with AIP-160 filters, the name of its list, and the operation names in it. */
const SURFACES = [
  { surface: 'longrunning', list: 'operations', domain: 'longrunning.googleapis.com' },
  {
    surface: 'storagebatchoperations',
    list: 'projects/p/locations/global',
    domain: 'storagebatchoperations.googleapis.com',
  },
  { surface: 'checks', list: 'accounts/1/apps/2', domain: 'checks.googleapis.com' },
] as const;

const nameIn = (list: string, id: string): string =>
  list === 'operations' ? `operations/${id}` : `${list}/operations/${id}`;

describe.each(SURFACES)('a list of the $surface surface', ({ surface, list, domain }) => {
  const add = (id: string, changes: Partial<Operation> = {}) =>
    sidecar.add({ name: nameIn(list, id), surface, collection: list, ...changes });

  const ids = async (filter: string, pageSize = 100): Promise<readonly string[]> => {
    const found: string[] = [];
    let pageToken = '';
    do {
      const page = await caller.call('ListOperations', { name: list, filter, pageSize, pageToken });
      const { operations = [], nextPageToken = '' } = page as {
        operations?: readonly { readonly name: string }[];
        nextPageToken?: string;
      };
      found.push(...operations.map(({ name }) => name.slice(name.lastIndexOf('/') + 1)));
      pageToken = nextPageToken;
    } while (pageToken !== '');
    return found.sort();
  };

  beforeAll(async () => {
    const job = (state: string) =>
      packAny(COPYING, { operation: 'x', requestedCancellation: state === 'CANCELED', job: { state } });
    await add('queued', { createTimeMs: Date.parse('2026-01-01T00:00:00Z'), labels: { env: 'prod' } });
    await add('running', { metadata: job('RUNNING'), labels: { env: 'test' } });
    await add('cancelled', { metadata: job('CANCELED') });
    await add('succeeded', { metadata: job('SUCCEEDED') });
    await caller.call('CancelOperation', { name: nameIn(list, 'cancelled') });
    await sidecar.succeed(nameIn(list, 'succeeded'));
  });

  test.each([
    ['', ['cancelled', 'queued', 'running', 'succeeded']],
    ['done = false', ['queued', 'running']],
    ['done=true AND error:*', ['cancelled']],
    ['error.code = 1', ['cancelled']],
    ['response.@type = *google.protobuf.Empty', ['succeeded']],
    ['metadata.job.state = RUNNING', ['running']],
    ['metadata.job.state = (RUNNING OR SUCCEEDED) done = true', ['succeeded']],
    ['metadata.job.state != RUNNING', ['cancelled', 'succeeded']],
    ['NOT metadata.job.state = RUNNING', ['cancelled', 'queued', 'succeeded']],
    ['metadata.requestedCancellation = true', ['cancelled']],
    ['labels:env AND create_time < 2026-01-02T00:00:00Z', ['queued']],
    ['"queued" OR state = CANCELLED', ['cancelled', 'queued']],
    ['kind = none', []],
  ])('finds with %j: %j', async (filter, expected) => {
    expect(await ids(filter)).toEqual(expected);
    expect(await ids(filter, 1)).toEqual(expected);
  });

  test('finds an operation by its name', async () => {
    expect(await ids(`name = "${nameIn(list, 'running')}"`)).toEqual(['running']);
    expect(await ids('name = "*ed" done = false')).toEqual(['queued']);
  });

  test('continues with the same filter only', async () => {
    const { nextPageToken } = await caller.call('ListOperations', { name: list, filter: 'kind = test', pageSize: 1 });
    const other = { name: list, filter: 'kind = "test"', pageToken: nextPageToken };
    expect(await refusal(caller.call('ListOperations', other))).toMatchObject({
      code: Code.INVALID_ARGUMENT,
      info: { reason: 'PAGE_TOKEN_MISMATCH', domain },
    });
  });

  test.each([
    ['metadata.job.nosuch = 1', '0', 'there is no member nosuch'],
    ['done = true AND metadata.job.state = running', '16', 'running is no name of the enum'],
    ['done = true AND', '15', 'a name or a value is missing'],
    ['ago(name)', '0', 'functions are not served'],
  ])('refuses %j', async (filter, position, problem) => {
    const status = await refusal(caller.call('ListOperations', { name: list, filter }));
    expect(status).toMatchObject({
      code: Code.INVALID_ARGUMENT,
      info: {
        reason: 'INVALID_FILTER',
        domain,
        metadata: { field: 'filter', position, problem, expected: expect.any(String), term: expect.any(String) },
      },
    });
    expect(status.details?.map((any) => any.typeUrl)).toEqual([typeUrl('google.rpc.BadRequest')]);
  });
});

test('an error quotes characters that no header could hold', async () => {
  const filter = 'name = "\u{1f600}\n';
  const status = await refusal(caller.call('ListOperations', { name: 'operations', filter }));
  expect(status.info?.metadata).toMatchObject({ position: '7', term: '"\u{1f600}' });
});

test('operations whose metadata is of no type known here are listed, and match nothing within it', async () => {
  const metadata = { typeUrl: typeUrl('acme.v1.Unknown'), value: Buffer.from('??') };
  await sidecar.add({ name: 'operations/unknown', metadata, kind: 'acme' });
  const namesOf = async (filter: string) =>
    (await caller.call('ListOperations', { name: 'operations', filter }))['operations'];
  expect(await namesOf('kind = acme')).toMatchObject([{ name: 'operations/unknown' }]);
  expect(await namesOf('kind = acme AND metadata.@type = *.Unknown')).toHaveLength(1);
  expect(await namesOf('kind = acme AND metadata.job.state != RUNNING')).toBeUndefined();
});

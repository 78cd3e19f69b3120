/** google.longrunning.Operations over gRPC, surface by surface: which methods each has, and what they answer. SURFACE.md §1.5, one row a case. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Caller, refusal, startOperations } from './operations-server.ts';

let sidecar: Awaited<ReturnType<typeof startOperations>>;
let caller: Caller;

beforeAll(async () => {
  sidecar = await startOperations();
  caller = sidecar.caller;
});

afterAll(() => sidecar.close());

/** By the names' collection. */
const DOMAINS = {
  operations: 'longrunning.googleapis.com',
  transferOperations: 'storagetransfer.googleapis.com',
  'projects/p/locations/global/operations': 'storagebatchoperations.googleapis.com',
  'accounts/1/apps/2/operations': 'checks.googleapis.com',
  'accounts/1/repos/2/operations': 'checks.googleapis.com',
} as const;

type Collection = keyof typeof DOMAINS;

const RECORDS: Readonly<Record<Collection, { readonly surface: string; readonly collection: string }>> = {
  operations: { surface: 'longrunning', collection: 'operations' },
  transferOperations: { surface: 'storagetransfer', collection: 'p' },
  'projects/p/locations/global/operations': {
    surface: 'storagebatchoperations',
    collection: 'projects/p/locations/global',
  },
  'accounts/1/apps/2/operations': { surface: 'checks', collection: 'accounts/1/apps/2' },
  'accounts/1/repos/2/operations': { surface: 'checks', collection: 'accounts/1/repos/2' },
};

const [GENERIC, TRANSFER, BATCH, APP, REPO] = Object.keys(DOMAINS) as [
  Collection,
  Collection,
  Collection,
  Collection,
  Collection,
];

let serial = 0;

/** The name of a new operation that is under way; each is newer than those before. */
async function running(collection: Collection): Promise<string> {
  serial += 1;
  const name = `${collection}/${String(serial)}`;
  await sidecar.add({ name, ...RECORDS[collection], state: 'RUNNING', createTimeMs: serial });
  return name;
}

async function done(collection: Collection): Promise<string> {
  return (await sidecar.succeed(await running(collection))).name;
}

describe('a method that a surface serves', () => {
  const SERVED: readonly (readonly [collection: Collection, rpcs: readonly string[]])[] = [
    [GENERIC, ['Get', 'Cancel', 'Delete', 'Wait']],
    // The API binds no Wait over HTTP; over gRPC it harms no client.
    [TRANSFER, ['Get', 'Cancel', 'Wait']],
    [BATCH, ['Get', 'Cancel', 'Delete', 'Wait']],
    [APP, ['Get', 'Cancel', 'Delete', 'Wait']],
    [REPO, ['Get']],
  ];
  const served = SERVED.flatMap(([collection, rpcs]) => rpcs.map((rpc) => [rpc, collection] as const));

  test.each(served)('%sOperation of %s: is OK of one that is done', async (rpc, collection) => {
    const name = await done(collection);
    const isState = rpc === 'Get' || rpc === 'Wait';
    const expected = isState ? expect.objectContaining({ name, done: true }) : {};
    expect(await caller.call(`${rpc}Operation`, { name })).toEqual(expected);
  });

  test.each(served)('%sOperation of %s: is NOT_FOUND of a name that there is not', async (rpc, collection) => {
    const refused = refusal(caller.call(`${rpc}Operation`, { name: `${collection}/none` }));
    expect(await refused).toMatchObject({
      code: 5,
      info: { reason: 'OPERATION_NOT_FOUND', domain: DOMAINS[collection] },
    });
  });

  test.each(served)('%sOperation of %s: is INVALID_ARGUMENT of the collection', async (rpc, collection) => {
    for (const name of [collection, `${collection}/`, `${collection}//1`]) {
      const refused = refusal(caller.call(`${rpc}Operation`, { name }));
      expect(await refused).toMatchObject({ code: 3, info: { reason: 'INVALID_NAME', domain: DOMAINS[collection] } });
    }
  });
});

// operations.proto: "If the server doesn't support this method, it returns `google.rpc.Code.UNIMPLEMENTED`."
test.each([
  ['Delete', TRANSFER],
  ['Cancel', REPO],
  ['Delete', REPO],
  ['Wait', REPO],
] as const)('%sOperation of %s: is UNIMPLEMENTED, whether the operation is there or not', async (rpc, collection) => {
  for (const name of [await running(collection), `${collection}/none`]) {
    const refused = refusal(caller.call(`${rpc}Operation`, { name }));
    expect(await refused).toMatchObject({
      code: 12,
      info: { reason: 'METHOD_NOT_SERVED', domain: DOMAINS[collection] },
    });
  }
});

test.each([GENERIC, TRANSFER, BATCH, APP])(
  'a cancel of one of %s that runs makes it CANCELLING',
  async (collection) => {
    const name = await running(collection);
    expect(await caller.call('CancelOperation', { name })).toEqual({});
    expect((await sidecar.get(name))?.state).toBe('CANCELLING');
    expect(await caller.call('CancelOperation', { name })).toEqual({});
  },
);

test.each([GENERIC, BATCH, APP])('a delete of one of %s that runs forgets it and lets it run', async (collection) => {
  const name = await running(collection);
  expect(await caller.call('DeleteOperation', { name })).toEqual({});
  for (const rpc of ['Get', 'Cancel', 'Delete', 'Wait']) {
    expect(await refusal(caller.call(`${rpc}Operation`, { name }))).toMatchObject({ code: 5 });
  }
  expect(await sidecar.get(name)).toMatchObject({ state: 'RUNNING', deleted: true });
});

describe('ListOperations', () => {
  const FILTER = '{"projectId":"p"}';

  test.each([
    ['operations', '', GENERIC],
    ['transferOperations', FILTER, TRANSFER],
    ['projects/p/locations/global', '', BATCH],
    ['projects/p/locations/-', '', BATCH],
    ['accounts/1/apps/2', '', APP],
  ] as const)('of %s, filter %j, has those of %s', async (name, filter, collection) => {
    const added = await running(collection);
    const { operations } = await caller.call('ListOperations', { name, filter, pageSize: 1 });
    expect(operations).toMatchObject([{ name: added }]);
  });

  test.each([
    ['a collection of no surface', { name: 'jobs' }, 3, 'INVALID_NAME'],
    ['no name', {}, 3, 'INVALID_NAME'],
    ['a repository, which has no list', { name: 'accounts/1/repos/2' }, 3, 'INVALID_NAME'],
    ['the collection in an app', { name: 'accounts/1/apps/2/operations' }, 3, 'INVALID_NAME'],
    ['one transfer operation', { name: 'transferOperations/1', filter: FILTER }, 3, 'INVALID_NAME'],
    ['transfer operations without a filter', { name: 'transferOperations' }, 3, 'INVALID_FILTER'],
    ['transfer operations of no project', { name: 'transferOperations', filter: '{}' }, 3, 'INVALID_FILTER'],
    ['another location', { name: 'projects/p/locations/europe-west1' }, 5, 'LOCATION_NOT_FOUND'],
    [
      'partial success of an app',
      { name: 'accounts/1/apps/2', returnPartialSuccess: true },
      12,
      'FIELD_NOT_IMPLEMENTED',
    ],
    [
      'partial success of one location',
      { name: 'projects/p/locations/global', returnPartialSuccess: true },
      12,
      'FIELD_NOT_IMPLEMENTED',
    ],
    ['a negative page', { name: 'accounts/1/apps/2', pageSize: -1 }, 3, 'INVALID_FIELD'],
    ['a token that is none', { name: 'accounts/1/apps/2', pageToken: 'x' }, 3, 'PAGE_TOKEN_INVALID'],
    ['a filter that is none', { name: 'accounts/1/apps/2', filter: 'nothing = 1' }, 3, 'INVALID_FILTER'],
  ] as const)('of %s is refused', async (_what, request, code, reason) => {
    expect(await refusal(caller.call('ListOperations', request))).toMatchObject({ code, info: { reason } });
  });

  // AIP-158: "the user is expected to keep all other arguments to the RPC the same; if any arguments are different, the API should send INVALID_ARGUMENT".
  test.each([
    ['of another collection', { name: 'accounts/1/apps/3' }],
    ['of another surface', { name: 'operations' }],
    ['with another filter', { filter: 'done = true' }],
  ])('goes on by a token %s no more', async (_what, change) => {
    await running(APP);
    await running(APP);
    const request = { name: 'accounts/1/apps/2', pageSize: 1 };
    const { nextPageToken: pageToken } = await caller.call('ListOperations', request);
    const refused = refusal(caller.call('ListOperations', { ...request, pageToken, ...change }));
    expect(await refused).toMatchObject({ code: 3, info: { reason: 'PAGE_TOKEN_MISMATCH' } });
    const goingOn = await caller.call('ListOperations', { ...request, pageSize: 2, pageToken });
    expect(goingOn['operations']).not.toHaveLength(0);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EMPTY, typeUrl } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import { encodeMessage } from '../../src/schema/protos.ts';
import { type Caller, OPERATIONS, refusal, startOperations, until } from './operations-server.ts';

type Sidecar = Awaited<ReturnType<typeof startOperations>>;

let sidecar: Sidecar;
/** So long before a caller's deadline a wait is answered, milliseconds: no busy machine is later. */
const WAIT_MARGIN_MS = 60_000;

let caller: Caller;
let name: string;
let serial = 0;

beforeAll(async () => {
  sidecar = await startOperations({ limits: { waiterCountMax: 1100, waitMarginMs: WAIT_MARGIN_MS } });
  caller = sidecar.caller;
});

afterAll(() => sidecar.close());

beforeEach(() => {
  serial += 1;
  name = `operations/${String(serial)}`;
});

const transfer = (id: string) => ({
  name: `transferOperations/${id}`,
  surface: 'storagetransfer',
  collection: 'p1',
});

describe('GetOperation', () => {
  test('sends the stored bytes as they are', async () => {
    const { encoded } = await sidecar.add({
      name,
      metadata: { typeUrl: typeUrl('acme.v1.Unknown'), value: Buffer.from('??') },
    });
    const reply = await caller.raw(
      `/${OPERATIONS}/GetOperation`,
      encodeMessage('google.longrunning.GetOperationRequest', { name }),
    );
    expect(reply.equals(encoded)).toBe(true);
  });

  test('takes fields that it does not know', async () => {
    const { encoded } = await sidecar.add({ name });
    const known = encodeMessage('google.longrunning.GetOperationRequest', { name });
    const unknown = Buffer.from([(5 << 3) | 0, 1, ((900 << 3) & 0x7f) | 0x80 | 2, 900 >> 4, 1, 0x61]);
    expect((await caller.raw(`/${OPERATIONS}/GetOperation`, Buffer.concat([known, unknown]))).equals(encoded)).toBe(
      true,
    );
  });
});

describe('a call that is refused says why', () => {
  const NAMED = ['GetOperation', 'CancelOperation', 'DeleteOperation', 'WaitOperation'];
  type Row = [what: string, rpc: string, request: object, code: Code, reason: string, domain: string];
  const rows: Row[] = [
    ...NAMED.flatMap((rpc): Row[] => [
      ['an empty name', rpc, {}, Code.INVALID_ARGUMENT, 'INVALID_NAME', 'longrunning.googleapis.com'],
      [
        'a malformed name',
        rpc,
        { name: '/operations//1' },
        Code.INVALID_ARGUMENT,
        'INVALID_NAME',
        'longrunning.googleapis.com',
      ],
      [
        'a bare collection',
        rpc,
        { name: 'transferOperations' },
        Code.INVALID_ARGUMENT,
        'INVALID_NAME',
        'storagetransfer.googleapis.com',
      ],
      [
        'an unknown name',
        rpc,
        { name: 'operations/none' },
        Code.NOT_FOUND,
        'OPERATION_NOT_FOUND',
        'longrunning.googleapis.com',
      ],
    ]),
    [
      'an unknown name',
      'GetOperation',
      { name: 'accounts/1/apps/2/operations/3' },
      Code.NOT_FOUND,
      'OPERATION_NOT_FOUND',
      'checks.googleapis.com',
    ],
    [
      'a method the surface lacks',
      'DeleteOperation',
      { name: 'transferOperations/1' },
      Code.UNIMPLEMENTED,
      'METHOD_NOT_SERVED',
      'storagetransfer.googleapis.com',
    ],
    [
      'a method the name lacks',
      'CancelOperation',
      { name: 'accounts/1/repos/2/operations/3' },
      Code.UNIMPLEMENTED,
      'METHOD_NOT_SERVED',
      'checks.googleapis.com',
    ],
    [
      'a transfer list without a filter',
      'ListOperations',
      { name: 'transferOperations' },
      Code.INVALID_ARGUMENT,
      'INVALID_FILTER',
      'storagetransfer.googleapis.com',
    ],
    [
      'a list of one operation',
      'ListOperations',
      { name: 'transferOperations/1', filter: '{"projectId":"p"}' },
      Code.INVALID_ARGUMENT,
      'INVALID_NAME',
      'storagetransfer.googleapis.com',
    ],
    [
      'a negative page size',
      'ListOperations',
      { name: 'operations', pageSize: -1 },
      Code.INVALID_ARGUMENT,
      'INVALID_FIELD',
      'longrunning.googleapis.com',
    ],
    [
      'a page token made up',
      'ListOperations',
      { name: 'operations', pageToken: 'AAAA' },
      Code.INVALID_ARGUMENT,
      'PAGE_TOKEN_INVALID',
      'longrunning.googleapis.com',
    ],
    [
      'partial success',
      'ListOperations',
      { name: 'operations', returnPartialSuccess: true },
      Code.UNIMPLEMENTED,
      'FIELD_NOT_IMPLEMENTED',
      'longrunning.googleapis.com',
    ],
    [
      'a timeout that is no duration',
      'WaitOperation',
      { name: 'operations/none', timeout: { seconds: 1, nanos: -1 } },
      Code.INVALID_ARGUMENT,
      'INVALID_FIELD',
      'longrunning.googleapis.com',
    ],
    [
      'a timeout too long to be one',
      'WaitOperation',
      { name: 'operations/none', timeout: { seconds: '315576000001' } },
      Code.INVALID_ARGUMENT,
      'INVALID_FIELD',
      'longrunning.googleapis.com',
    ],
    [
      'a negative timeout',
      'WaitOperation',
      { name: 'operations/none', timeout: { seconds: -1 } },
      Code.INVALID_ARGUMENT,
      'INVALID_FIELD',
      'longrunning.googleapis.com',
    ],
  ];

  // AIP-193: "All error responses must include an ErrorInfo within details."
  test.each(rows)('%s, %s', async (...[, rpc, request, code, reason, domain]: Row) => {
    expect(await refusal(caller.call(rpc, request))).toMatchObject({ code, info: { reason, domain } });
  });

  test('with the field that is wrong', async () => {
    const { details } = await refusal(caller.call('ListOperations', { name: 'operations', pageSize: -1 }));
    expect(details?.map((any) => any.typeUrl)).toEqual([typeUrl('google.rpc.BadRequest')]);
  });
});

describe('CancelOperation', () => {
  test('ends queued work as CANCELLED, kept and readable', async () => {
    await sidecar.add({ name });
    expect(await caller.call('CancelOperation', { name })).toEqual({});
    // operations.proto: "an Operation.error value with a google.rpc.Status.code of 1, corresponding to Code.CANCELLED"
    expect(await caller.call('GetOperation', { name })).toMatchObject({ name, done: true, error: { code: 1 } });
  });

  test('of work that is done is OK and changes nothing', async () => {
    await sidecar.add({ name });
    const { encoded } = await sidecar.succeed(name);
    expect(await caller.call('CancelOperation', { name })).toEqual({});
    expect((await sidecar.get(name))?.encoded).toEqual(encoded);
  });

  test('records who asked', async () => {
    await sidecar.add({ name });
    await caller.call('CancelOperation', { name });
    expect((await sidecar.get(name))?.cancel).toMatchObject({
      reason: 'user',
      actor: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  });
});

test('a deleted operation is NOT_FOUND to a second delete', async () => {
  await sidecar.add({ name, state: 'SUCCEEDED', result: { response: EMPTY } });
  expect(await caller.call('DeleteOperation', { name })).toEqual({});
  expect(await refusal(caller.call('DeleteOperation', { name }))).toMatchObject({ code: Code.NOT_FOUND });
});

describe('ListOperations', () => {
  test('gives pages of 256 until the token is empty, each operation once', async () => {
    const added = await Promise.all(
      Array.from({ length: 600 }, (_, i) => sidecar.add({ ...transfer(`list-${String(i)}`), collection: 'p2' })),
    );
    const request = { name: 'transferOperations', filter: '{"projectId":"p2"}', pageSize: 5000 };
    const sizes: number[] = [];
    const names = new Set<string>();
    let pageToken: string | undefined;
    do {
      const page = await caller.call('ListOperations', {
        ...request,
        ...(pageToken === undefined ? {} : { pageToken }),
      });
      const operations = page['operations'] as readonly { readonly name: string }[];
      sizes.push(operations.length);
      for (const operation of operations) names.add(operation.name);
      pageToken = page['nextPageToken'] as string | undefined;
    } while (pageToken !== undefined);
    expect(sizes).toEqual([256, 256, 88]);
    expect(names).toEqual(new Set(added.map((operation) => operation.name)));
  });

  test('takes return_partial_success false, and true across locations', async () => {
    const name = 'projects/p/locations/-';
    expect(await caller.call('ListOperations', { name: 'operations', returnPartialSuccess: false })).toBeDefined();
    expect(await caller.call('ListOperations', { name, returnPartialSuccess: true })).toEqual({});
  });
});

describe('WaitOperation', () => {
  test('answers when the operation is done, with the bytes that are stored', async () => {
    await sidecar.add({ name });
    const waits = Array.from({ length: 3 }, () => caller.call('WaitOperation', { name }));
    await until(() => sidecar.operations.waiterCount === 3);
    await sidecar.succeed(name);
    for (const wait of waits) expect(await wait).toMatchObject({ name, done: true });
  });

  // operations.proto: "If the operation is already done, the latest state is immediately returned."
  test('of one that is done answers at once', async () => {
    await sidecar.add({ name, state: 'SUCCEEDED', result: { response: EMPTY } });
    expect(await caller.call('WaitOperation', { name })).toMatchObject({ done: true });
  });

  test.each([{ seconds: 0 }, {}, { nanos: 1_000_000 }])(
    'with timeout %j answers with the state as it is',
    async (timeout) => {
      await sidecar.add({ name });
      expect(await caller.call('WaitOperation', { name, timeout })).toEqual({ name });
    },
  );

  test("answers before the caller's deadline, never with an error for not yet", async () => {
    await sidecar.add({ name });
    expect(await caller.call('WaitOperation', { name }, { deadline: Date.now() + WAIT_MARGIN_MS + 300 })).toEqual({
      name,
    });
  });

  test('lets go of a caller that leaves', async () => {
    await sidecar.add({ name });
    const waits = Array.from({ length: 1000 }, () => caller.start('WaitOperation', { name }));
    await until(() => sidecar.operations.waiterCount === 1000);
    for (const wait of waits) wait.cancel();
    await Promise.allSettled(waits.map((wait) => wait.reply));
    await until(() => sidecar.operations.waiterCount === 0);
    expect(sidecar.log.ofLevel('error')).toEqual([]);
  });

  test('tells a caller over the cap when to come back', async () => {
    await sidecar.add({ name });
    const parked = Array.from({ length: 1100 }, () => caller.start('WaitOperation', { name }));
    await until(() => sidecar.operations.waiterCount === 1100);
    const { message, trailer } = await caller.start('WaitOperation', { name }).reply;
    await sidecar.succeed(name);
    await Promise.all(parked.map((wait) => wait.reply));
    expect(message).toEqual({ name });
    expect(trailer.get('retry-after')).toEqual(['1']);
  });
});

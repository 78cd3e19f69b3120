import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EMPTY, typeUrl } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { newOperation, OperationsFixture, UNKNOWN_ANY } from './operations-fixture.ts';

const USER = { reason: 'user', actor: 'somebody' } as const;
const withCode = (code: Code) => expect.objectContaining({ code });
const withReason = (reason: string) => expect.objectContaining({ info: expect.objectContaining({ reason }) });

let fixture: OperationsFixture;

beforeEach(() => {
  fixture = new OperationsFixture().start();
});

afterEach(() => fixture.stop());

test('cancelling many counts a cancel once another came first no more, when its change runs again', async () => {
  const { database, operations } = fixture;
  await fixture.createRunning('operations/1');
  const updateMany = database.operations.updateMany.bind(database.operations);
  database.operations.updateMany = async (updates) => {
    // As a repository does whose first try met another writer.
    for (const { name, change } of updates) change(await operations.get(name), fixture.clock.now());
    await operations.cancel('operations/1', { reason: 'user', actor: 'another' });
    return updateMany(updates);
  };
  expect(await operations.cancelMany(['operations/1'], USER)).toBe(0);
});

test('cancelling many passes one by whose message cannot be made, for whatever reason', async () => {
  const { operations, logger } = fixture;
  for (const name of ['operations/1', 'operations/2', 'operations/3']) await fixture.create({ name });
  fixture.unpresentable = 'operations/2';
  expect(await operations.cancelMany(['operations/1', 'operations/2', 'operations/3'], USER)).toBe(2);
  expect((await operations.get('operations/3')).state).toBe('CANCELLED');
  expect(logger.ofLevel('warn').map(({ fields }) => fields['operation'])).toEqual(['operations/2']);
});

describe('create', () => {
  test('makes a queued operation that Get and List find at once', async () => {
    const { operations } = fixture;
    const created = await fixture.create();
    expect(await operations.get('operations/1')).toEqual(created);
    expect(operations.peek('operations/1')).toEqual(created);
    expect(created).toMatchObject({ state: 'QUEUED', fence: 0n, attemptCount: 0 });
    const page = await operations.list({ name: 'operations', filter: '', pageToken: '', returnPartialSuccess: false });
    expect(page.operations.map(({ name }) => name)).toEqual(['operations/1']);
  });

  test('stores the message that clients will be sent', async () => {
    expect(Buffer.from((await fixture.create()).encoded).toString()).toBe('operations/1 QUEUED');
  });

  test('with a known request id gives back the first operation and writes nothing', async () => {
    const first = await fixture.create({ requestId: 'r1' });
    const again = await fixture.operations.create({ ...newOperation(), name: 'operations/2', requestId: 'r1' });
    expect(again).toEqual({ operation: first, created: false });
    await expect(fixture.operations.get('operations/2')).rejects.toEqual(withCode(Code.NOT_FOUND));
    expect(fixture.operations.peek('operations/2')).toBeUndefined();
  });

  test('refuses a request id that was used for something else', async () => {
    await fixture.create({ requestId: 'r1' });
    const other = { ...newOperation(), name: 'operations/2', requestId: 'r1', request: UNKNOWN_ANY };
    await expect(fixture.operations.create(other)).rejects.toEqual(withReason('REQUEST_ID_REUSED'));
  });

  // AIP-151: a resource that takes no parallel operations answers ABORTED.
  test('is ABORTED while a live operation holds the exclusive key, and names it', async () => {
    await fixture.create({ exclusiveKey: 'job' });
    const second = { ...newOperation(), name: 'operations/2', exclusiveKey: 'job' };
    await expect(fixture.operations.create(second)).rejects.toMatchObject({
      code: Code.ABORTED,
      info: { metadata: { holder: 'operations/1' } },
    });
    await fixture.operations.cancel('operations/1', USER);
    await expect(fixture.operations.create(second)).resolves.toMatchObject({ created: true });
  });

  test('refuses a name that is not of its surface, and bytes that are not of their type', async () => {
    await expect(fixture.create({ name: 'transferOperations/1' })).rejects.toEqual(withCode(Code.INVALID_ARGUMENT));
    const garbled = { typeUrl: typeUrl('google.rpc.Status'), value: new Uint8Array([0xff]) };
    await expect(fixture.create({ request: garbled })).rejects.toEqual(withReason('MALFORMED_ANY'));
  });

  test('takes a request of a type nobody here knows: it is its worker that must', async () => {
    await expect(fixture.create({ request: UNKNOWN_ANY })).resolves.toMatchObject({ request: UNKNOWN_ANY });
  });
});

describe('cancel', () => {
  test('of queued work ends it at once and interrupts nobody', async () => {
    await fixture.create();
    await fixture.operations.cancel('operations/1', USER);
    expect(await fixture.operations.get('operations/1')).toMatchObject({
      state: 'CANCELLED',
      cancel: { actor: 'somebody', stopConfirmed: true },
    });
    expect(fixture.interrupted).toEqual([]);
  });

  test('of running work is durable before the interrupt is sent', async () => {
    await fixture.createRunning('operations/1');
    await fixture.operations.cancel('operations/1', USER);
    expect(await fixture.operations.get('operations/1')).toMatchObject({ state: 'CANCELLING' });
    expect(fixture.interrupted).toMatchObject([{ name: 'operations/1', state: 'CANCELLING' }]);
  });

  // SURFACE.md §1.5: cancel of a done operation is OK and does nothing.
  test('of finished work is OK and changes nothing', async () => {
    const lease = await fixture.createRunning('operations/1');
    await fixture.leases.complete(lease, EMPTY);
    const before = await fixture.operations.get('operations/1');
    await fixture.operations.cancel('operations/1', USER);
    expect(await fixture.operations.get('operations/1')).toEqual(before);
  });

  test('twice keeps the first request', async () => {
    await fixture.createRunning('operations/1');
    await fixture.operations.cancel('operations/1', USER);
    await fixture.clock.advance(5);
    await fixture.operations.cancel('operations/1', { reason: 'user', actor: 'somebody else' });
    expect((await fixture.operations.get('operations/1')).cancel?.actor).toBe('somebody');
  });

  test('of an unknown operation is NOT_FOUND', async () => {
    await expect(fixture.operations.cancel('operations/9', USER)).rejects.toEqual(withCode(Code.NOT_FOUND));
  });
});

describe('delete', () => {
  // operations.proto: "It does not cancel the operation."
  test('of running work hides it and leaves it running', async () => {
    const lease = await fixture.createRunning('operations/1');
    await fixture.operations.delete('operations/1');
    await expect(fixture.operations.get('operations/1')).rejects.toEqual(withCode(Code.NOT_FOUND));
    await expect(fixture.operations.cancel('operations/1', USER)).rejects.toEqual(withCode(Code.NOT_FOUND));
    expect(fixture.interrupted).toEqual([]);
    await expect(fixture.leases.complete(lease, EMPTY)).resolves.toMatchObject({ state: 'SUCCEEDED' });
    expect(await fixture.database.operations.get('operations/1')).toBeUndefined();
  });

  test('of finished work removes it; a second one is NOT_FOUND', async () => {
    await fixture.create();
    await fixture.operations.cancel('operations/1', USER);
    await fixture.operations.delete('operations/1');
    await expect(fixture.operations.delete('operations/1')).rejects.toEqual(withCode(Code.NOT_FOUND));
  });
});

describe('pause and resume', () => {
  const name = 'transferOperations/1';

  beforeEach(() => fixture.create({ name, surface: 'storagetransfer', collection: 'p' }));

  test('stop queued work from being claimed, and let it be claimed again', async () => {
    const query = { kinds: ['test'], limit: 1, alone: false };
    await fixture.operations.suspend(name);
    expect(await fixture.leases.claim('session', query)).toEqual([]);
    await fixture.operations.resume(name);
    expect(await fixture.leases.claim('session', query)).toHaveLength(1);
  });

  test('tell running work', async () => {
    await fixture.leases.claim('session', { kinds: ['test'], limit: 1, alone: false });
    await fixture.operations.suspend(name);
    expect(fixture.interrupted).toMatchObject([{ name, state: 'SUSPENDING' }]);
  });
});

describe('wait', () => {
  const signal = new AbortController().signal;

  test('answers at once when the operation is done', async () => {
    await fixture.create();
    await fixture.operations.cancel('operations/1', USER);
    await expect(fixture.operations.wait('operations/1', { signal })).resolves.toMatchObject({
      operation: { state: 'CANCELLED' },
    });
  });

  test('is woken by the end', async () => {
    const lease = await fixture.createRunning('operations/1');
    const waiting = fixture.operations.wait('operations/1', { signal });
    await fixture.settle();
    expect(fixture.operations.waiterCount).toBe(1);
    await fixture.leases.complete(lease, EMPTY);
    await expect(waiting).resolves.toMatchObject({ operation: { state: 'SUCCEEDED' } });
    expect(fixture.operations.waiterCount).toBe(0);
  });

  // operations.proto: "If the operation is already done, the latest state is immediately returned"; with a timeout, "returning the latest state"
  test('gives the state as it is when the time is up', async () => {
    await fixture.createRunning('operations/1');
    const waiting = fixture.operations.wait('operations/1', { timeoutMs: 500, signal });
    await fixture.clock.advance(500);
    await expect(waiting).resolves.toMatchObject({ operation: { state: 'RUNNING' } });
  });

  test('of zero gives the state at once', async () => {
    await fixture.createRunning('operations/1');
    await expect(fixture.operations.wait('operations/1', { timeoutMs: 0, signal })).resolves.toMatchObject({
      operation: { state: 'RUNNING' },
    });
  });

  test.each([-1, Number.NaN])('of %s is INVALID_ARGUMENT', async (timeoutMs) => {
    await fixture.create();
    await expect(fixture.operations.wait('operations/1', { timeoutMs, signal })).rejects.toEqual(
      withCode(Code.INVALID_ARGUMENT),
    );
  });

  test('answers before its caller gives up', async () => {
    await fixture.createRunning('operations/1');
    const waiting = fixture.operations.wait('operations/1', { deadlineMs: fixture.clock.now() + 1000, signal });
    await fixture.clock.advance(900);
    await expect(waiting).resolves.toMatchObject({ operation: { state: 'RUNNING' } });
  });

  test('leaves nothing behind when its caller goes', async () => {
    await fixture.createRunning('operations/1');
    const caller = new AbortController();
    const waiting = fixture.operations.wait('operations/1', { signal: caller.signal });
    await fixture.settle();
    caller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(fixture.operations.waiterCount).toBe(0);
  });

  test('ends with NOT_FOUND when the operation is deleted', async () => {
    await fixture.createRunning('operations/1');
    const waiting = fixture.operations.wait('operations/1', { signal });
    await fixture.settle();
    const ended = expect(waiting).rejects.toEqual(withCode(Code.NOT_FOUND));
    await fixture.operations.delete('operations/1');
    await ended;
  });

  test('is answered with the state when the process drains', async () => {
    await fixture.createRunning('operations/1');
    const waiting = fixture.operations.wait('operations/1', { signal });
    await fixture.settle();
    await fixture.stop();
    await expect(waiting).resolves.toMatchObject({ operation: { state: 'RUNNING' } });
  });

  test('is answered with the state at once when the process has drained', async () => {
    await fixture.createRunning('operations/1');
    await fixture.stop();
    await expect(fixture.operations.wait('operations/1', { signal })).resolves.toMatchObject({
      operation: { state: 'RUNNING' },
    });
  });

  test('is not parked when too many are: the state, and when to come back', async () => {
    const small = new OperationsFixture({ waiterCountMax: 1, waitRetryDelayMs: 250 }).start();
    await small.createRunning('operations/1');
    const first = small.operations.wait('operations/1', { signal });
    await small.settle();
    await expect(small.operations.wait('operations/1', { signal })).resolves.toMatchObject({
      operation: { state: 'RUNNING' },
      retryDelayMs: 250,
    });
    await small.stop();
    await first;
  });

  test('is woken within the backstop when its hint is lost', async () => {
    const deaf = new OperationsFixture();
    deaf.database.operations.changes = async function* (stop) {
      await new Promise((resolve) => stop.addEventListener('abort', resolve));
      yield* [];
    };
    deaf.start();
    const lease = await deaf.createRunning('operations/1');
    const waiting = deaf.operations.wait('operations/1', { signal });
    await deaf.settle();
    await deaf.leases.complete(lease, EMPTY);
    await deaf.clock.advance(5000);
    await expect(waiting).resolves.toMatchObject({ operation: { state: 'SUCCEEDED' } });
    await deaf.stop();
  });

  test('outlives a storage that fails for a while', async () => {
    const failing = new OperationsFixture().start();
    const lease = await failing.createRunning('operations/1');
    const waiting = failing.operations.wait('operations/1', { signal });
    await failing.settle();
    const { getMany } = failing.database.operations;
    failing.database.operations.getMany = () =>
      Promise.reject(new StatusError(Code.UNAVAILABLE, 'away', { reason: 'TEST' }));
    await failing.leases.complete(lease, EMPTY);
    await failing.clock.advance(5000);
    expect(failing.logger.ofLevel('warn')).not.toEqual([]);
    failing.database.operations.getMany = getMany;
    await failing.clock.advance(5000);
    await expect(waiting).resolves.toMatchObject({ operation: { state: 'SUCCEEDED' } });
    await failing.stop();
  });

  test('a thousand waits on one operation all end, in slices', async () => {
    const lease = await fixture.createRunning('operations/1');
    const waits = Array.from({ length: 1000 }, () => fixture.operations.wait('operations/1', { signal }));
    await fixture.settle();
    await fixture.leases.complete(lease, EMPTY);
    const results = await Promise.all(waits);
    expect(new Set(results.map(({ operation }) => operation)).size).toBe(1);
    expect(fixture.operations.waiterCount).toBe(0);
  });
});

describe('list', () => {
  const list = (request: {
    name: string;
    filter?: string;
    pageSize?: number;
    pageToken?: string;
    returnPartialSuccess?: boolean;
  }) => fixture.operations.list({ filter: '', pageToken: '', returnPartialSuccess: false, ...request });

  async function createMany(count: number): Promise<string[]> {
    const names = Array.from({ length: count }, (_, index) => `operations/${String(index).padStart(3, '0')}`);
    for (const name of names) {
      await fixture.create({ name });
      if (names.indexOf(name) % 3 === 0) await fixture.clock.advance(1);
    }
    return names;
  }

  async function walk(pageSize: number): Promise<string[]> {
    const found: string[] = [];
    let pageToken = '';
    do {
      const page = await list({ name: 'operations', pageSize, pageToken });
      found.push(...page.operations.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return found;
  }

  test.each([1, 2, 7, 10, 11])('pages of %s give each operation once, the newest first', async (pageSize) => {
    const names = await createMany(10);
    const found = await walk(pageSize);
    expect([...found].sort()).toEqual(names);
    const times = await Promise.all(found.map(async (name) => (await fixture.operations.get(name)).createTimeMs));
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  // AIP-158: "they must be actually implemented with a non-infinite default value"
  test('a list without a page size ends at its surface’s default', async () => {
    await createMany(101);
    const page = await list({ name: 'operations', pageSize: 0 });
    expect(page.operations).toHaveLength(100);
    expect(page.nextPageToken).not.toBe('');
  });

  test('a full last page has no token', async () => {
    await createMany(4);
    expect((await list({ name: 'operations', pageSize: 4 })).nextPageToken).toBe('');
  });

  test('keeps its place while others are created and deleted', async () => {
    await createMany(6);
    const first = await list({ name: 'operations', pageSize: 3 });
    await fixture.clock.advance(10);
    await fixture.create({ name: 'operations/new' });
    const seen = first.operations.map(({ name }) => name);
    await fixture.operations.delete(seen[0] ?? '');
    const rest = await list({ name: 'operations', pageSize: 3, pageToken: first.nextPageToken });
    expect([...seen, ...rest.operations.map(({ name }) => name)].sort()).toEqual(
      ['000', '001', '002', '003', '004', '005'].map((id) => `operations/${id}`),
    );
  });

  test('a page ends before it grows too large for one message', async () => {
    const narrow = new OperationsFixture({ listBytesMax: 50 });
    for (const id of ['1', '2', '3', '4']) await narrow.create({ name: `operations/${id}` });
    const first = await narrow.operations.list({
      name: 'operations',
      filter: '',
      pageToken: '',
      returnPartialSuccess: false,
    });
    expect(first.operations.map(({ name }) => name)).toEqual(['operations/4', 'operations/3']);
    const { nextPageToken: pageToken } = first;
    const rest = await narrow.operations.list({
      name: 'operations',
      filter: '',
      pageToken,
      returnPartialSuccess: false,
    });
    expect(rest.operations.map(({ name }) => name)).toEqual(['operations/2', 'operations/1']);
  });

  test('a token serves no other list', async () => {
    await createMany(3);
    const { nextPageToken } = await list({ name: 'operations', pageSize: 1 });
    await expect(
      list({ name: 'transferOperations', filter: '{"projectId":"p"}', pageToken: nextPageToken }),
    ).rejects.toEqual(withReason('PAGE_TOKEN_MISMATCH'));
  });

  test('shows each surface its own', async () => {
    await fixture.create({ name: 'operations/1' });
    await fixture.create({ name: 'transferOperations/1', surface: 'storagetransfer', collection: 'p' });
    await fixture.create({
      name: 'projects/p/locations/global/operations/1',
      surface: 'storagebatchoperations',
      collection: 'projects/p/locations/global',
    });
    const namesOf = async (request: Parameters<typeof list>[0]) =>
      (await list(request)).operations.map(({ name }) => name);
    expect(await namesOf({ name: 'operations' })).toEqual(['operations/1']);
    expect(await namesOf({ name: 'transferOperations', filter: '{"projectId":"p"}' })).toEqual([
      'transferOperations/1',
    ]);
    expect(await namesOf({ name: 'transferOperations', filter: '{"projectId":"q"}' })).toEqual([]);
    expect(await namesOf({ name: 'projects/p/locations/-' })).toEqual(['projects/p/locations/global/operations/1']);
    expect(await namesOf({ name: 'projects/p/locations/global' })).toHaveLength(1);
  });

  test('takes many jobs as well as a few', async () => {
    for (const id of ['1', '2', '3']) {
      const name = `transferOperations/${id}`;
      await fixture.create({ name, surface: 'storagetransfer', collection: 'p', resource: `transferJobs/${id}` });
    }
    const jobNames = ['1', '3', ...Array.from({ length: 500 }, (_, index) => `other${String(index)}`)];
    const page = await list({ name: 'transferOperations', filter: JSON.stringify({ projectId: 'p', jobNames }) });
    expect(page.operations.map(({ name }) => name)).toEqual(['transferOperations/3', 'transferOperations/1']);
  });

  test('scans on behind what a pattern leaves out, and gives up the page when it has looked at enough', async () => {
    for (let index = 0; index < 30; index += 1) {
      const name = `transferOperations/${index === 0 ? 'wanted' : 'other'}-${String(index)}`;
      await fixture.create({ name, surface: 'storagetransfer', collection: 'p' });
      await fixture.clock.advance(1);
    }
    const filter = '{"projectId":"p","operationNamePattern":"transferOperations/wanted*"}';
    const page = await list({ name: 'transferOperations', filter, pageSize: 2 });
    expect(page.operations.map(({ name }) => name)).toEqual(['transferOperations/wanted-0']);
    expect(page.nextPageToken).toBe('');
  });

  // AIP-158: a page may be short, and only an empty token means the end.
  test('a filter that little matches gives short pages, whose tokens lead to all that matches', async () => {
    const narrow = new OperationsFixture({ listReadSize: 4, listScanCountMax: 8 });
    for (let index = 0; index < 30; index += 1) {
      const labels = index % 10 === 0 ? { env: 'prod' } : {};
      await narrow.create({ name: `operations/${String(index)}`, labels });
      await narrow.clock.advance(1);
    }
    const request = { name: 'operations', filter: 'labels.env = prod', pageSize: 2, returnPartialSuccess: false };
    const pages: string[][] = [];
    let pageToken = '';
    do {
      const page = await narrow.operations.list({ ...request, pageToken });
      pages.push(page.operations.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(pages.flat()).toEqual(['operations/20', 'operations/10', 'operations/0']);
    expect(Math.max(...pages.map(({ length }) => length))).toBe(1);
  });

  test('what an index serves of a filter is read without looking at the rest', async () => {
    const narrow = new OperationsFixture({ listReadSize: 4, listScanCountMax: 4 });
    for (let index = 0; index < 30; index += 1) await narrow.create({ name: `operations/${String(index)}` });
    await narrow.operations.cancel('operations/3', USER);
    for (const filter of ['done = true', 'name = operations/3', 'state = CANCELLED AND kind = test']) {
      const page = await narrow.operations.list({
        ...{ name: 'operations', filter, pageToken: '', returnPartialSuccess: false },
      });
      expect(page.operations.map(({ name }) => name)).toEqual(['operations/3']);
      expect(page.nextPageToken).toBe('');
    }
  });

  // AIP-158: changing other arguments than the page size with a token is INVALID_ARGUMENT.
  test('a token serves no other filter', async () => {
    await createMany(3);
    const { nextPageToken: pageToken } = await list({ name: 'operations', filter: 'done = false', pageSize: 1 });
    await expect(list({ name: 'operations', filter: 'done=false', pageToken })).rejects.toEqual(
      withReason('PAGE_TOKEN_MISMATCH'),
    );
    const rest = await list({ name: 'operations', filter: 'done = false', pageToken });
    expect(rest.operations).toHaveLength(2);
  });

  test('lets the event loop turn while a filter goes through many records', async () => {
    const busy = new OperationsFixture({ listTurnBytes: 10 * 280 });
    for (let index = 0; index < 100; index += 1) await busy.create({ name: `operations/${String(index)}` });
    const request = { name: 'operations', pageToken: '', returnPartialSuccess: false };
    await busy.operations.list({ ...request, filter: 'kind = none' });
    const turnsOfOneTerm = busy.turnCount;
    expect(turnsOfOneTerm).toBeGreaterThanOrEqual(9);
    busy.turnCount = 0;
    await busy.operations.list({ ...request, filter: 'kind = none OR kind = nobody' });
    expect(busy.turnCount).toBeGreaterThan(turnsOfOneTerm * 1.5);
    busy.turnCount = 0;
    await busy.operations.list({ ...request, filter: 'done = false' });
    expect(busy.turnCount).toBe(0);
  });

  test.each([
    ['a filter of fields that do not exist', { name: 'operations', filter: 'nosuch = 1' }, Code.INVALID_ARGUMENT],
    [
      'a filter in the syntax of another surface',
      { name: 'operations', filter: '{"projectId":"p"}' },
      Code.INVALID_ARGUMENT,
    ],
    ['return_partial_success', { name: 'operations', returnPartialSuccess: true }, Code.UNIMPLEMENTED],
    ['a transfer list without a filter', { name: 'transferOperations' }, Code.INVALID_ARGUMENT],
    ['a negative page size', { name: 'operations', pageSize: -1 }, Code.INVALID_ARGUMENT],
    ['a location that does not exist', { name: 'projects/p/locations/moon' }, Code.NOT_FOUND],
    ['a garbled token', { name: 'operations', pageToken: 'x' }, Code.INVALID_ARGUMENT],
  ])('%s is refused', async (_what, request, code) => {
    await expect(list(request)).rejects.toThrow(StatusError);
    await expect(list(request)).rejects.toEqual(withCode(code));
  });

  test('partial success may be asked for across locations', async () => {
    await expect(list({ name: 'projects/p/locations/-', returnPartialSuccess: true })).resolves.toMatchObject({
      operations: [],
    });
  });
});

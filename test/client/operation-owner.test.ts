/** An owner of slow work against a real server in this process. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { EmbeddedServer } from '../support/embedded-server.ts';
import { LongrunningClient } from '../../src/client/longrunning-client.ts';
import { OperationOwner } from '../../src/client/operation-owner.ts';
import type { OwnedEnd, OwnedHandler, OwnedWork } from '../../src/client/owned-work.ts';
import { EMPTY, type Any } from '../../src/core/any.ts';
import { Interrupted } from '../../src/core/cancellation.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { packAny } from '../../src/schema/protos.ts';

const KIND = 'reports.render';

let server: EmbeddedServer;
let owner: OperationOwner;

beforeEach(async () => {
  server = await EmbeddedServer.start();
  owner = new OperationOwner(server.client);
});

afterEach(async () => {
  await owner.drain(1000);
  await server.close();
});

function seconds(count: number): Any {
  return packAny('google.protobuf.Duration', { seconds: count });
}

/** Work that goes on until it is stopped; what it was handed. */
function endless(): { readonly begun: Promise<OwnedWork>; readonly handler: OwnedHandler } {
  const begun = Promise.withResolvers<OwnedWork>();
  return {
    begun: begun.promise,
    handler: (work) => {
      begun.resolve(work);
      return new Promise((_resolve, reject) => {
        work.signal.addEventListener('abort', () => reject(work.signal.reason as Error));
      });
    },
  };
}

const succeeding: OwnedHandler = () => Promise.resolve({ response: EMPTY });

/** An operation that another owner has left. */
async function leave(): Promise<string> {
  const { operation } = await server.client.control.create({ kind: KIND, hold: {}, attemptCountMax: 100 });
  const name = operation.name ?? '';
  const error = { code: Code.UNAVAILABLE, message: '' };
  await server.client.control.fail({ name, fence: 1n }, { error, retryable: true });
  return name;
}

function unreachable(): StatusError {
  return new StatusError(Code.UNAVAILABLE, 'gone', { reason: 'SERVER_UNREACHABLE' });
}

/** A client of the same server whose first calls of one method fail, before or after the server has carried them out. */
function clientThatFails(
  method: string,
  count: number,
  error: Error,
  when: 'before' | 'after' = 'before',
): LongrunningClient {
  let leftCount = count;
  const control = new Proxy(server.client.control, {
    get: (target, key) => {
      const real = Reflect.get(target, key) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (key !== method || leftCount === 0) return real.apply(target, args);
        leftCount -= 1;
        if (method === 'watch') return failingStream(error);
        const done = when === 'after' ? (real.apply(target, args) as Promise<unknown>) : Promise.resolve();
        return done.then(() => Promise.reject(error));
      };
    },
  });
  return Object.create(server.client, { control: { value: control } }) as LongrunningClient;
}

// eslint-disable-next-line require-yield
async function* failingStream(error: Error): AsyncGenerator<never> {
  await Promise.reject(error);
}

async function own(
  handler: OwnedHandler,
  more: object = {},
): Promise<{ readonly name: string; readonly ended: Promise<OwnedEnd> }> {
  const { operation, ended } = await owner.own({ kind: KIND, ...more }, handler);
  if (ended === undefined) throw new Error('not owned');
  return { name: operation.name ?? '', ended };
}

describe('owned work', () => {
  test('is answered with at once, and succeeds with its response', async () => {
    const go = Promise.withResolvers<undefined>();
    const { name, ended } = await own(async () => {
      await go.promise;
      return { response: seconds(5) };
    });

    const before = await server.client.operations.get(name);
    go.resolve(undefined);

    expect(before.done ?? false).toBe(false);
    expect(await ended).toMatchObject({ name, kind: 'succeeded' });
    expect((await server.client.operations.get(name)).response?.type_url).toMatch(/Duration$/);
  });

  test('is handed what the operation was made with', async () => {
    const { begun, handler } = endless();
    await own(handler, { request: seconds(7) });

    expect(await begun).toMatchObject({ request: seconds(7), fence: 1n, attempt: 1 });
  });

  test('is aborted by a cancel as it is asked for, and cancelled when it has stopped', async () => {
    const { begun, handler } = endless();
    // A renewal would tell of it too late.
    const { name, ended } = await own(handler, { hold: { leaseDurationMs: 3_600_000 } });
    const { signal } = await begun;

    await server.client.operations.cancel(name);

    expect(await ended).toMatchObject({ kind: 'cancelled' });
    expect(signal.reason).toBeInstanceOf(Interrupted);
    expect(signal.reason).toMatchObject({ kind: 'user' });
    expect(await server.client.control.describe(name)).toMatchObject({
      summary: { state: 'STATE_CANCELLED', cancel: { stopConfirmed: true } },
    });
  });

  test('that ends in spite of a cancel succeeds', async () => {
    const { name, ended } = await own(
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ response: EMPTY }))),
    );
    await server.client.operations.cancel(name);

    expect(await ended).toMatchObject({ kind: 'succeeded' });
  });

  test('fails with its StatusError', async () => {
    const { ended } = await own(() =>
      Promise.reject(new StatusError(Code.NOT_FOUND, 'no paper', { reason: 'NO_PAPER', metadata: { tray: '2' } })),
    );

    const { kind, operation } = await ended;

    expect(kind).toBe('failed');
    expect(operation?.error).toMatchObject({ code: Code.NOT_FOUND, message: 'no paper' });
  });

  test('that throws anything else fails blandly, and tells its owner why', async () => {
    const bug = new TypeError('secret');
    const { ended } = await own(() => Promise.reject(bug));

    const { kind, operation, error } = await ended;

    expect({ kind, error }).toEqual({ kind: 'failed', error: bug });
    expect(operation?.error).toMatchObject({ code: Code.INTERNAL });
    expect(JSON.stringify(operation)).not.toContain('secret');
  });

  test('that is given back is so though the answer to that was lost', async () => {
    const lossy = new OperationOwner(clientThatFails('fail', 1, unreachable(), 'after'));
    const { ended } = await lossy.own({ kind: KIND }, () => Promise.reject(unreachable()));

    expect(await ended).toMatchObject({ kind: 'requeued', operation: { name: expect.any(String) } });
  });

  test('whose response the server refuses fails with that refusal', async () => {
    const { ended } = await own(() => Promise.resolve({ response: { typeUrl: '', value: Buffer.from('x') } }));

    expect(await ended).toMatchObject({ kind: 'failed', operation: { error: { code: Code.INVALID_ARGUMENT } } });
  });

  test('shows what it reports', async () => {
    const { begun, handler } = endless();
    const { name } = await own(handler);

    await (
      await begun
    ).saveCheckpoint(seconds(1), {
      metadata: seconds(2),
      progress: { items: { done: 3, total: 4, totalComplete: true }, stage: 'drawing' },
    });

    expect(await server.client.control.describe(name)).toMatchObject({
      hasCheckpoint: true,
      summary: { progress: { items: { done: '3', total: '4', totalComplete: true }, stage: 'drawing' } },
    });
  });

  test('shows what it reported last when it ends', async () => {
    const { name, ended } = await own(({ report }) => {
      report({ progress: { items: { done: 9 } } });
      return Promise.resolve({ response: EMPTY });
    });
    await ended;

    expect((await server.client.control.describe(name)).summary?.progress).toMatchObject({ items: { done: '9' } });
  });

  test('whose report the server refuses is aborted, and fails with that refusal', async () => {
    const { begun, handler } = endless();
    const { ended } = await own(handler);
    const work = await begun;

    const saving = work.saveCheckpoint(EMPTY, { progress: { items: { done: -1 } } });

    await expect(saving).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT });
    expect(await ended).toMatchObject({ kind: 'failed', operation: { error: { code: Code.INVALID_ARGUMENT } } });
  });
});

test('a call that is repeated with its request id owns nothing more', async () => {
  const { handler } = endless();
  const requestId = randomUUID();

  const first = await own(handler, { requestId });
  const second = await owner.own({ kind: KIND, requestId }, handler);

  expect(second.operation.name).toBe(first.name);
  expect(second.ended).toBeUndefined();
});

test('a create whose answer is lost is repeated, and its work begun', async () => {
  const lossy = new OperationOwner(clientThatFails('create', 1, unreachable(), 'after'));

  const { operation, ended } = await lossy.own({ kind: KIND, requestId: randomUUID() }, succeeding);

  expect(await ended).toMatchObject({ name: operation.name, kind: 'succeeded' });
});

test('a call that is repeated by another owner with its request id owns nothing', async () => {
  const { handler } = endless();
  const requestId = randomUUID();
  const first = await own(handler, { requestId });
  const lossy = new OperationOwner(clientThatFails('create', 1, unreachable(), 'after'));

  const second = await lossy.own({ kind: KIND, requestId }, handler);

  expect(second.operation.name).toBe(first.name);
  expect(second.ended).toBeUndefined();
});

test('an operation that was cancelled before it was made is answered, and not begun', async () => {
  const requestId = randomUUID();
  await server.client.control.cancelByRequestId({ requestId });

  const { operation, ended } = await owner.own({ kind: KIND, requestId }, () => {
    throw new Error('begun');
  });

  expect(operation).toMatchObject({ done: true, error: { code: Code.CANCELLED } });
  expect(ended).toBeUndefined();
});

test('a lease that somebody else has taken aborts the work, and nothing of it is reported', async () => {
  const { begun, handler } = endless();
  const { name, ended } = await own(handler);
  const { signal } = await begun;

  // As the server does when it has given the operation to somebody else.
  await server.client.control.fail(
    { name, fence: 1n },
    { error: { code: Code.UNAVAILABLE, message: '' }, retryable: true },
  );

  expect(await ended).toMatchObject({ kind: 'lost' });
  expect(signal.reason).toMatchObject({ kind: 'lease-lost' });
});

describe('a drain', () => {
  test('gives the work back, and the next owner goes on from its checkpoint', async () => {
    const first = endless();
    const { name, ended } = await own(first.handler, { request: seconds(7) });
    await (await first.begun).saveCheckpoint(seconds(3));

    expect(await owner.drain(5000)).toEqual([]);
    expect(await ended).toMatchObject({ kind: 'requeued' });

    const next = new OperationOwner(server.client);
    const second = endless();
    await next.acquire(name, second.handler);
    expect(await second.begun).toMatchObject({ request: seconds(7), checkpoint: seconds(3), fence: 2n, attempt: 2 });
    await next.drain(5000);
  });

  test('names the work that does not stop', async () => {
    const go = Promise.withResolvers<undefined>();
    const { name, ended } = await own(async () => {
      await go.promise;
      return { response: EMPTY };
    });

    expect(await owner.drain(1)).toEqual([name]);
    go.resolve(undefined);
    await ended;
  });

  test('is the end of owning', async () => {
    await owner.drain(1);

    await expect(owner.own({ kind: KIND }, endless().handler)).rejects.toMatchObject({
      info: { reason: 'OWNER_DRAINING' },
    });
  });
});

describe('taking over', () => {
  test('goes on with what other owners have left, before and later', async () => {
    const before = await leave();
    const stop = new AbortController();

    const taking = owner.takeOver({ kind: KIND, slotCount: 1, signal: stop.signal }, () =>
      Promise.resolve({ response: EMPTY }),
    );
    const first = await server.client.operations.wait(before, 30_000);
    const second = await server.client.operations.wait(await leave(), 30_000);
    stop.abort();
    await taking;

    expect(first).toMatchObject({ done: true });
    expect(second).toMatchObject({ done: true });
    expect([first.error, second.error]).toEqual([undefined, undefined]);
  });

  test('leaves operations of other kinds, and those of workers, alone', async () => {
    const other = await server.client.control.create({ kind: 'other', hold: {} });
    await server.client.control.create({ kind: KIND });
    const stop = new AbortController();
    const seen: string[] = [];

    const taking = owner.takeOver({ kind: KIND, slotCount: 1, signal: stop.signal }, ({ name }) => {
      seen.push(name);
      return Promise.resolve({ response: EMPTY });
    });
    const mine = await server.client.control.create({ kind: KIND, hold: {} });
    const name = mine.operation.name ?? '';
    await server.client.control.fail(
      { name, fence: 1n },
      { error: { code: Code.ABORTED, message: '' }, retryable: true },
    );
    await server.client.operations.wait(name, 30_000);
    stop.abort();
    await taking;

    expect(seen).toEqual([name]);
    expect((await server.client.operations.get(other.operation.name ?? '')).done ?? false).toBe(false);
  });

  test.each([
    ['watch', Code.UNAVAILABLE, 'SERVER_UNREACHABLE'],
    ['watch', Code.RESOURCE_EXHAUSTED, 'TOO_MANY_WATCHES'],
    ['describe', Code.RESOURCE_EXHAUSTED, 'READ_QUEUE_FULL'],
    ['acquire', Code.RESOURCE_EXHAUSTED, 'WRITE_QUEUE_FULL'],
    ['acquire', Code.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  ] as const)('goes on when the server has no room for a while (%s, %d %s)', async (method, code, reason) => {
    const name = await leave();
    const busy = new OperationOwner(clientThatFails(method, 2, new StatusError(code, 'busy', { reason })));
    const stop = new AbortController();

    const taking = busy.takeOver({ kind: KIND, slotCount: 1, signal: stop.signal }, succeeding);
    const ended = await server.client.operations.wait(name, 30_000);
    stop.abort();
    await taking;

    expect(ended).toMatchObject({ done: true });
  });

  test('passes by what cannot be acquired, and says so', async () => {
    const damaged = new StatusError(Code.INVALID_ARGUMENT, 'damaged', { reason: 'DAMAGED' });
    const bad = await leave();
    const told = Promise.withResolvers<object>();
    const stop = new AbortController();
    const passing = new OperationOwner(clientThatFails('acquire', 1, damaged), {
      onTrouble: told.resolve,
    });

    const taking = passing.takeOver({ kind: KIND, slotCount: 1, signal: stop.signal }, succeeding);
    // Not before it was passed by: the next call succeeds.
    const trouble = await told.promise;
    const ended = await server.client.operations.wait(await leave(), 30_000);
    stop.abort();
    await taking;

    expect(ended).toMatchObject({ done: true });
    expect(trouble).toEqual({ name: bad, error: damaged });
  });

  test('ends with its signal though its slots are taken by work that goes on', async () => {
    await leave();
    await leave();
    const { begun, handler } = endless();
    const stop = new AbortController();

    const taking = owner.takeOver({ kind: KIND, slotCount: 1, signal: stop.signal }, handler);
    const { signal } = await begun;
    stop.abort();
    await taking;

    expect(signal.aborted).toBe(false);
  });

  test('passes by what cannot be acquired though whoever is told throws', async () => {
    await leave();
    const damaged = new StatusError(Code.INVALID_ARGUMENT, 'damaged', { reason: 'DAMAGED' });
    const thrown = new Error('a bug of the listener');
    // What escapes a microtask ends the process, as it should; here it is caught.
    const escaped = Promise.withResolvers<unknown>();
    const microtasks = jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => {
      Promise.resolve().then(task).catch(escaped.resolve);
    });
    const stop = new AbortController();
    const passing = new OperationOwner(clientThatFails('acquire', 1, damaged), {
      onTrouble: () => {
        throw thrown;
      },
    });

    const taking = passing.takeOver({ kind: KIND, slotCount: 1, signal: stop.signal }, succeeding);
    const seen = await escaped.promise;
    const ended = await server.client.operations.wait(await leave(), 30_000);
    stop.abort();
    await taking;
    microtasks.mockRestore();

    expect(seen).toBe(thrown);
    expect(ended).toMatchObject({ done: true });
  });

  test('fails when the server will not be watched', async () => {
    const stop = new AbortController();

    await expect(
      owner.takeOver({ kind: KIND, parent: 'nowhere', slotCount: 1, signal: stop.signal }, endless().handler),
    ).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT });
  });
});

test('more work than an owner may have is refused before it is made', async () => {
  const client = new LongrunningClient(server.address, { ownedCountMax: 0 });
  const small = new OperationOwner(client);

  await expect(small.own({ kind: KIND }, endless().handler)).rejects.toMatchObject({
    info: { reason: 'TOO_MANY_OWNED' },
  });
  client.close();
  expect((await server.client.operations.list({ name: 'operations' })).items).toEqual([]);
});

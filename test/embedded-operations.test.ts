/** Operations embedded in a server of grpc-js, seen by a client of it. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_API_LIMITS } from '../src/api/limits.ts';
import { EMPTY } from '../src/core/any.ts';
import { Code } from '../src/core/code.ts';
import { openMemory } from '../src/library.ts';
import type { TaskHandler } from '../src/operations/task.ts';
import { EmbeddedServer } from './support/embedded-server.ts';

/** Work that goes on until it is stopped. */
const endless: TaskHandler = (_task, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

let server: EmbeddedServer;

afterEach(() => server.close());

async function nameOf(made: Promise<object>): Promise<string> {
  return ((await made) as { readonly name: string }).name;
}

test('its operations are described: their state, and the worker that has them', async () => {
  server = await EmbeddedServer.start({ handlers: { 'reports.render': endless } });
  const name = await nameOf(server.lro.create({ kind: 'reports.render' }));
  await server.until(name, 'STATE_RUNNING');

  expect(await server.client.control.describe(name)).toMatchObject({
    summary: { state: 'STATE_RUNNING', kind: 'reports.render' },
    lease: { worker: 'reports.render' },
  });
});

test('so many lists are read at a time, and the others wait', async () => {
  const database = openMemory();
  const read = database.operations.list.bind(database.operations);
  const { promise: mayRead, resolve: letRead } = Promise.withResolvers<undefined>();
  const { promise: isFull, resolve: fill } = Promise.withResolvers<undefined>();
  let begunCount = 0;
  database.operations.list = async (query) => {
    begunCount += 1;
    if (begunCount === DEFAULT_API_LIMITS.listCountMax) fill(undefined);
    await mayRead;
    return read(query);
  };
  server = await EmbeddedServer.start({ database });
  const count = 3 * DEFAULT_API_LIMITS.listCountMax;
  const lists = Array.from({ length: count }, () => server.client.operations.list({ name: 'operations' }));
  await isFull;
  // An answer to a later call on the same connection: the lists before it were received.
  await expect(server.client.operations.get('operations/none')).rejects.toMatchObject({ code: Code.NOT_FOUND });
  expect(begunCount).toBe(DEFAULT_API_LIMITS.listCountMax);
  letRead(undefined);
  expect(await Promise.all(lists)).toHaveLength(count);
  expect(begunCount).toBe(count);
});

test('its workers are listed', async () => {
  server = await EmbeddedServer.start({ handlers: { 'reports.render': endless }, slotCount: 3 });

  const { workers = [] } = await server.client.control.listWorkers();

  expect(workers.find(({ name }) => name === 'reports.render')).toMatchObject({
    kinds: ['reports.render'],
    slotCount: 3,
  });
});

test('a drain ends its watches, which may be joined again at the next process', async () => {
  server = await EmbeddedServer.start();
  const watch = server.client.control.watch({ parent: 'operations' });
  await watch.next();

  const draining = server.lro.drain(1000);

  await expect(
    (async () => {
      for await (const _event of watch);
    })(),
  ).rejects.toMatchObject({ code: Code.UNAVAILABLE, info: { reason: 'SERVER_DRAINING' } });
  await draining;
});

test('many are cancelled at once by a filter', async () => {
  server = await EmbeddedServer.start({ handlers: { 'reports.render': endless } });
  const labels = { team: 'a' };
  const names = [
    await nameOf(server.lro.create({ kind: 'reports.render', labels })),
    await nameOf(server.lro.create({ kind: 'reports.render', labels })),
  ];

  const bulk = await server.client.control.bulkCancel({ parent: 'operations', filter: 'labels.team = a' });
  await server.client.operations.wait(bulk.name ?? '', 20_000);

  for (const name of names)
    expect(await server.client.operations.wait(name, 20_000)).toMatchObject({ error: { code: 1 } });
});

test('a cancel by request id meets the create that comes after it', async () => {
  server = await EmbeddedServer.start({ handlers: { 'reports.render': endless } });
  const requestId = randomUUID();

  expect(await server.client.control.cancelByRequestId({ requestId })).toHaveProperty('pendingUntilTime');
  const name = await nameOf(server.lro.create({ kind: 'reports.render', requestId }));

  expect(await server.client.operations.get(name)).toMatchObject({ done: true, error: { code: Code.CANCELLED } });
});

describe('a caller from outside', () => {
  test('may not make operations that a handler here would carry out', async () => {
    server = await EmbeddedServer.start({ handlers: { 'reports.render': endless } });

    await expect(server.client.control.create({ kind: 'reports.render' })).rejects.toMatchObject({
      code: Code.INVALID_ARGUMENT,
      info: { reason: 'KIND_RESERVED' },
    });
  });

  test('may own operations of other kinds', async () => {
    server = await EmbeddedServer.start();

    const { operation, lease } = await server.client.control.create({ kind: 'elsewhere', hold: {} });
    const done = await server.client.control.complete(lease ?? { name: '', fence: 0n }, { response: EMPTY });

    expect(done).toMatchObject({ name: operation.name, done: true });
  });
});

test('a handler of a kind that the library carries out itself is refused', async () => {
  server = await EmbeddedServer.start();

  await expect(EmbeddedServer.start({ handlers: { 'longrunning.bulkCancel': endless } })).rejects.toMatchObject({
    code: Code.INVALID_ARGUMENT,
  });
});

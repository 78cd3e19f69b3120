import { request, type IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import type { CallContext, StreamMethod } from '../../../src/api/method.ts';
import { Code } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import type { HttpLimits } from '../../../src/http/limits.ts';
import { startingHttp } from '../starting-http.ts';

/** A message of a watch, as a method has it. */
type Told = Readonly<Record<string, unknown>>;

interface WatchRequest {
  readonly name?: string;
  readonly parent?: string;
  readonly filter?: string;
  readonly cursor?: string;
}

type Watch = (request: WatchRequest, context: CallContext) => AsyncGenerator<Told>;

const PATH = '/v1/operations/1:watch';
const startHttp = startingHttp();

function start(watch: Watch, limits: Partial<HttpLimits> = {}) {
  const method: StreamMethod<WatchRequest> = {
    service: 'longrunning.control.v1.OperationControl',
    rpc: 'WatchOperations',
    domain: () => 'longrunning.googleapis.com',
    resumption: { cursorField: 'cursor', heartbeatField: 'heartbeat' },
    stream: watch,
  };
  return startHttp({ methods: [method], limits });
}

async function read(address: string, path = PATH, headers: Record<string, string> = {}) {
  const response = await fetch(`http://${address}${path}`, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** A reader that takes nothing until it is told to. */
async function open(address: string): Promise<IncomingMessage> {
  const { hostname, port } = new URL(`http://${address}`);
  const sent = request({ hostname, port, path: PATH });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sent.once('response', resolve).once('error', reject).end();
  const response = await promise;
  // What ends it is looked at on the other side.
  response.on('error', () => undefined);
  return response;
}

const changed = (name: string): Told => ({ changed: { operation: { name }, state: 'STATE_RUNNING' } });

const twoMessages: Watch = async function* () {
  yield { ...changed('operations/1'), cursor: 'c1' };
  yield await Promise.resolve({ heartbeat: {}, cursor: 'c2' });
  yield { synced: {}, cursor: 'c3' };
};

describe('a stream over HTTP', () => {
  test('is server-sent events', async () => {
    const { address } = await start(twoMessages);
    const { status, headers, text } = await read(address);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=UTF-8']);
    // nginx holds back what comes in small pieces unless it is told not to.
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(text.replace(/^retry: \d+\n\n/, '')).toBe(
      [
        'id: c1\ndata: {"cursor":"c1","changed":{"operation":{"name":"operations/1"},"state":"STATE_RUNNING"}}\n\n',
        ': alive\nid: c2\n\n',
        'id: c3\ndata: {"cursor":"c3","synced":{}}\n\n',
        'event: end\nid: end\ndata: {}\n\n',
      ].join(''),
    );
  });

  test('is the same with alt=sse, as much of it as fields selects, with enums as numbers', async () => {
    const { address } = await start(twoMessages);
    const query = '?alt=sse;enum-encoding=int&fields=changed(state),synced';
    expect((await read(address, PATH + query)).text.match(/^data: .*$/gm)).toEqual([
      'data: {"changed":{"state":2}}',
      'data: {"synced":{}}',
      'data: {}',
    ]);
  });

  test('is a list with alt=json', async () => {
    const { address } = await start(twoMessages);
    const { headers, text } = await read(address, `${PATH}?alt=json&fields=cursor`);
    expect([headers.get('content-type'), JSON.parse(text)]).toEqual([
      'application/json; charset=UTF-8',
      [{ cursor: 'c1' }, { cursor: 'c3' }],
    ]);
  });

  test('binds the operation or the collection of its path, and the filter', async () => {
    const requests: WatchRequest[] = [];
    const { address } = await start(async function* (asked) {
      requests.push(asked);
      yield await Promise.resolve({ synced: {} });
    });
    await read(address, '/v1/transferOperations/a:watch?cursor=c');
    await read(address, '/v1/operations:watchAll?filter=done%3Dfalse');
    expect(requests).toEqual([
      { name: 'transferOperations/a', cursor: 'c' },
      { parent: 'operations', filter: 'done=false' },
    ]);
  });

  test('that fails before its first message is an error as any', async () => {
    // eslint-disable-next-line require-yield -- it has none to tell
    const { address } = await start(async function* () {
      await Promise.resolve();
      throw new StatusError(Code.NOT_FOUND, 'operations/1 was not found', { reason: 'OPERATION_NOT_FOUND' });
    });
    const { status, headers, text } = await read(address);
    expect([status, headers.get('content-type')]).toEqual([404, 'application/json; charset=UTF-8']);
    expect(JSON.parse(text)).toMatchObject({ error: { status: 'NOT_FOUND' } });
  });

  test('that fails later tells why in its last event', async () => {
    const { address } = await start(async function* () {
      yield await Promise.resolve({ synced: {}, cursor: 'c1' });
      throw new StatusError(Code.UNAVAILABLE, 'the server stops', { reason: 'SERVER_DRAINING' });
    });
    const { text } = await read(address);
    const [, data = ''] = /event: failure\ndata: (.*)\n\n$/.exec(text) ?? [];
    expect(JSON.parse(data)).toMatchObject({ error: { code: 503, details: [{ reason: 'SERVER_DRAINING' }] } });
  });

  test("that fails has errors[] in its last event where the caller asks for errors' older form", async () => {
    const { address } = await start(async function* () {
      yield await Promise.resolve({ synced: {} });
      throw new StatusError(Code.UNAVAILABLE, 'the server stops', { reason: 'SERVER_DRAINING' });
    });
    const errors = [{ message: 'the server stops', domain: 'global', reason: 'backendError' }];
    const [, data = ''] = /event: failure\ndata: (.*)\n/.exec((await read(address, `${PATH}?$.xgafv=1`)).text) ?? [];
    expect(JSON.parse(data)).toMatchObject({ error: { code: 503, errors } });
    const list: unknown = JSON.parse((await read(address, `${PATH}?alt=json&$.xgafv=1`)).text);
    expect(list).toMatchObject([{ synced: {} }, { error: { errors } }]);
  });

  test('that fails by our mistake tells nothing of what is inside, and logs it whole', async () => {
    const { address, log } = await start(async function* () {
      yield await Promise.resolve({ synced: {} });
      throw new Error('db.internal is gone');
    });
    expect((await read(address)).text).toMatch(/event: failure\ndata: (?!.*db\.internal).*INTERNAL/);
    expect(log.ofLevel('error')).toHaveLength(1);
  });

  test('is not begun for a caller whose parameters are refused', async () => {
    let count = 0;
    const { address } = await start(async function* () {
      count += 1;
      yield await Promise.resolve({ synced: {} });
    });
    expect((await read(address, `${PATH}?alt=proto`)).status).toBe(400);
    expect((await read(address, `${PATH}?fields=bogus`)).status).toBe(400);
    expect((await read(address, `${PATH}?filter=a&bogus=1`)).status).toBe(400);
    expect(count).toBe(0);
  });

  test('HEAD has its header, and begins nothing', async () => {
    let count = 0;
    const { address } = await start(async function* () {
      count += 1;
      yield await Promise.resolve({ synced: {} });
    });
    const response = await fetch(`http://${address}${PATH}`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type'), count]).toEqual([
      200,
      'text/event-stream; charset=UTF-8',
      0,
    ]);
  });
});

describe('Last-Event-ID', () => {
  const tellsCursor: Watch = async function* ({ cursor = '' }) {
    yield await Promise.resolve({ synced: {}, cursor: `after-${cursor}` });
  };

  test('is where the stream goes on, whatever the URL says', async () => {
    const { address } = await start(tellsCursor);
    const { text } = await read(address, `${PATH}?cursor=c1`, { 'last-event-id': 'c7' });
    expect(text).toContain('id: after-c7\n');
  });

  test('that is empty is none', async () => {
    const { address } = await start(tellsCursor);
    expect((await read(address, `${PATH}?cursor=c1`, { 'last-event-id': '' })).text).toContain('id: after-c1\n');
  });

  test('of the end is answered 204, so that a browser stays away', async () => {
    const { address } = await start(tellsCursor);
    expect(await read(address, PATH, { 'last-event-id': 'end' })).toMatchObject({ status: 204, text: '' });
  });
});

describe('the reader of a stream', () => {
  /** Tells messages of 64 KiB without end. */
  function endless() {
    const ended = Promise.withResolvers<string>();
    const counted = { taken: 0 };
    const watch: Watch = async function* (_request, { signal }) {
      try {
        for (;;) {
          counted.taken += 1;
          await Promise.resolve();
          yield changed('x'.repeat(64 * 1024));
        }
      } finally {
        ended.resolve(String(signal.aborted));
      }
    };
    return { watch, counted, ended: ended.promise };
  }

  test('that leaves ends it', async () => {
    const waiting = Promise.withResolvers<unknown>();
    const { address } = await start(async function* (_request, { signal }) {
      yield { synced: {} };
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          waiting.resolve(signal.reason);
          reject(signal.reason as Error);
        });
      });
    });
    (await open(address)).destroy();
    expect(await waiting.promise).toMatchObject({ info: { reason: 'CALL_CANCELLED' } });
  });

  test('that takes nothing holds up its messages, and is cut off', async () => {
    const { watch, counted, ended } = endless();
    const { address } = await start(watch, { streamStallTimeoutMs: 200 });
    const reader = await open(address);
    reader.pause();
    expect(await ended).toBe('true');
    // What the system's buffers hold, and no more.
    expect(counted.taken).toBeLessThan(500);
    reader.destroy();
  });

  test('that takes nothing of the end is cut off', async () => {
    const left = Promise.withResolvers<unknown>();
    const { address } = await start(
      async function* (_request, { signal }) {
        signal.addEventListener('abort', left.resolve);
        yield await Promise.resolve({ synced: {} });
        throw new StatusError(Code.UNAVAILABLE, 'x'.repeat(16 * 1024 * 1024), { reason: 'SERVER_DRAINING' });
      },
      { streamStallTimeoutMs: 200 },
    );
    const reader = await open(address);
    reader.pause();
    await left.promise;
    reader.destroy();
  });

  test('that takes nothing is cut off at once while others hold all the room there is', async () => {
    const { watch, ended } = endless();
    const { address } = await start(watch, { streamStallTimeoutMs: 2 ** 30, streamBufferedBytesMax: 1 });
    const reader = await open(address);
    reader.pause();
    expect(await ended).toBe('true');
    reader.destroy();
  });

  test('that takes nothing is cut off when the method says so', async () => {
    const [reading, left] = [Promise.withResolvers<undefined>(), Promise.withResolvers<boolean>()];
    const { address } = await start(async function* (_request, context) {
      void reading.promise.then(() => {
        context.cutOff();
      });
      try {
        yield await Promise.resolve({ cursor: 'x'.repeat(32 * 1024 * 1024) });
      } finally {
        left.resolve(context.signal.aborted);
      }
    });
    const reader = await open(address);
    reader.pause();
    reading.resolve(undefined);
    expect(await left.promise).toBe(true);
    reader.destroy();
  });

  test('that leaves in the middle of it ends it', async () => {
    const { watch, ended } = endless();
    const { address } = await start(watch);
    const reader = await open(address);
    reader.once('data', () => reader.destroy());
    expect(await ended).toBe('true');
  });
});

test('streams beyond their number are refused until one is over', async () => {
  const gates = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  let count = 0;
  const { address } = await start(
    async function* () {
      const gate = gates[count++];
      yield { synced: {} };
      await gate?.promise;
    },
    { streamCountMax: 1 },
  );
  const first = await open(address);
  const refused = await read(address);
  expect([refused.status, refused.headers.get('retry-after'), JSON.parse(refused.text)]).toMatchObject([
    429,
    '1',
    { error: { details: [{ reason: 'TOO_MANY_STREAMS', metadata: { streamCountMax: '1' } }, {}] } },
  ]);
  gates[0]?.resolve(undefined);
  const over = new Promise((resolve) => first.once('end', resolve));
  first.resume();
  await over;
  gates[1]?.resolve(undefined);
  expect((await read(address)).status).toBe(200);
});

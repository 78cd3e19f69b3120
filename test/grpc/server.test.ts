import { existsSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  credentials,
  experimental,
  logVerbosity,
  Metadata,
  makeClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { routeGrpcLog } from '../../src/grpc/log.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import type { Method } from '../../src/api/method.ts';
import { Caller, OPERATIONS, refusal, startOperations, until } from './operations-server.ts';

type Sidecar = Awaited<ReturnType<typeof startOperations>>;

let directory: string;
let open: { close(): unknown }[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'grpc-'));
  open = [];
});

afterEach(async () => {
  for (const each of open.reverse()) await each.close();
  rmSync(directory, { recursive: true });
});

async function start(options?: Parameters<typeof startOperations>[0]): Promise<Sidecar> {
  const sidecar = await startOperations(options);
  open.push(sidecar);
  return sidecar;
}

/** A GetOperation that does what the test says. */
const getOperation = (handle: Method['handle']): readonly Method[] => [
  { service: OPERATIONS, rpc: 'GetOperation', domain: () => 'test.example.com', handle },
];

describe('an address', () => {
  test('of a free port is told with its number', async () => {
    const { address, add, caller } = await start();
    expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    await add({ name: 'operations/1' });
    expect(await caller.call('GetOperation', { name: 'operations/1' })).toEqual({ name: 'operations/1' });
  });

  test('may be of IPv6, and several are served', async () => {
    const { server, add } = await start();
    await add({ name: 'operations/1' });
    const second = await server.listen({ host: '::1', port: 0 });
    expect(second).toMatch(/^\[::1\]:[1-9]\d*$/);
    const caller = new Caller(second);
    open.push(caller);
    expect(await caller.call('GetOperation', { name: 'operations/1' })).toEqual({ name: 'operations/1' });
  });

  test('that is taken is refused by name and with what to do, and what grpc-js says else is in our log', async () => {
    const { address, log } = await start();
    routeGrpcLog(log);
    const port = Number(address.split(':')[1]);
    await expect(start({ address: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: Code.UNAVAILABLE,
      message: `cannot listen at ${address}: another process listens there; stop it, or choose another address`,
    });
    expect(log.ofLevel('warn')).toEqual([]);
    experimental.log(logVerbosity.ERROR, 'a connection failed');
    expect(log.ofLevel('warn').map(({ fields }) => fields)).toEqual([{ from: 'grpc-js' }]);
  });

  test('of a Unix socket is for its owner only, and gone after close', async () => {
    const path = join(directory, 'socket');
    const sidecar = await startOperations({ address: { path } });
    await sidecar.add({ name: 'operations/1' });
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect(await sidecar.caller.call('GetOperation', { name: 'operations/1' })).toEqual({ name: 'operations/1' });
    await sidecar.close();
    expect(existsSync(path)).toBe(false);
  });

  test('of a socket that a dead process left is taken over', async () => {
    const path = join(directory, 'socket');
    const abandon = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', abandon]);
    expect(existsSync(path)).toBe(true);
    expect((await start({ address: { path } })).address).toBe(`unix:${path}`);
  });

  test('of a socket that is served is refused, and goes on being served', async () => {
    const path = join(directory, 'socket');
    const { caller, add } = await start({ address: { path } });
    await add({ name: 'operations/1' });
    await expect(start({ address: { path } })).rejects.toMatchObject({ info: { reason: 'ADDRESS_UNAVAILABLE' } });
    expect(await caller.call('GetOperation', { name: 'operations/1' })).toEqual({ name: 'operations/1' });
  });

  test('where a file is in the way is refused, and the file kept', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, 'mine');
    await expect(start({ address: { path } })).rejects.toThrow(/no socket/);
    expect(lstatSync(path).size).toBe(4);
  });

  test('too long for a socket is refused', async () => {
    await expect(start({ address: { path: join(directory, 'x'.repeat(120)) } })).rejects.toThrow(/107 bytes/);
  });
});

describe('a call that goes wrong', () => {
  test('by an error that nobody expected is INTERNAL to the caller, and whole in the log, once', async () => {
    const bug = new TypeError('password=secret');
    const { caller, log } = await start({ methods: getOperation(() => Promise.reject(bug)) });
    const status = await refusal(caller.call('GetOperation', {}));
    expect(status).toMatchObject({ code: Code.INTERNAL, info: { reason: 'INTERNAL', domain: 'test.example.com' } });
    expect(JSON.stringify(status)).not.toContain('secret');
    expect(log.ofLevel('error').map(({ fields }) => fields['error'])).toEqual([bug]);
  });

  test('by an error thrown at once is answered too', async () => {
    const { caller } = await start({
      methods: getOperation(() => {
        throw new StatusError(Code.DATA_LOSS, 'x', { reason: 'LOST' });
      }),
    });
    expect(await refusal(caller.call('GetOperation', {}))).toMatchObject({ code: Code.DATA_LOSS });
  });

  test('by a message of any length reaches the caller, cut', async () => {
    const message = '誤'.repeat(3000);
    const { caller } = await start({
      methods: getOperation(() =>
        Promise.reject(new StatusError(Code.ABORTED, message, { reason: 'LONG', metadata: { message } })),
      ),
    });
    const status = await refusal(caller.call('GetOperation', {}));
    expect(status).toMatchObject({ code: Code.ABORTED, info: { reason: 'LONG' } });
    // Clients on gRPC's C core take 8 KiB of metadata.
    expect(encodeURI(status.message).length).toBeLessThanOrEqual(2048);
    expect(status.info?.metadata).toBeUndefined();
    expect(message.startsWith(status.message.slice(0, 10))).toBe(true);
  });

  test('by a lone surrogate in the message reaches the caller', async () => {
    const { caller } = await start({
      methods: getOperation(() => Promise.reject(new StatusError(Code.ABORTED, 'a\ud800%\n', { reason: 'ODD' }))),
    });
    expect(await refusal(caller.call('GetOperation', {}))).toMatchObject({ message: 'a\ufffd%\n' });
  });

  test('by a request of 5 MiB is RESOURCE_EXHAUSTED, and the next call is served', async () => {
    const { caller, add } = await start();
    await add({ name: 'operations/1' });
    const request = { name: 'x'.repeat(5 * 1024 * 1024) };
    expect(await refusal(caller.call('GetOperation', request))).toMatchObject({
      code: Code.RESOURCE_EXHAUSTED,
      info: { reason: 'MESSAGE_TOO_LARGE', domain: 'longrunning.googleapis.com' },
    });
    expect(await caller.call('GetOperation', { name: 'operations/1' })).toEqual({ name: 'operations/1' });
  });

  test('by a response that is too large is RESOURCE_EXHAUSTED', async () => {
    const { caller } = await start({
      grpcLimits: { sendSizeMaxBytes: 1000 },
      methods: getOperation(() => Promise.resolve(Buffer.alloc(1001))),
    });
    expect(await refusal(caller.call('GetOperation', {}))).toMatchObject({ code: Code.RESOURCE_EXHAUSTED });
  });

  test('by bytes that are no message is INVALID_ARGUMENT, and nothing is logged as our fault', async () => {
    const { caller, log } = await start();
    expect(await refusal(caller.raw(`/${OPERATIONS}/GetOperation`, Buffer.from([0x0a, 0xff])))).toMatchObject({
      code: Code.INVALID_ARGUMENT,
      info: { reason: 'MALFORMED_REQUEST', domain: 'longrunning.googleapis.com' },
    });
    expect(log.ofLevel('error')).toEqual([]);
  });

  test('by an RPC that is known and not served is UNIMPLEMENTED with its name', async () => {
    const { address, caller } = await start();
    const transfers = new Caller(address, 'google.storagetransfer.v1.StorageTransferService');
    open.push(transfers);
    expect(await refusal(transfers.call('GetTransferJob', { jobName: 'transferJobs/1' }))).toMatchObject({
      code: Code.UNIMPLEMENTED,
      info: {
        reason: 'METHOD_NOT_IMPLEMENTED',
        domain: 'storagetransfer.googleapis.com',
        metadata: { rpc: 'GetTransferJob' },
      },
    });
    // Answered by grpc-js before anything of ours sees it: without ErrorInfo.
    await expect(caller.raw('/acme.v1.Nobody/Call', Buffer.alloc(0))).rejects.toMatchObject({
      code: Code.UNIMPLEMENTED,
    });
  });
});

describe("a call's signal", () => {
  const holding = (signals: AbortSignal[]): readonly Method[] =>
    getOperation((_request, { signal }) => {
      signals.push(signal);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    });

  test('aborts with CANCELLED when the caller leaves', async () => {
    const signals: AbortSignal[] = [];
    const { caller } = await start({ methods: holding(signals) });
    const call = caller.start('GetOperation', {});
    await until(() => signals.length === 1);
    call.cancel();
    await call.reply.catch(() => undefined);
    await until(() => signals[0]?.aborted === true);
    expect(signals[0]?.reason).toMatchObject({ code: Code.CANCELLED });
  });

  test('aborts with DEADLINE_EXCEEDED when its time is up', async () => {
    const signals: AbortSignal[] = [];
    const { address } = await start({ methods: holding(signals) });
    // grpc-js' own client leaves at its deadline, on a busy machine before the server has counted to it.
    const session = connect(`http://${address}`);
    const path = '/google.longrunning.Operations/GetOperation';
    const headers = { 'content-type': 'application/grpc', te: 'trailers', 'grpc-timeout': '100m' };
    session.request({ ':method': 'POST', ':path': path, ...headers }).end(Buffer.alloc(5));
    await until(() => signals[0]?.aborted === true);
    session.destroy();
    expect(signals[0]?.reason).toMatchObject({ code: Code.DEADLINE_EXCEEDED });
  });

  test('is silent after the answer', async () => {
    const signals: AbortSignal[] = [];
    const { caller } = await start({
      methods: getOperation(async (_request, { signal }) => {
        signals.push(signal);
        return {};
      }),
    });
    await caller.call('GetOperation', {});
    await caller.call('GetOperation', {});
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
  });
});

describe('a drain', () => {
  test('goes on serving until close, lets parked waits end with the state, and closes', async () => {
    const { caller, add, server, operations, release } = await start();
    await add({ name: 'operations/1' });
    const wait = caller.call('WaitOperation', { name: 'operations/1' });
    await until(() => operations.waiterCount === 1);
    server.setServing(false);
    expect(await caller.call('GetOperation', { name: 'operations/1' })).toEqual({ name: 'operations/1' });
    await release();
    expect(await wait).toEqual({ name: 'operations/1' });
    expect(await server.close(5000)).toBe(true);
    await expect(caller.call('GetOperation', { name: 'operations/1' })).rejects.toMatchObject({
      code: Code.UNAVAILABLE,
    });
  });

  test('waits for calls that are open', async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    let isServing = false;
    const { caller, server } = await start({
      methods: getOperation(() => {
        isServing = true;
        return promise;
      }),
    });
    const call = caller.call('GetOperation', {});
    await until(() => isServing);
    const closed = server.close(5000);
    resolve({ name: 'late' });
    expect(await call).toEqual({ name: 'late' });
    expect(await closed).toBe(true);
  });

  test('cuts off what does not end in time', async () => {
    let isServing = false;
    const { caller, server } = await start({
      methods: getOperation(() => {
        isServing = true;
        return new Promise(() => {});
      }),
    });
    const call = caller.call('GetOperation', {}).catch((error: unknown) => error as ServiceError);
    await until(() => isServing);
    expect(await server.close(10)).toBe(false);
    expect(await call).toMatchObject({ code: Code.CANCELLED });
  });
});

describe('grpc.health.v1', () => {
  const Health = makeClientConstructor(healthService, 'Health');

  function healthOf(address: string) {
    const client = new Health(address, credentials.createInsecure());
    open.push(client);
    return {
      check: (service: string) =>
        new Promise((resolve, reject) => {
          const { path, requestSerialize, responseDeserialize } = healthService['Check'] ?? raise();
          client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, reply) => {
            if (error === null) resolve(reply);
            else reject(error);
          });
        }),
      watch: (service: string) => {
        const { path, requestSerialize, responseDeserialize } = healthService['Watch'] ?? raise();
        return client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service }, new Metadata());
      },
    };
  }

  function raise(): never {
    throw new Error('the health service has no such RPC');
  }

  test('answers for the server and each service, and NOT_SERVING while it drains', async () => {
    const { address, server } = await start();
    const health = healthOf(address);
    expect(await health.check('')).toEqual({ status: 'SERVING' });
    expect(await health.check(OPERATIONS)).toEqual({ status: 'SERVING' });
    server.setServing(false);
    expect(await health.check('')).toEqual({ status: 'NOT_SERVING' });
    expect(await health.check(OPERATIONS)).toEqual({ status: 'NOT_SERVING' });
  });

  // health.proto: "If the service name is not registered, the server returns a NOT_FOUND status."
  test('does not know other services', async () => {
    const { address } = await start();
    expect(await refusal(healthOf(address).check('acme.v1.Nobody'))).toMatchObject({
      code: Code.NOT_FOUND,
      info: { reason: 'SERVICE_UNKNOWN' },
    });
  });

  test('tells those who watch, and lets them go when the server closes', async () => {
    const { address, server } = await start();
    const seen: unknown[] = [];
    const call = healthOf(address).watch('');
    const unknown = healthOf(address).watch('acme.v1.Nobody');
    call.on('data', (reply) => seen.push(reply));
    unknown.on('data', (reply) => seen.push(reply));
    await until(() => seen.length === 2);
    server.setServing(false);
    await until(() => seen.length === 4);
    expect(await server.close(5000)).toBe(true);
    expect(seen).toHaveLength(4);
    expect(seen).toEqual(
      expect.arrayContaining([{ status: 'SERVING' }, { status: 'SERVICE_UNKNOWN' }, { status: 'NOT_SERVING' }]),
    );
  });
});

test("metadata over Node's bound is refused, and the server lives on", async () => {
  const { address, caller, add } = await start();
  await add({ name: 'operations/1' });
  const other = new Caller(address);
  open.push(other);
  await expect(other.withMetadata('GetOperation', { 'x-large': 'x'.repeat(100_000) })).rejects.toBeDefined();
  expect(await caller.call('GetOperation', { name: 'operations/1' })).toEqual({ name: 'operations/1' });
});

test.each([
  ['made', () => Promise.resolve({}), 0],
  ['an error', () => Promise.reject(new StatusError(Code.ABORTED, 'no', { reason: 'NO' })), 10],
])('a method learns when its answer is %s, and not before', async (_what, outcome, code) => {
  const { promise: isAnswered, resolve } = Promise.withResolvers<boolean>();
  let hasReturned = false;
  const list: Method = {
    ...{ service: 'google.longrunning.Operations', rpc: 'ListOperations', domain: () => 'longrunning.googleapis.com' },
    handle: async (_request, context) => {
      context.whenAnswered(() => {
        resolve(hasReturned);
      });
      await new Promise((settle) => setImmediate(settle));
      hasReturned = true;
      return outcome();
    },
  };
  const { caller } = await start({ methods: [list] });
  const error = await caller.call('ListOperations', {}).then(
    () => ({ code: 0 }),
    (reason: unknown) => reason,
  );
  expect([error, await isAnswered]).toMatchObject([{ code }, true]);
});

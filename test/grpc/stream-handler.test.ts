import { once } from 'node:events';
import { connect, type ClientHttp2Stream } from 'node:http2';
import { afterEach, expect, test } from '@jest/globals';
import { credentials, makeClientConstructor, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import type { StreamMethod } from '../../src/api/method.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { DEFAULT_GRPC_LIMITS } from '../../src/grpc/limits.ts';
import { GrpcServer } from '../../src/grpc/server.ts';
import { decodeStatus } from '../../src/schema/status.ts';
import { findService } from '../../src/schema/protos.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const SERVICE = 'longrunning.control.v1.OperationControl';

const opened: (() => Promise<unknown>)[] = [];
const log = new RecordingLogger();

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** A server whose WatchOperations is the stream given. @returns its address. */
async function serve(stream: StreamMethod['stream']): Promise<string> {
  const method: StreamMethod = { service: SERVICE, rpc: 'WatchOperations', domain: () => 'here', stream };
  const server = new GrpcServer({ methods: [method], limits: DEFAULT_GRPC_LIMITS, log });
  opened.push(() => server.close(0));
  return server.listen({ host: '127.0.0.1', port: 0 });
}

/** One call of it. */
async function call(stream: StreamMethod['stream']): Promise<ClientReadableStream<{ readonly cursor?: string }>> {
  const address = await serve(stream);
  const Client = makeClientConstructor(findService(SERVICE) ?? {}, SERVICE);
  const client = new Client(address, credentials.createInsecure());
  opened.unshift(async () => {
    client.close();
    await Promise.resolve();
  });
  const watch = client['WatchOperations'] as unknown as (request: object) => ClientReadableStream<{ cursor?: string }>;
  return watch.call(client, {});
}

test('sends each message, as an object or as bytes, and ends with OK', async () => {
  const bytes = Buffer.from([0x0a, 1, 0x62]);
  const stream = await call(async function* () {
    yield await Promise.resolve({ cursor: 'a' });
    yield bytes;
  });
  const cursors: unknown[] = [];
  for await (const message of stream) cursors.push((message as { cursor?: string }).cursor);
  expect(cursors).toEqual(['a', 'b']);
});

test('tells an error after messages, with its ErrorInfo', async () => {
  const stream = await call(async function* () {
    yield await Promise.resolve({ cursor: 'a' });
    throw new StatusError(Code.ABORTED, 'no more', { reason: 'NO_MORE' });
  });
  stream.resume();
  const error = await new Promise<ServiceError>((resolve) => stream.on('error', resolve));
  expect(error).toMatchObject({ code: 10, details: 'no more' });
  const [details] = error.metadata.get('grpc-status-details-bin');
  expect(decodeStatus(details as Buffer)).toMatchObject({ info: { reason: 'NO_MORE', domain: 'here' } });
});

test('tells nothing of a bug but INTERNAL, and logs it', async () => {
  const stream = await call(async function* () {
    yield await Promise.resolve({ cursor: 'a' });
    throw new TypeError('oops');
  });
  stream.resume();
  const error = await new Promise<ServiceError>((resolve) => stream.on('error', resolve));
  expect(error).toMatchObject({ code: 13 });
  expect(error.details).not.toMatch(/oops/);
});

test('aborts the signal and ends the iteration when the caller leaves', async () => {
  const ended = Promise.withResolvers<unknown>();
  const stream = await call(async function* (_request, { signal }) {
    try {
      yield { cursor: 'a' };
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    } finally {
      ended.resolve(signal.reason);
    }
  });
  stream.on('error', () => undefined);
  stream.once('data', () => {
    stream.cancel();
  });
  expect(await ended.promise).toMatchObject({ code: 1, info: { reason: 'CALL_CANCELLED' } });
});

test('makes no more messages than a reader that stands still lets through', async () => {
  let made = 0;
  const stalled = Promise.withResolvers<undefined>();
  const method: StreamMethod['stream'] = async function* () {
    for (;;) {
      yield { cursor: 'x'.repeat(16 * 1024) };
      const before = ++made;
      // What is not asked for again within many turns of the event loop stands still.
      void turns(200).then(() => {
        if (made === before) stalled.resolve(undefined);
      });
      await Promise.resolve();
    }
  };
  const address = await serve(method);
  openUnread(address);
  await stalled.promise;
  expect(made).toBeLessThan(100);
});

test('asks for no message while the one before it, of a megabyte, is not taken', async () => {
  let askedCount = 0;
  const stalled = Promise.withResolvers<undefined>();
  const address = await serve(async function* () {
    for (;;) {
      const before = ++askedCount;
      void turns(200).then(() => {
        if (askedCount === before) stalled.resolve(undefined);
      });
      yield await Promise.resolve(LARGE_MESSAGE);
    }
  });
  openUnread(address);
  await stalled.promise;
  expect(askedCount).toBe(1);
});

test('ends the call of a reader that takes nothing when the method cuts it off, and drops what it was sent', async () => {
  const left = Promise.withResolvers<unknown>();
  const address = await serve(async function* (_request, context) {
    void turns(50).then(() => {
      context.cutOff();
    });
    try {
      yield await Promise.resolve(LARGE_MESSAGE);
      yield LARGE_MESSAGE;
    } finally {
      left.resolve(context.signal.aborted);
    }
  });
  const stream = openUnread(address);
  const [error] = (await once(stream, 'error')) as [Error & { readonly code: string }];
  expect([error.message, await left.promise]).toEqual([expect.stringContaining('ENHANCE_YOUR_CALM'), true]);
});

test('a call that is cut off is RESOURCE_EXHAUSTED to its caller', async () => {
  const stream = await call(async function* (_request, context) {
    yield await Promise.resolve({ cursor: 'a' });
    context.cutOff();
  });
  stream.resume();
  expect(await new Promise<ServiceError>((resolve) => stream.on('error', resolve))).toMatchObject({ code: 8 });
});

/** A message whose cursor has a megabyte. */
const LARGE_MESSAGE = Buffer.concat([Buffer.from([0x0a, 0x80, 0x80, 0x40]), Buffer.alloc(1024 * 1024, 97)]);

/** A call whose answer nobody reads: grpc-js' own client takes what comes, read or not. */
function openUnread(address: string): ClientHttp2Stream {
  const session = connect(`http://${address}`);
  opened.unshift(async () => {
    session.destroy();
    await Promise.resolve();
  });
  const stream = session.request({
    ':method': 'POST',
    ':path': `/${SERVICE}/WatchOperations`,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.end(Buffer.alloc(5));
  return stream;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

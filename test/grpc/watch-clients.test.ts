/** Who counts as one client of WatchOperations, over real connections. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { credentials, makeClientConstructor, type Client, type ClientReadableStream } from '@grpc/grpc-js';
import type { Address } from '../../src/core/address.ts';
import { DEFAULT_GRPC_LIMITS } from '../../src/grpc/limits.ts';
import { GrpcServer } from '../../src/grpc/server.ts';
import { findService } from '../../src/schema/protos.ts';
import { ControlHarness } from '../api/control-harness.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const SERVICE = 'longrunning.control.v1.OperationControl';
const Stub = makeClientConstructor(findService(SERVICE) ?? {}, SERVICE);

let control: ControlHarness;
let directory: string;
let server: GrpcServer;
const clients: Client[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'watch-clients-'));
  control = new ControlHarness({ clientWatchCountMax: 2, watchCountMax: 5 });
  server = new GrpcServer({ methods: control.methods, limits: DEFAULT_GRPC_LIMITS, log: new RecordingLogger() });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  control.stop();
  await control.stopped;
  await server.close(0);
  await rm(directory, { recursive: true });
});

/** A client with a connection of its own. */
function connect(address: string): () => Promise<string> {
  const client = new Stub(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  clients.push(client);
  const watch = client['WatchOperations'] as unknown as (request: object) => ClientReadableStream<object>;
  return () => toldFirst(watch.call(client, { parent: 'operations' }));
}

/** `watched`, or why not; the watch goes on. */
function toldFirst(stream: ClientReadableStream<object>): Promise<string> {
  return new Promise((resolve) => {
    stream.once('data', () => {
      resolve('watched');
    });
    stream.on('error', ({ message }) => {
      resolve(message);
    });
  });
}

describe('a client of watches', () => {
  const loopback: Address = { host: '127.0.0.1', port: 0 };
  const tooManyHere =
    '8 RESOURCE_EXHAUSTED: 2 watches are under way on this connection; close some, or watch a collection by one filter';
  const tooManyOfAll = '8 RESOURCE_EXHAUSTED: 5 watches are under way; try again later';

  test('over TCP is one connection', async () => {
    const address = await server.listen(loopback);
    const first = connect(address);
    const second = connect(address);

    expect([await first(), await first(), await first()]).toEqual(['watched', 'watched', tooManyHere]);
    expect([await second(), await second(), await second()]).toEqual(['watched', 'watched', tooManyHere]);
  });

  test('over a Unix socket is not told from others, and has the room of all', async () => {
    const address = await server.listen({ path: join(directory, 'socket') });
    const first = connect(address);
    const second = connect(address);

    expect([await first(), await first(), await first()]).toEqual(['watched', 'watched', 'watched']);
    expect([await second(), await second(), await second()]).toEqual(['watched', 'watched', tooManyOfAll]);
  });
});

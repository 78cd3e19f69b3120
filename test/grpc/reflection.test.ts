import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { credentials, makeClientConstructor, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs/ext/descriptor/index.js';
import { Code } from '../../src/core/code.ts';
import { DEFAULT_GRPC_LIMITS, type ReflectionLimits } from '../../src/grpc/limits.ts';
import { findService } from '../../src/schema/protos.ts';
import { decodeStatus } from '../../src/schema/status.ts';
import { OPERATIONS, startOperations, until } from './operations-server.ts';

const V1 = 'grpc.reflection.v1.ServerReflection';
const V1_ALPHA = 'grpc.reflection.v1alpha.ServerReflection';

type Answer = Readonly<Record<string, unknown>>;

let open: { close(): unknown }[];

beforeEach(() => {
  open = [];
});

afterEach(async () => {
  for (const each of open.reverse()) await each.close();
});

async function start(reflection: Partial<ReflectionLimits> = {}) {
  const limits = { reflection: { ...DEFAULT_GRPC_LIMITS.reflection, ...reflection } };
  const sidecar = await startOperations({ grpcLimits: limits });
  open.push(sidecar);
  return sidecar;
}

/** One reflection stream of a stock client. */
class Stream {
  readonly #call: ClientDuplexStream<object, object>;
  readonly answers: Answer[] = [];
  error: ServiceError | undefined;
  isEnded = false;

  constructor(address: string, service = V1) {
    const definition = findService(service) ?? {};
    const { path, requestSerialize, responseDeserialize } = definition['ServerReflectionInfo'] ?? raise();
    const client = new (makeClientConstructor(definition, service))(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
    open.push(client);
    const serialize = (request: object): Buffer => (Buffer.isBuffer(request) ? request : requestSerialize(request));
    this.#call = client.makeBidiStreamRequest(path, serialize, responseDeserialize);
    this.#call.on('data', (answer: Answer) => this.answers.push(answer));
    this.#call.on('error', (error: ServiceError) => (this.error = error));
    this.#call.on('end', () => (this.isEnded = true));
  }

  /** A request that is a Buffer is sent as it is. */
  send(request: object): void {
    this.#call.write(request);
  }

  async ask(request: object): Promise<Answer> {
    const count = this.answers.length;
    this.send(request);
    await until(() => this.answers.length > count || this.error !== undefined);
    return this.answers[count] ?? raise();
  }

  /** The names of the files that answer a request, in their order. */
  async files(request: object): Promise<readonly string[]> {
    return fileNames(await this.ask(request));
  }

  async failure(): Promise<unknown> {
    await until(() => this.error !== undefined);
    const [details] = this.error?.metadata.get('grpc-status-details-bin') ?? [];
    return details instanceof Uint8Array ? decodeStatus(details) : this.error;
  }

  /** Says that no more requests come. */
  halfClose(): void {
    this.#call.end();
  }

  cancel(): void {
    this.#call.cancel();
  }
}

function raise(): never {
  throw new Error('there is no such thing');
}

function fileNames(answer: Answer): readonly string[] {
  const { fileDescriptorProto = [] } = (answer['fileDescriptorResponse'] ?? {}) as {
    readonly fileDescriptorProto?: readonly Uint8Array[];
  };
  return fileDescriptorProto.map((bytes) => {
    const file = protobuf.FileDescriptorProto.decode(bytes) as unknown as { readonly name: string };
    return file.name;
  });
}

const OPERATIONS_FILE = 'google/longrunning/operations.proto';

describe.each([V1, V1_ALPHA])('%s', (service) => {
  test('lists the services that are served, itself among them', async () => {
    const stream = new Stream((await start()).address, service);
    expect(await stream.ask({ listServices: '' })).toMatchObject({
      listServicesResponse: {
        service: [{ name: OPERATIONS }, { name: 'grpc.health.v1.Health' }, { name: V1 }, { name: V1_ALPHA }],
      },
    });
  });

  test('answers with the file that defines a symbol and with all that it imports', async () => {
    const stream = new Stream((await start()).address, service);
    const [first, ...imported] = await stream.files({ fileContainingSymbol: `${OPERATIONS}.GetOperation` });
    expect(first).toBe(OPERATIONS_FILE);
    expect(imported).toEqual(expect.arrayContaining(['google/rpc/status.proto', 'google/protobuf/any.proto']));
    expect(new Set(imported).size).toBe(imported.length);
  });
});

describe('a request', () => {
  test('by name, symbol or extension finds the same file', async () => {
    const { address } = await start();
    const name = 'google/api/annotations.proto';
    const extension = { containingType: 'google.protobuf.MethodOptions', extensionNumber: 72_295_728 };
    for (const request of [
      { fileByFilename: name },
      { fileContainingSymbol: 'google.api.http' },
      { fileContainingExtension: extension },
    ]) {
      expect((await new Stream(address).files(request))[0]).toBe(name);
    }
  });

  test('for the extensions of a message is answered with their numbers', async () => {
    const stream = new Stream((await start()).address);
    expect(await stream.ask({ allExtensionNumbersOfType: 'google.protobuf.MethodOptions' })).toMatchObject({
      allExtensionNumbersResponse: {
        baseTypeName: 'google.protobuf.MethodOptions',
        extensionNumber: expect.arrayContaining([1049, 1051, 72_295_728]),
      },
    });
  });

  test.each([
    ['a file', { fileByFilename: 'acme.proto' }],
    ['a symbol', { fileContainingSymbol: 'acme.v1.Nobody' }],
    ['an extension', { fileContainingExtension: { containingType: 'google.rpc.Status', extensionNumber: 7 } }],
    ['the extensions of a type', { allExtensionNumbersOfType: 'acme.v1.Nobody' }],
  ])('for %s that nobody knows is NOT_FOUND within the stream, which goes on', async (_what, request) => {
    const stream = new Stream((await start()).address);
    expect(await stream.ask(request)).toMatchObject({ errorResponse: { errorCode: Code.NOT_FOUND } });
    expect(await stream.files({ fileContainingSymbol: OPERATIONS })).toContain(OPERATIONS_FILE);
  });

  test('that asks for nothing is INVALID_ARGUMENT within the stream', async () => {
    const stream = new Stream((await start()).address);
    expect(await stream.ask({})).toMatchObject({ errorResponse: { errorCode: Code.INVALID_ARGUMENT } });
  });

  test('comes back with its answer, and its host', async () => {
    const stream = new Stream((await start()).address);
    expect(await stream.ask({ host: 'acme', listServices: '*' })).toMatchObject({
      validHost: 'acme',
      originalRequest: { host: 'acme', listServices: '*' },
    });
  });
});

describe('a stream', () => {
  test('is sent each file once, unless it asks for that file itself again', async () => {
    const stream = new Stream((await start()).address);
    const before = await stream.files({ fileContainingSymbol: OPERATIONS });
    const again = await stream.files({ fileContainingSymbol: OPERATIONS });
    expect(again).toEqual([OPERATIONS_FILE]);
    const after = await stream.files({ fileByFilename: 'google/storagetransfer/v1/transfer.proto' });
    expect(after.filter((name) => before.includes(name))).toEqual([]);
    expect(after).toContain('google/storagetransfer/v1/transfer_types.proto');
  });

  test('ends well when its client has no more requests', async () => {
    const stream = new Stream((await start()).address);
    await stream.ask({ listServices: '' });
    stream.halfClose();
    await until(() => stream.isEnded);
    expect(stream.error).toBeUndefined();
  });

  test('answers requests that came at once in their order', async () => {
    const stream = new Stream((await start()).address);
    const hosts = Array.from({ length: 100 }, (_, index) => String(index));
    for (const host of hosts) stream.send({ host, fileContainingSymbol: OPERATIONS });
    stream.halfClose();
    await until(() => stream.isEnded);
    expect(stream.answers.map((answer) => answer['validHost'])).toEqual(hosts);
  });

  test('ends with RESOURCE_EXHAUSTED after too many requests', async () => {
    const stream = new Stream((await start({ requestCountMax: 2 })).address);
    for (let count = 0; count < 3; count += 1) stream.send({ listServices: '' });
    expect(await stream.failure()).toMatchObject({
      code: Code.RESOURCE_EXHAUSTED,
      info: { reason: 'REFLECTION_LIMIT', metadata: { bound: 'requestCountMax', max: '2' } },
    });
    expect(stream.answers).toHaveLength(2);
  });

  test('ends with RESOURCE_EXHAUSTED at a request that is too large', async () => {
    const stream = new Stream((await start()).address);
    stream.send({ fileByFilename: 'x'.repeat(17 * 1024) });
    expect(await stream.failure()).toMatchObject({
      code: Code.RESOURCE_EXHAUSTED,
      info: { metadata: { bound: 'requestSizeMaxBytes' } },
    });
  });

  test('ends with INVALID_ARGUMENT at bytes that are no request', async () => {
    const stream = new Stream((await start()).address);
    stream.send(Buffer.from([0xff, 0xff, 0xff]));
    expect(await stream.failure()).toMatchObject({
      code: Code.INVALID_ARGUMENT,
      info: { reason: 'MALFORMED_REQUEST' },
    });
  });

  test('is refused while too many are open, and not when one of them has gone', async () => {
    const { address } = await start({ streamCountMax: 1 });
    const first = new Stream(address);
    await first.ask({ listServices: '' });
    expect(await new Stream(address).failure()).toMatchObject({ code: Code.RESOURCE_EXHAUSTED });
    first.cancel();
    await until(() => first.error !== undefined);
    for (;;) {
      const next = new Stream(address);
      next.send({ listServices: '' });
      await until(() => next.answers.length > 0 || next.error !== undefined);
      if (next.answers.length > 0) break;
      // The cancel has reached the client before the server.
      await nextTurn();
    }
  });
});

test('a drain ends the streams that are open, and does not wait for them', async () => {
  const { address, server } = await start();
  const idle = new Stream(address);
  await idle.ask({ listServices: '' });
  expect(await server.close(60_000)).toBe(true);
  expect(await idle.failure()).toMatchObject({ code: Code.UNAVAILABLE, info: { reason: 'SERVER_SHUTTING_DOWN' } });
});

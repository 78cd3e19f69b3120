import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerUnaryCall, ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LongrunningClient } from '../../src/client/longrunning-client.ts';
import type { OperationMessage } from '../../src/client/messages.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { grpcStatus } from '../../src/grpc/status-trailer.ts';
import { startOperations } from '../grpc/operations-server.ts';
import { FakeServer } from '../support/fake-server.ts';

const OPERATIONS = 'google.longrunning.Operations';
const CONTROL = 'longrunning.control.v1.OperationControl';

let open: { close(): unknown }[];

beforeEach(() => {
  open = [];
});

afterEach(async () => {
  for (const each of open.reverse()) await each.close();
});

function kept<T extends { close(): unknown }>(part: T): T {
  open.push(part);
  return part;
}

async function fakeClient(service: string, handlers: UntypedServiceImplementation): Promise<LongrunningClient> {
  const server = kept(await FakeServer.start({ [service]: handlers }));
  return kept(new LongrunningClient(server.address));
}

/** How a call was refused. */
async function refused(call: Promise<unknown>): Promise<StatusError> {
  const outcome = await call.catch((error: unknown) => error);
  if (!(outcome instanceof StatusError)) throw new Error('no StatusError', { cause: outcome });
  return outcome;
}

describe('a call', () => {
  test('is answered over TCP', async () => {
    const { address, add } = kept(await startOperations());
    await add({ name: 'operations/1' });
    const client = kept(new LongrunningClient(address));

    expect(await client.operations.get('operations/1')).toEqual({ name: 'operations/1' });
  });

  test('is answered over a unix socket', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'client-'));
    open.push({ close: () => rmSync(directory, { recursive: true }) });
    const { address, add } = kept(await startOperations({ address: { path: join(directory, 'socket') } }));
    await add({ name: 'operations/1' });
    const client = kept(new LongrunningClient(address));

    expect(await client.operations.get('operations/1')).toEqual({ name: 'operations/1' });
  });

  test('that is refused carries code, message and ErrorInfo of the server', async () => {
    const { address } = kept(await startOperations());
    const client = kept(new LongrunningClient(address));

    const error = await refused(client.operations.get('operations/none'));

    expect(error).toMatchObject({
      code: Code.NOT_FOUND,
      message: expect.stringContaining('operations/none'),
      info: { reason: 'OPERATION_NOT_FOUND', domain: 'longrunning.googleapis.com' },
    });
  });

  test('that is refused carries field violations and the delay before a new try', async () => {
    const refusal = new StatusError(Code.RESOURCE_EXHAUSTED, 'too many', {
      reason: 'TOO_MANY',
      fieldViolations: [{ field: 'name', description: 'is odd' }],
      retryDelayMs: 1500,
    });
    const client = await fakeClient(OPERATIONS, {
      GetOperation: (_call: unknown, respond: (error: object) => void) => respond(grpcStatus(refusal, 'test.example')),
    });

    expect(await refused(client.operations.get('operations/1'))).toMatchObject({
      info: { reason: 'TOO_MANY', domain: 'test.example' },
      fieldViolations: [{ field: 'name', description: 'is odd' }],
      retryDelayMs: 1500,
    });
  });

  test('to where nobody listens names the address', async () => {
    const { server, address } = kept(await startOperations());
    await server.close(0);
    const client = kept(new LongrunningClient(address));

    expect(await refused(client.operations.get('operations/1'))).toMatchObject({
      code: Code.UNAVAILABLE,
      message: expect.stringContaining(`no server answers at ${address}`),
      info: { reason: 'SERVER_UNREACHABLE', metadata: { address } },
    });
  });

  test('to a service that a server does not have is UNIMPLEMENTED', async () => {
    const client = await fakeClient(OPERATIONS, {});

    expect(await refused(client.control.describe('operations/1'))).toMatchObject({
      code: Code.UNIMPLEMENTED,
      info: { reason: 'CALL_NOT_SUPPORTED' },
    });
  });

  test('whose signal aborts rejects with its reason, and ends at the server', async () => {
    const entered = Promise.withResolvers<ServerUnaryCall<unknown, unknown>>();
    const client = await fakeClient(OPERATIONS, {
      WaitOperation: (call: ServerUnaryCall<unknown, unknown>) => entered.resolve(call),
    });
    const controller = new AbortController();
    const reason = new Error('enough');

    const waiting = client.operations.wait('operations/1', 60_000, { signal: controller.signal });
    const call = await entered.promise;
    const ended = new Promise((resolve) => call.once('cancelled', resolve));
    controller.abort(reason);

    await expect(waiting).rejects.toBe(reason);
    await ended;
  });

  test('whose signal has aborted before is not made', async () => {
    const reason = new Error('enough');
    const client = await fakeClient(OPERATIONS, {});

    await expect(client.operations.get('x', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

test.each(['127.0.0.1', 'unix:', 'http://127.0.0.1:1', '127.0.0.1:99999', ''])(
  'the address %j is refused',
  (address) => {
    expect(() => new LongrunningClient(address)).toThrow(
      expect.objectContaining({ info: expect.objectContaining({ reason: 'INVALID_ADDRESS' }) }),
    );
  },
);

describe('a list', () => {
  test('gives every operation of every page, one time', async () => {
    const { address, add } = kept(await startOperations());
    const names = Array.from({ length: 7 }, (_, index) => `operations/${String(index)}`);
    for (const [index, name] of names.entries()) await add({ name, createTimeMs: 1000 + index });
    const client = kept(new LongrunningClient(address));

    const listed: (string | undefined)[] = [];
    for await (const { name } of client.operations.listAll({ name: 'operations', pageSize: 2 })) listed.push(name);

    expect(listed).toEqual(names.reverse());
  });

  test('goes on after an empty page', async () => {
    const pages: Record<string, object> = {
      '': { nextPageToken: 'a' },
      a: { operations: [{ name: 'operations/1' }] },
    };
    const client = await fakeClient(OPERATIONS, {
      ListOperations: (
        call: ServerUnaryCall<{ pageToken?: string }, unknown>,
        respond: (error: null, page: object) => void,
      ) => respond(null, pages[call.request.pageToken ?? ''] ?? {}),
    });

    const listed: OperationMessage[] = [];
    for await (const operation of client.operations.listAll({ name: 'operations' })) listed.push(operation);

    expect(listed).toEqual([{ name: 'operations/1' }]);
  });

  test('of a server that always has another page ends with an error', async () => {
    const server = kept(
      await FakeServer.start({
        [OPERATIONS]: {
          ListOperations: (_call: unknown, respond: (error: null, page: object) => void) =>
            respond(null, { nextPageToken: 'a' }),
        },
      }),
    );
    const client = kept(new LongrunningClient(server.address, { pageCountMax: 3 }));

    expect(await refused(client.operations.listAll({ name: 'operations' }).next())).toMatchObject({
      info: { reason: 'ENDLESS_LIST' },
    });
  });
});

describe('a watch', () => {
  type Watch = ServerWritableStream<object, object>;
  const changed = { changed: { operation: { name: 'operations/1' }, state: 'STATE_RUNNING' } };

  test('tells each event, and ends when the server does', async () => {
    const client = await fakeClient(CONTROL, {
      WatchOperations: (call: Watch) => {
        call.write(changed);
        call.write({ cursor: 'c', synced: {} });
        call.end();
      },
    });

    const events: object[] = [];
    for await (const event of client.control.watch({ name: 'operations/1' })) events.push(event);

    expect(events).toMatchObject([changed, { cursor: 'c', synced: {} }]);
  });

  test('that is left ends at the server', async () => {
    const ended = Promise.withResolvers<undefined>();
    const client = await fakeClient(CONTROL, {
      WatchOperations: (call: Watch) => {
        call.once('cancelled', () => ended.resolve(undefined));
        call.write(changed);
      },
    });

    for await (const _event of client.control.watch({ name: 'operations/1' })) break;

    await ended.promise;
  });

  test('whose signal aborts rejects with its reason', async () => {
    const client = await fakeClient(CONTROL, { WatchOperations: (call: Watch) => void call.write(changed) });
    const controller = new AbortController();
    const reason = new Error('enough');
    const events = client.control.watch({ name: 'operations/1' }, { signal: controller.signal });
    await events.next();

    const next = events.next();
    controller.abort(reason);

    await expect(next).rejects.toBe(reason);
  });

  test('that is refused carries the ErrorInfo', async () => {
    const refusal = new StatusError(Code.NOT_FOUND, 'operations/1 not found', { reason: 'OPERATION_NOT_FOUND' });
    const client = await fakeClient(CONTROL, {
      WatchOperations: (call: Watch) => void call.emit('error', grpcStatus(refusal, 'test.example')),
    });

    expect(await refused(client.control.watch({ name: 'operations/1' }).next())).toMatchObject({
      code: Code.NOT_FOUND,
      info: { reason: 'OPERATION_NOT_FOUND' },
    });
  });
});

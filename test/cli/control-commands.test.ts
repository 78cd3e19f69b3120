/** Commands as processes, against servers that do what a test says: with and without OperationControl, or never ending. */
import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { grpcStatus } from '../../src/grpc/status-trailer.ts';
import { CommandProcess, runCommandProcess, type CommandOutcome } from '../support/command-process.ts';
import { FakeServer } from '../support/fake-server.ts';
import { until } from '../e2e/support/until.ts';

const CONTROL = 'longrunning.control.v1.OperationControl';
const OPERATIONS = 'google.longrunning.Operations';
const summary = (state: string, done: boolean) => ({
  operation: { name: 'operations/1', done },
  state,
  kind: 'report',
});

type Respond = (error: object | null, answer?: object) => void;
type Watch = ServerWritableStream<{ readonly cursor?: string }, object>;

let server: FakeServer;

afterEach(() => server.close());

async function run(
  services: Parameters<typeof FakeServer.start>[0],
  ...args: readonly string[]
): Promise<CommandOutcome> {
  server = await FakeServer.start(services);
  return runCommandProcess(['operations', ...args, '--address', server.address]);
}

describe('describe', () => {
  const control = {
    [CONTROL]: {
      DescribeOperation: (_call: unknown, respond: Respond) =>
        respond(null, { summary: summary('STATE_QUEUED', false), queuedReasons: [{ kind: 'KIND_NO_WORKER' }] }),
    },
  };

  test('explains an operation to people', async () => {
    const { status, stdout } = await run(control, 'describe', 'operations/1');

    expect(status).toBe(0);
    expect(stdout).toMatch(/^Name: +operations\/1\nState: +QUEUED\nKind: +report\n/);
    expect(stdout).toMatch(/Waits because: no worker\n/);
  });

  test('explains it to programs', async () => {
    const { stdout } = await run(control, 'describe', 'operations/1', '--json');

    expect(JSON.parse(stdout)).toMatchObject({
      summary: { state: 'STATE_QUEUED' },
      queuedReasons: [{ kind: 'KIND_NO_WORKER' }],
    });
  });

  test('says what a server without OperationControl cannot do', async () => {
    const { status, stderr } = await run({ [OPERATIONS]: {} }, 'describe', 'operations/1');

    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot explain operations: it does not serve longrunning\.control\.v1\.OperationControl/);
    expect(stderr).toMatch(/longrunning operations get operations\/1/);
  });
});

describe('list', () => {
  const listing = {
    ListOperations: (_call: unknown, respond: Respond) =>
      respond(null, { operations: [{ name: 'operations/1' }, { name: 'operations/2', done: true }] }),
  };

  test('shows the states that only OperationControl tells, and asks for these operations alone', async () => {
    const filters: unknown[] = [];
    const WatchOperations = (call: Watch): void => {
      filters.push(call.request);
      call.write({ changed: summary('STATE_QUEUED', false) });
      call.write({ cursor: 'c', synced: {} });
    };

    const { status, stdout } = await run({ [OPERATIONS]: listing, [CONTROL]: { WatchOperations } }, 'list');

    expect(status).toBe(0);
    expect(stdout).toMatch(/operations\/1 +QUEUED .*\noperations\/2 +SUCCEEDED/);
    const filter = 'name = ("operations/1" OR "operations/2")';
    expect(filters).toEqual([expect.objectContaining({ parent: 'operations', filter })]);
  });

  test('shows what it has of a server that cannot tell, or does not answer', async () => {
    const WatchOperations = (): void => undefined;

    const { status, stdout } = await run({ [OPERATIONS]: listing, [CONTROL]: { WatchOperations } }, 'list');

    expect(status).toBe(0);
    expect(stdout).toMatch(/operations\/1 +NOT DONE .*\noperations\/2 +SUCCEEDED/);
  });
});

describe('watch', () => {
  test('prints each change, and ends as the operation does', async () => {
    const WatchOperations = (call: Watch): void => {
      call.write({ changed: summary('STATE_RUNNING', false) });
      call.write({ cursor: 'c', synced: {} });
      call.write({ cursor: 'd', changed: summary('STATE_SUCCEEDED', true) });
      call.end();
    };

    const { status, stdout } = await run({ [CONTROL]: { WatchOperations } }, 'watch', 'operations/1');

    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^[\d-]+ [\d:]+ {2}RUNNING {5}operations\/1\n[\d-]+ [\d:]+ {2}SUCCEEDED {3}operations\/1\n$/,
    );
  });

  test('goes on from its cursor when the server starts anew', async () => {
    const cursors: (string | undefined)[] = [];
    const WatchOperations = (call: Watch): void => {
      cursors.push(call.request.cursor);
      if (cursors.length === 1) {
        call.write({ cursor: 'c', changed: summary('STATE_RUNNING', false) });
        call.emit(
          'error',
          grpcStatus(new StatusError(Code.UNAVAILABLE, 'draining', { reason: 'SERVER_DRAINING' }), 'd'),
        );
        return;
      }
      call.write({ cursor: 'd', changed: summary('STATE_SUCCEEDED', true) });
      call.end();
    };

    const { stdout } = await run({ [CONTROL]: { WatchOperations } }, 'watch', 'operations/1', '--json');

    expect(cursors).toEqual(['', 'c']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { cursor: string }).cursor),
    ).toEqual(['c', 'd']);
  });

  test('asks a server without OperationControl again and again, and says so', async () => {
    const GetOperation = (_call: unknown, respond: Respond) => respond(null, { name: 'operations/1' });
    const WaitOperation = (_call: ServerUnaryCall<object, object>, respond: Respond) =>
      respond(null, { name: 'operations/1', done: true, error: { code: Code.NOT_FOUND, message: 'no source' } });

    const { status, stdout, stderr } = await run(
      { [OPERATIONS]: { GetOperation, WaitOperation } },
      'watch',
      'operations/1',
    );

    expect(status).toBe(1);
    expect(stderr).toMatch(/does not tell changes by itself/);
    expect(stdout).toMatch(/NOT DONE +operations\/1\n.* FAILED +operations\/1 +no source\n$/);
  });

  test('of a collection is refused where only single operations can be watched', async () => {
    const { status, stderr } = await run({ [OPERATIONS]: {} }, 'watch', '--parent', 'operations');

    expect(status).toBe(2);
    expect(stderr).toMatch(/cannot watch collections/);
  });
});

/** A server whose one transfer never ends, and what it does when it is asked to. */
async function endlessTransfer(cancel: (respond: Respond) => void): Promise<{ readonly isFollowed: boolean }> {
  const name = 'transferOperations/1';
  const seen = { isFollowed: false };
  const answer = (message: object) => (_call: unknown, respond: Respond) => respond(null, message);
  server = await FakeServer.start({
    'google.storagetransfer.v1.StorageTransferService': {
      CreateTransferJob: answer({}),
      RunTransferJob: answer({ name }),
    },
    [OPERATIONS]: {
      GetOperation: answer({ name }),
      WaitOperation: () => void (seen.isFollowed = true),
      CancelOperation: (_call: unknown, respond: Respond) => cancel(respond),
    },
  });
  return seen;
}

test('a transfer that does not stop is left by another Ctrl-C, with 130', async () => {
  let cancelCount = 0;
  const seen = await endlessTransfer((respond) => {
    cancelCount += 1;
    respond(null, {});
  });
  const command = new CommandProcess(['transfer', '/a', '/b', '--address', server.address]);
  await until('the run', () => seen.isFollowed);

  await interruptTwice(command, () => cancelCount > 0);

  expect(await command.ended()).toBe(130);
  expect(cancelCount).toBe(1);
  expect(command.stderr).toMatch(/gave up waiting for transferOperations\/1, whose cancel was asked for/);
});

test('a cancel that a restarting server did not take is asked for again', async () => {
  const away = new StatusError(Code.UNAVAILABLE, 'restarting', { reason: 'SERVER_DRAINING' });
  let cancelCount = 0;
  const seen = await endlessTransfer((respond) => {
    cancelCount += 1;
    if (cancelCount === 1) respond(grpcStatus(away, 'test.example'));
    else respond(null, {});
  });
  const command = new CommandProcess(['transfer', '/a', '/b', '--address', server.address]);
  await until('the run', () => seen.isFollowed);

  await interruptTwice(command, () => cancelCount > 1);

  expect(await command.ended()).toBe(130);
  expect(command.stderr).not.toMatch(/refused/);
});

test('a transfer whose cancel is refused says why', async () => {
  const refusal = new StatusError(Code.PERMISSION_DENIED, 'not yours', { reason: 'NOT_YOURS' });
  const seen = await endlessTransfer((respond) => respond(grpcStatus(refusal, 'test.example')));
  const command = new CommandProcess(['transfer', '/a', '/b', '--address', server.address]);
  await until('the run', () => seen.isFollowed);

  await interruptTwice(command, () => command.stderr !== '');
  await command.ended();

  expect(command.stderr).toMatch(/the cancel was refused: not yours \(PERMISSION_DENIED, NOT_YOURS\)/);
});

test('a transfer whose server does not answer at first is left by two Ctrl-C, with 130', async () => {
  let isAsked = false;
  server = await FakeServer.start({
    'google.storagetransfer.v1.StorageTransferService': { CreateTransferJob: () => void (isAsked = true) },
  });
  const command = new CommandProcess(['transfer', '/a', '/b', '--address', server.address]);
  await until('the call', () => isAsked);

  await interruptTwice(command, () => true);

  expect(await command.ended()).toBe(130);
  expect(command.stderr).toMatch(/left before the server answered/);
});

/**
 * Repeats within a second are one, as a terminal and npm both deliver a Ctrl-C: the second one comes later. Where nobody sees when the
 * first one came, a slow process may have met it late, and the second too early; so there may be a third.
 */
async function interruptTwice(command: CommandProcess, isFirstSeen: () => boolean): Promise<void> {
  command.signal('SIGINT');
  await until('the first to be seen', isFirstSeen);
  let sentMs = performance.now();
  await until('the end', () => {
    if (!command.hasEnded && performance.now() - sentMs > 1100) {
      command.signal('SIGINT');
      sentMs = performance.now();
    }
    return command.hasEnded;
  });
}

/** Commands over OperationControl as processes, against a server that has it. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runCommandProcess, type CommandOutcome } from '../support/command-process.ts';
import { EmbeddedServer } from '../support/embedded-server.ts';

let server: EmbeddedServer;

beforeEach(async () => {
  server = await EmbeddedServer.start({ handlers: { 'reports.render': () => Promise.reject(new Error('unused')) } });
});

afterEach(() => server.close());

function run(...args: readonly string[]): Promise<CommandOutcome> {
  return runCommandProcess([...args, '--address', server.address]);
}

/** Makes an operation that nobody takes. @returns its name. */
async function make(operationId: string, more: object = {}): Promise<string> {
  const { operation } = await server.client.control.create({ kind: 'nobody', operationId, ...more });
  return operation.name ?? '';
}

describe('a cancel by filter', () => {
  test('shows the operation that does it, waits for it, and tells how many it asked', async () => {
    await make('a1', { labels: { team: 'a' } });
    await make('a2', { labels: { team: 'a' } });
    const other = await make('b', { labels: { team: 'b' } });

    const { status, stdout, stderr } = await run('operations', 'cancel', '--filter', 'labels.team = a');

    expect(status).toBe(0);
    expect(stderr).toMatch(/^longrunning: operations\/\S+ asks them to stop\n$/);
    expect(stdout).toBe('2 of 2 that match in operations asked to stop\n');
    expect((await server.client.operations.get('operations/a1')).error?.code).toBe(1);
    expect((await server.client.operations.get(other)).done ?? false).toBe(false);
  });

  test('prints that operation for programs', async () => {
    const { stdout, stderr } = await run('operations', 'cancel', '--filter', 'labels.team = a', '--json');

    expect(JSON.parse(stdout)).toMatchObject({
      done: true,
      metadata: { '@type': 'type.googleapis.com/longrunning.control.v1.BulkCancelMetadata', parent: 'operations' },
    });
    expect(stderr).toBe('');
  });

  test('that meets nothing says so', async () => {
    expect((await run('operations', 'cancel', '--filter', 'kind = none')).stdout).toBe(
      'nothing in operations matches that is not done\n',
    );
  });

  test('that cannot be read is refused as the server says', async () => {
    const { status, stderr } = await run('operations', 'cancel', '--filter', 'kind =');

    expect(status).toBe(1);
    expect(stderr).toMatch(/INVALID_ARGUMENT, INVALID_FILTER/);
  });
});

describe('a cancel by request id', () => {
  test('cancels the operation that was created with it', async () => {
    const requestId = randomUUID();
    const name = await make('x', { requestId });

    const { status, stdout } = await run('operations', 'cancel', '--request-id', requestId);

    expect({ status, stdout }).toEqual({ status: 0, stdout: `${name} is CANCELLED\n` });
  });

  test('is kept for the create that is still to come', async () => {
    const { status, stdout } = await run('operations', 'cancel', '--request-id', randomUUID());

    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^no operation has this request id yet; one that is created with it until [\d-]+ [\d:]+ is cancelled\n$/,
    );
  });

  test('is printed for programs', async () => {
    const { stdout } = await run('operations', 'cancel', '--request-id', randomUUID(), '--json');

    expect(JSON.parse(stdout)).toEqual({ pendingUntilTime: expect.stringMatching(/Z$/) });
  });
});

test.each([
  [['operations', 'cancel'], /name operations, or say which with --filter or --request-id/],
  [['operations', 'cancel', 'operations/1', '--filter', '*'], /name operations, or say which/],
  [['operations', 'cancel', 'operations/1', '--parent', 'operations'], /--parent goes with/],
  [['operations', 'cancel', '--filter', '*', '--wait'], /--wait goes with names and --request-id/],
])('%j is refused with 2, and says why', async (args, message) => {
  const { status, stdout, stderr } = await run(...args);

  expect(stderr).toMatch(message);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

describe('workers', () => {
  test('are listed with what they hold, and the owners outside below them', async () => {
    const name = await make('held', { hold: {} });

    const { status, stdout } = await run('workers', 'list');

    expect(status).toBe(0);
    expect(stdout).toMatch(/^WORKER +STATE +SLOTS +KINDS +HOLDS\n/);
    expect(stdout).toMatch(/^reports\.render +IDLE +0\/10 +reports\.render$/m);
    expect(stdout).toMatch(
      new RegExp(`\\n\\nOWNER OF +SINCE +LEASE +SESSION\\n${name} +[\\d-]+ [\\d:]+ +0:\\d\\d +owner`),
    );
  });

  test('are printed for programs, one value a line', async () => {
    await make('held', { hold: {} });

    const { stdout } = await run('workers', 'list', '--json');

    const values = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(values).toContainEqual({ worker: expect.objectContaining({ name: 'reports.render', slotCount: 10 }) });
    expect(values).toContainEqual({
      ownerSession: expect.objectContaining({ holds: { name: 'operations/held', fence: '1' } }),
    });
  });

  test('beyond the limit are said to be more', async () => {
    await make('one', { hold: {} });
    await make('two', { hold: {} });

    expect((await run('workers', 'list', '--limit', '1')).stderr).toMatch(/there are more owners/);
  });
});

test('a list without a collection says which one it is, and where others are', async () => {
  const silent = await run('operations', 'list', 'operations');
  const { stderr } = await run('operations', 'list');

  expect(silent.stderr).not.toMatch(/transferOperations/);
  expect(stderr).toMatch(/these are of the collection operations; transfers are in transferOperations/);
});

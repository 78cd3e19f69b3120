/** The commands as processes, their output piped, against a real sidecar. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workspace } from '../e2e/support/workspace.ts';
import { until } from '../e2e/support/until.ts';
import { CommandProcess, runCommandProcess, type CommandOutcome } from '../support/command-process.ts';
import type { SidecarProcess } from '../support/sidecar-process.ts';

let workspace: Workspace;
let sidecar: SidecarProcess;
let from: string;
let to: string;

beforeAll(async () => {
  workspace = new Workspace();
  // So slow that what is begun is still under way when the next command comes.
  sidecar = await workspace.start({ limits: { transfers: { bytesPerSecondMax: 2_000_000 } } });
  from = workspace.directory('files', 'from');
  to = join(workspace.files, 'to');
  mkdirSync(join(from, 'sub'));
  for (let index = 0; index < 20; index++)
    writeFileSync(join(from, 'sub', `${String(index)}.bin`), Buffer.alloc(1000, index));
  const slow = workspace.directory('files', 'slow');
  for (let index = 0; index < 40; index++)
    writeFileSync(join(slow, `${String(index)}.bin`), Buffer.alloc(5_000_000, index));
});

afterAll(() => workspace.remove());

function run(...args: readonly string[]): Promise<CommandOutcome> {
  return runCommandProcess(args, { environment: { LONGRUNNING_ADDRESS: sidecar.grpc } });
}

/** The members that the tests look at, of what is printed. */
interface Printed {
  readonly name: string;
  readonly done?: boolean;
  readonly error?: { readonly code: number };
  readonly metadata: {
    readonly '@type': string;
    readonly status: string;
    readonly counters: Readonly<Record<string, string>>;
  };
}

function printed({ stdout }: CommandOutcome): Printed {
  return JSON.parse(stdout) as Printed;
}

/** A run that goes on for a while. @returns the operation's name. */
async function startSlowRun(job: string): Promise<string> {
  await run('jobs', 'create', join(workspace.files, 'slow'), join(workspace.files, `to-${job}`), '--name', job);
  const { stdout } = await run('jobs', 'run', job);
  return stdout.trim();
}

describe('the command line', () => {
  test('without a command prints the help', async () => {
    const { status, stdout } = await run();

    expect(status).toBe(0);
    for (const command of ['serve', 'transfer', 'operations', 'jobs', 'conformance', 'completion'])
      expect(stdout).toContain(`\n  ${command}`);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test.each([
    [['transfr'], /Did you mean transfer\?/],
    [['operations', 'lst'], /Did you mean list\?/],
    [['transfer', 'one'], /missing required argument 'destination'/],
    [['operations', 'list', '--limit', '0'], /not a whole number from 1/],
    [['operations', 'wait', 'x', '--timeout', 'soon'], /not a duration/],
    [['operations', 'watch'], /name one operation, or a collection with --parent/],
    [['transfer', 'a', 'b', '--overwrite', 'maybe'], /Allowed choices are different, never, always/],
    [['operations', 'get', 'x', '--address', 'nowhere'], /nowhere is not HOST:PORT or unix:PATH/],
  ])('%j is refused with 2, and says why', async (args, message) => {
    const { status, stdout, stderr } = await run(...args);

    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  test('says what to do when no server answers', async () => {
    const { status, stderr } = await run('operations', 'get', 'operations/1', '--address', '127.0.0.1:1');

    expect(status).toBe(1);
    expect(stderr).toMatch(/no server answers at 127\.0\.0\.1:1: connect ECONNREFUSED/);
    expect(stderr).toContain('longrunning serve');
  });
});

describe('jobs', () => {
  test('are made, listed, shown and deleted', async () => {
    const created = await run(
      'jobs',
      'create',
      from,
      join(workspace.files, 'x'),
      '--name',
      'life',
      '--description',
      'of a job',
    );
    const listed = await run('jobs', 'list');
    const shown = await run('jobs', 'get', 'life');
    const asJson = await run('jobs', 'get', 'transferJobs/life', '--json');
    await run('jobs', 'delete', 'life');
    const afterwards = await run('jobs', 'list', '--json');

    expect(created).toEqual({ status: 0, stdout: 'transferJobs/life\n', stderr: '' });
    expect(listed.stdout).toMatch(/^NAME {2,}STATUS {2,}FROM {2,}TO\n/);
    expect(listed.stdout).toContain(`transferJobs/life  ENABLED  ${from}`);
    expect(shown.stdout).toMatch(
      /^Name: +transferJobs\/life\nStatus: +ENABLED\nProject: +default\nDescription: +of a job\n/,
    );
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      name: 'transferJobs/life',
      creationTime: expect.stringMatching(/Z$/),
    });
    expect(afterwards.stdout).not.toContain('transferJobs/life');
  });

  test('that are not there are refused with what the server said', async () => {
    const { status, stderr } = await run('jobs', 'run', 'none');

    expect(status).toBe(1);
    expect(stderr).toMatch(/transferJobs\/none not found in project default \(NOT_FOUND, TRANSFER_JOB_NOT_FOUND\)/);
  });

  test('are paused and go on', async () => {
    const name = await startSlowRun('pausing');

    const paused = await run('jobs', 'pause', 'pausing');
    await until(
      'the pause',
      async () => printed(await run('operations', 'get', name, '--json')).metadata.status === 'PAUSED',
    );
    const resumed = await run('jobs', 'resume', name);
    await run('operations', 'cancel', '--wait', name);

    expect([paused.status, resumed.status]).toEqual([0, 0]);
  });
});

describe('operations', () => {
  test('that succeed are waited for, with 0', async () => {
    await run('jobs', 'create', from, join(workspace.files, 'waited'), '--name', 'waited');
    const { stdout: name } = await run('jobs', 'run', 'waited');

    const waited = await run('operations', 'wait', name.trim());

    expect(waited.status).toBe(0);
    expect(waited.stdout).toMatch(/State: +SUCCEEDED\n/);
    expect(waited.stdout).toMatch(/Copied: +20 files, 19\.5 KiB\n/);
  });

  test('are cancelled, listed, watched and waited for, and say so to people and programs', async () => {
    const name = await startSlowRun('cancelling');

    const timedOut = await run('operations', 'wait', name, '--timeout', '100ms');
    const cancelled = await run('operations', 'cancel', '--wait', name);
    const waited = await run('operations', 'wait', name);
    const watched = await run('operations', 'watch', name, '--json');
    const described = await run('operations', 'describe', name);
    const listed = await run('operations', 'list', 'transferOperations');
    const asJson = await run('operations', 'list', 'transferOperations', '--json', '--limit', '1');

    expect(timedOut.status).toBe(124);
    expect(cancelled).toEqual({ status: 0, stdout: `${name} is CANCELLED\n`, stderr: '' });
    expect(waited.status).toBe(1);
    expect(waited.stdout).toMatch(/State: +CANCELLED\n/);
    expect(watched.status).toBe(1);
    expect(described.stdout).toMatch(
      /State: +CANCELLED\n[\s\S]*Cancel: +asked for .*\n +delivered .*\n[\s\S]* +stopped .*, confirmed\n/,
    );
    expect(JSON.parse(watched.stdout.split('\n')[0] ?? '')).toMatchObject({
      changed: { operation: { name, done: true } },
    });
    expect(listed.stdout).toMatch(/^NAME {2,}STATE {2,}STARTED {2,}DETAIL\n/);
    expect(listed.stdout).toMatch(new RegExp(`${name} +CANCELLED`));
    expect(asJson.stdout.trim().split('\n')).toHaveLength(1);
    expect(printed(asJson).metadata['@type']).toBe('type.googleapis.com/google.storagetransfer.v1.TransferOperation');
    expect(asJson.stderr).toMatch(/there are more/);
  });

  test('that the server refuses to delete say why', async () => {
    const { status, stderr } = await run('operations', 'delete', 'transferOperations/x');

    expect(status).toBe(1);
    expect(stderr).toMatch(/UNIMPLEMENTED/);
  });

  test('whose reader leaves are no failure', async () => {
    const command = new CommandProcess(['operations', 'list', 'transferOperations', '--json'], {
      environment: { LONGRUNNING_ADDRESS: sidecar.grpc },
    });
    command.closeStdout();

    expect(await command.ended()).toBe(0);
    expect(command.stderr).not.toMatch(/EPIPE/);
  });
});

describe('a transfer on a running sidecar', () => {
  test('copies, and the next one says what it skipped', async () => {
    const first = await run('transfer', from, to);
    const second = await run('transfer', from, to);

    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(/^Copied 20 files, 19\.5 KiB in /);
    expect(second.stdout).toBe(
      'Nothing had to be copied.\nSkipped 20 files, 19.5 KiB: the same at the destination already.\n',
    );
  });

  test('prints the finished operation for programs', async () => {
    const outcome = await run('transfer', from, to, '--json', '--quiet');

    expect(printed(outcome)).toMatchObject({ done: true, metadata: { status: 'SUCCESS' } });
    expect(outcome.stderr).toBe('');
  });

  test('is cancelled by Ctrl-C, with 130, and says what is left', async () => {
    const sink = join(workspace.files, 'interrupted');
    const command = new CommandProcess(['transfer', join(workspace.files, 'slow'), sink], {
      environment: { LONGRUNNING_ADDRESS: sidecar.grpc },
    });
    await until('the run', async () =>
      (await run('operations', 'list', 'transferOperations')).stdout.includes('RUNNING'),
    );

    command.signal('SIGINT');

    expect(await command.ended()).toBe(130);
    expect(command.stdout).toMatch(/^Cancelled\. Copied /);
    expect(command.stdout).toMatch(/the same command again copies the rest\.\n$/);
  });

  test('outside the roots is refused with what to do', async () => {
    const { status, stderr } = await run('transfer', '/usr/share', to);

    expect(status).toBe(1);
    expect(stderr).toMatch(/PERMISSION_DENIED, PATH_OUTSIDE_ROOTS/);
    expect(stderr).toMatch(/Start the server with --posix-root/);
  });

  test('under the name of a job of other directories is refused', async () => {
    await run('transfer', from, to, '--name', 'mine');

    const { status, stderr } = await run('transfer', from, join(workspace.files, 'other'), '--name', 'mine');

    expect(status).toBe(1);
    expect(stderr).toMatch(/transferJobs\/mine copies .*; give another --name, or none/);
  });
});

/** `longrunning transfer` without a server: the sidecar is in its process. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { copiesIn, leftoversIn } from '../e2e/support/tree.ts';
import { until } from '../e2e/support/until.ts';
import { Workspace } from '../e2e/support/workspace.ts';
import { CommandProcess, runCommandProcess, type CommandOptions } from '../support/command-process.ts';
import { hasThread } from '../support/has-thread.ts';

const FILE_COUNT = 30;
const SIZE_BYTES = 1_000_000;
/** Of the first files, which are published together. */
const SMALL = { count: 3, sizeBytes: 1000 };

let workspace: Workspace;
let options: CommandOptions;
/** The first few files are published at once; the others take minutes, in which any machine has started a second command. */
let slowly: string;

beforeEach(() => {
  workspace = new Workspace();
  // Whatever it leaves in the temporary directory is seen there.
  const environment = { XDG_STATE_HOME: workspace.path('state'), TMPDIR: workspace.directory('tmp') };
  options = { directory: workspace.files, environment };
  slowly = `--config=${workspace.config({ transfers: { bytesPerSecondMax: 100_000, groupObjectCountInitial: SMALL.count, groupObjectCountMax: SMALL.count } })}`;
  mkdirSync(join(workspace.files, 'from'));
  for (let index = 0; index < FILE_COUNT; index++) {
    writeFileSync(
      join(workspace.files, 'from', `${String(index).padStart(3, '0')}.bin`),
      Buffer.alloc(index < SMALL.count ? SMALL.sizeBytes : SIZE_BYTES, index),
    );
  }
});

afterEach(() => workspace.remove());

function sink(...names: readonly string[]): string {
  return join(workspace.files, 'to', ...names);
}

/** Sockets and directories for them that were left. */
function socketsOf({ root }: Workspace): readonly string[] {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.sock') || name.startsWith('tmp/longrunning-'));
}

/** A transfer that is throttled, once some of it is there and some is not, and the command knows what there is. */
async function halfway(): Promise<CommandProcess> {
  const command = new CommandProcess(['transfer', 'from', 'to', slowly], options);
  await until('some copies', () => existsSync(sink()) && readdirSync(sink()).some((name) => name.endsWith('.bin')));
  await until('the source to be counted', () => !hasThread(command.pid, 'count'));
  return command;
}

test('it copies relative directories, and makes the destination', async () => {
  const { status, stdout, stderr } = await runCommandProcess(['transfer', 'from', 'to/deep/down'], options);

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^Copied 30 files, 25\.8 MiB in /);
  expect(copiesIn(sink('deep', 'down')).fileCount).toBe(FILE_COUNT);
});

test('Ctrl-C cancels it: whole files stay, nothing half-written does, and the next run copies the remainder', async () => {
  const command = await halfway();

  command.signal('SIGINT');
  const status = await command.ended();
  const copied = copiesIn(sink()).fileCount;
  const next = await runCommandProcess(['transfer', 'from', 'to'], options);

  expect(status).toBe(130);
  expect(command.stderr).toBe('');
  expect(command.stdout).toContain(`Cancelled. Copied ${String(copied)} file`);
  expect(command.stdout).toContain(`Left: ${String(FILE_COUNT - copied)} file`);
  expect(copied).toBeLessThan(FILE_COUNT);
  expect(leftoversIn(sink())).toEqual([]);
  expect(next.stdout).toContain(`Copied ${String(FILE_COUNT - copied)} file`);
  expect(next.stdout).toContain(`Skipped ${String(copied)} file`);
});

test('SIGTERM cancels it too, with 143', async () => {
  const command = await halfway();

  command.signal('SIGTERM');

  expect(await command.ended()).toBe(143);
  expect(leftoversIn(sink())).toEqual([]);
});

test('kill -9 loses nothing: the next run goes on with the same operation', async () => {
  const command = await halfway();
  command.signal('SIGKILL');
  await command.ended();

  const { status, stderr } = await runCommandProcess(['transfer', 'from', 'to'], options);

  expect(status).toBe(0);
  expect(socketsOf(workspace)).toEqual([]);
  expect(stderr).toMatch(/Goes on with transferOperations\/\S+, which was under way\.\n/);
  expect(copiesIn(sink()).fileCount).toBe(FILE_COUNT);
  expect(leftoversIn(sink())).toEqual([]);
});

test('a second one of the same directories is refused while the first is under way', async () => {
  const command = await halfway();

  const second = await runCommandProcess(['transfer', 'from', 'to'], options);
  command.signal('SIGINT');
  await command.ended();

  expect(second.status).toBe(1);
  expect(second.stderr).toMatch(/in use by another process[\s\S]*A transfer of the same directories may be under way/);
});

test('a source that is not there is refused with 2, and nothing is made', async () => {
  const { status, stderr } = await runCommandProcess(['transfer', 'none', 'to'], options);

  expect(status).toBe(2);
  expect(stderr).toMatch(/none does not exist\n$/);
  expect(readdirSync(workspace.files)).toEqual(['from']);
});

test('a database whose socket would have too long a path is used all the same', async () => {
  const database = join(workspace.directory('files', 'deep'.repeat(25)), 'x.db');

  const { status } = await runCommandProcess(['transfer', 'from', 'to', `--database=sqlite:${database}`], options);

  expect(status).toBe(0);
  expect(socketsOf(workspace)).toEqual([]);
});

test('a config file that means nothing is refused with 2', async () => {
  const { status, stderr } = await runCommandProcess(['transfer', 'from', 'to', '--config', 'none.yaml'], options);

  expect(status).toBe(2);
  expect(stderr).toMatch(/--config none\.yaml/);
});

test('without a place for its database it says how to name one', async () => {
  const environment = { XDG_STATE_HOME: join(workspace.files, 'from', '000.bin') };

  const { status, stderr } = await runCommandProcess(['transfer', 'from', 'to'], { ...options, environment });

  expect(status).toBe(2);
  expect(stderr).toMatch(/cannot be made; name a file with --database sqlite:PATH\n$/);
});

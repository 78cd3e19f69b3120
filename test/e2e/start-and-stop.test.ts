import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hasThread } from '../support/has-thread.ts';
import { SidecarProcess } from '../support/sidecar-process.ts';
import { tellFigures } from './support/figures.ts';
import { RawClient } from './support/raw-client.ts';
import { runToEnd } from './support/run-to-end.ts';
import { TransferClient } from './support/transfer-client.ts';
import { leftoversIn, writeTree } from './support/tree.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let workspace: Workspace;

beforeEach(() => {
  workspace = new Workspace();
});

afterEach(() => workspace.remove());

test('what is compiled for the process and its threads is kept in one folder', async () => {
  const temporary = workspace.directory('temporary');
  const environment = { TMPDIR: temporary, NODE_COMPILE_CACHE: undefined };
  const database = `--database=sqlite:${workspace.path('longrunning.db')}`;
  const sidecar = await SidecarProcess.start([database, `--posix-root=${workspace.files}`], environment);
  await sidecar.stop();
  const folders = readdirSync(join(temporary, 'node-compile-cache'));
  expect([readdirSync(temporary), folders.length]).toEqual([['node-compile-cache'], 1]);
});

describe('the listening line', () => {
  test('names the real ports', async () => {
    const sidecar = await workspace.start();

    const line = sidecar.log.find(({ msg }) => msg === 'listening');

    expect(line).toMatchObject({
      grpc: expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/),
      grpcAll: [line?.['grpc']],
      http: expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/),
    });
    expect(sidecar.log).toHaveLength(1);
  });

  test('names every gRPC address in the order of the flags, and each of them answers', async () => {
    const socket = workspace.path('grpc.sock');
    const flags = ['--grpc=127.0.0.1:0', `--grpc=unix:${socket}`, '--grpc', '127.0.0.1:0'];
    const sidecar = await workspace.start({ flags });

    const { grpc, grpcAll } = sidecar.log[0] as { readonly grpc: string; readonly grpcAll: readonly string[] };

    expect(grpcAll).toEqual([grpc, `unix:${socket}`, expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    expect(new Set(grpcAll).size).toBe(3);
    for (const address of grpcAll) expect(await health(address)).toBe('SERVING');
  });

  test('says null for HTTP that is off', async () => {
    const sidecar = await workspace.start({ flags: ['--http=off'] });

    expect(sidecar.log[0]).toMatchObject({ msg: 'listening', http: null });
  });

  test('names a unix socket of HTTP, which answers', async () => {
    const socketPath = workspace.path('http.sock');
    const sidecar = await workspace.start({ flags: [`--http=unix:${socketPath}`] });

    expect(sidecar.http).toBe(`unix:${socketPath}`);
    expect(await httpStatus({ socketPath, path: '/readyz' })).toBe(200);
  });

  test('takes settings from the environment and from the file too, flags first', async () => {
    const config = workspace.config({});
    const sidecar = await workspace.start({ flags: [`--config=${config}`, '--http=off', '--drain-timeout=3s'] });

    await sidecar.stop();

    expect(sidecar.log).toContainEqual(expect.objectContaining({ msg: 'draining', drainTimeoutMs: 3000 }));
  });
});

describe('health', () => {
  test('is told over gRPC and HTTP', async () => {
    const sidecar = await workspace.start();

    expect(await health(sidecar.grpc)).toBe('SERVING');
    expect(await health(sidecar.grpc, 'google.longrunning.Operations')).toBe('SERVING');
    expect(await health(sidecar.grpc, 'google.storagetransfer.v1.StorageTransferService')).toBe('SERVING');
    expect(await httpStatus(at(sidecar, '/livez'))).toBe(200);
    expect(await httpStatus(at(sidecar, '/readyz'))).toBe(200);
  });

  test('while it drains it is alive and not ready, and calls about operations are answered', async () => {
    const { sidecar, name } = await startSlowTransfer({ objectsPerSecondMax: 2 });
    const raw = new RawClient(sidecar.grpc);
    await raw.call('Operations/GetOperation', { name });

    sidecar.signal('SIGTERM');
    await until('readiness to end', async () => (await httpStatus(at(sidecar, '/readyz'))) === 503);

    expect(await httpStatus(at(sidecar, '/livez'))).toBe(200);
    expect(await raw.call('Operations/GetOperation', { name })).toMatchObject({ name, done: false });
    raw.close();
  });
});

describe('a stop', () => {
  test('of `npm start` by SIGTERM to npm drains the sidecar and ends with 0', async () => {
    const startMs = performance.now();
    const flags = ['--grpc=127.0.0.1:0', '--http=127.0.0.1:0', `--database=sqlite:${workspace.database}`];
    // In a process group of its own, so that whatever happens all of it can be ended.
    const npm = spawn('npm', ['start', '--silent', '--', ...flags], { cwd: ROOT, detached: true });
    // Not its exit: what it has written may come after that.
    const closed = once(npm, 'close');
    try {
      let output = '';
      npm.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      await until('npm start to listen', () => output.includes('"listening"'));
      tellFigures({ test: 'start-and-stop', npmStartMs: performance.now() - startMs });

      npm.kill('SIGTERM');

      expect(await closed).toEqual([0, null]);
      expect(messagesOf(output)).toEqual(['listening', 'draining', 'stopped']);
    } finally {
      endGroup(npm.pid);
    }
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('by %s ends with 0 and lets go of its sockets', async (signal) => {
    const socket = workspace.path('grpc.sock');
    const sidecar = await workspace.start({ flags: [`--grpc=unix:${socket}`] });

    sidecar.signal(signal);

    expect(await sidecar.exited()).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  test('asked for twice within a second is one: the drain goes on, and ends with 0', async () => {
    const { sidecar } = await startSlowTransfer();

    // Both are there before it goes on: it meets them within a second, however slow the machine is.
    sidecar.signal('SIGSTOP');
    sidecar.signal('SIGTERM');
    sidecar.signal('SIGINT');
    sidecar.signal('SIGCONT');

    expect(await sidecar.exited()).toBe(0);
    expect(sidecar.log.at(-1)).toMatchObject({ msg: 'stopped', forced: false });
  });

  test('asked for again later is forced, and ends with 1', async () => {
    const { sidecar } = await startSlowTransfer({ objectsPerSecondMax: 2 });

    sidecar.signal('SIGTERM');
    await until('the drain', () => sidecar.log.some(({ msg }) => msg === 'draining'));
    // The rule itself is about time: repeats within a second are one.
    await delay(1200);
    expect(sidecar.hasExited).toBe(false);
    sidecar.signal('SIGTERM');

    expect(await sidecar.exited()).toBe(1);
    expect(sidecar.log.at(-1)).toMatchObject({ msg: 'stopped', forced: true });
  });

  test('leaves a database that the next process opens', async () => {
    const first = await workspace.start();
    const client = new TransferClient(first.grpc);
    const job = await client.createJob({ source: join(workspace.files, 'from'), sink: join(workspace.files, 'to') });
    await client.close();
    await first.stop();

    const second = new TransferClient((await workspace.start()).grpc);

    expect((await second.job(job)).name).toBe(job);
    await second.close();
  });
});

describe('a start that cannot be is refused with one line', () => {
  test.each<[string, readonly string[], RegExp]>([
    ['an unknown flag', ['--speed=9'], /unknown flag --speed/],
    ['an argument that is no flag', ['grpc'], /unexpected argument "grpc"/],
    ['a flag without its value', ['--grpc'], /--grpc needs a value/],
    ['an address that is none', ['--grpc=localhost'], /--grpc localhost: is not HOST:PORT or unix:PATH/],
    ['a port that is none', ['--http=127.0.0.1:99999'], /--http 127\.0\.0\.1:99999: is not/],
    ['an address that other machines reach', ['--grpc=0.0.0.0:0'], /--grpc 0\.0\.0\.0:0: .*--insecure/],
    ['HTTP that other machines reach', ['--http=[::]:0'], /--http \[::\]:0: .*--insecure/],
    ['a database of no kind', ['--database=oracle:x'], /--database oracle:x: is not sqlite:PATH or memory:/],
    ['a duration that is none', ['--drain-timeout=soon'], /--drain-timeout soon: is not a duration/],
    [
      'a root that is not there',
      ['--posix-root=/no/such/directory'],
      /--posix-root: \/no\/such\/directory is not a directory/,
    ],
    ['a file that is not there', ['--config=/no/such/file'], /--config \/no\/such\/file: .*ENOENT/],
  ])('and status 2: %s', async (_what, flags, message) => {
    const { status, stdout, stderr } = await runToEnd(['serve', ...flags]);

    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  test.each<[string, Readonly<Record<string, object>>, RegExp]>([
    ['a section', { speed: {} }, /limits: there is no speed; known are/],
    ['a limit', { grpc: { speed: 9 } }, /limits\.grpc: there is no speed; known are/],
    ['a value of a limit', { grpc: { streamCountMax: 'many' } }, /limits\.grpc\.streamCountMax: must be a/],
  ])('and status 2: a config file with %s that is none', async (_what, limits, message) => {
    const { status, stderr } = await runToEnd(['serve', '--database=memory:', `--config=${workspace.config(limits)}`]);

    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  test('and status 1: the database is in use, after some patience', async () => {
    await workspace.start();

    const { status, stdout, stderr } = await serveSameDatabase();

    expect(stderr).toMatch(/^longrunning: .*longrunning\.db.*\n$/);
    expect(stderr).toMatch(/another process|in use/);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });

  test('and status 1: the database has a newer schema, and it is not touched', async () => {
    await (await workspace.start()).stop();
    setSchemaVersion(workspace.database, 99);

    const { status, stderr } = await serveSameDatabase();

    expect(stderr).toMatch(/^longrunning: .*longrunning\.db has schema 99 and this program knows up to \d+; .*\n$/);
    expect(status).toBe(1);
    expect(schemaVersion(workspace.database)).toBe(99);
  });

  test('and status 1: the database is a file of something else', async () => {
    const { status, stderr } = await runToEnd(['serve', `--database=sqlite:${fileURLToPath(import.meta.url)}`]);

    expect(stderr).toMatch(/^longrunning: .*start-and-stop\.test\.ts.*\n$/);
    expect(status).toBe(1);
  });

  test('and status 1: the port is taken', async () => {
    const { grpc } = await workspace.start();

    const { status, stdout, stderr } = await runToEnd(['serve', '--database=memory:', `--grpc=${grpc}`, '--http=off']);

    expect(stderr).toBe(
      `longrunning: cannot listen at ${grpc}: another process listens there; stop it, or choose another address\n`,
    );
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });

  test('and status 1: the directory of a socket is not there', async () => {
    const path = workspace.path('missing', 'grpc.sock');

    const { status, stderr } = await runToEnd(['serve', '--database=memory:', `--grpc=unix:${path}`, '--http=off']);

    expect(stderr).toBe(`longrunning: cannot listen at unix:${path}: its directory is missing or may not be written\n`);
    expect(status).toBe(1);
  });

  function serveSameDatabase() {
    const config = workspace.config({ sqlite: { openTimeoutMs: 300 } });
    const ports = ['--grpc=127.0.0.1:0', '--http=off'];
    return runToEnd(['serve', `--database=sqlite:${workspace.database}`, `--config=${config}`, ...ports]);
  }
});

describe('a start that does not come to its end', () => {
  test.each([
    ['within the drain timeout of the first signal', ['--drain-timeout=100ms'], 1],
    ['with a later signal', ['--drain-timeout=1h'], Number.POSITIVE_INFINITY],
  ])('is ended %s', async (_when, flags, signalCountMax) => {
    await workspace.start();
    const config = workspace.config({ sqlite: { openTimeoutMs: 3_600_000 } });
    const args = [`--database=sqlite:${workspace.database}`, `--config=${config}`, '--grpc=127.0.0.1:0', '--http=off'];
    const child = spawn(process.execPath, [join(ROOT, 'src/main.ts'), 'serve', ...args, ...flags], { stdio: 'pipe' });
    const exit = once(child, 'exit');
    await until('the wait for the database', () => hasThread(child.pid, 'sqlite'));

    let signalCount = 0;
    await until('the end', () => {
      if (signalCount++ < signalCountMax) child.kill('SIGTERM');
      return child.signalCode !== null;
    });

    expect(await exit).toEqual([null, 'SIGKILL']);
  });
});

test('an address that other machines reach is served when --insecure says so', async () => {
  const sidecar = await workspace.start({ flags: ['--grpc=0.0.0.0:0', '--insecure'] });

  expect(sidecar.grpc).toMatch(/^0\.0\.0\.0:\d+$/);
  expect(await health(sidecar.grpc.replace('0.0.0.0', '127.0.0.1'))).toBe('SERVING');
});

/** A sidecar whose running transfer takes some seconds to drain, or longer: a group that is begun is finished. */
async function startSlowTransfer({ objectsPerSecondMax = 25 } = {}): Promise<{
  readonly sidecar: SidecarProcess;
  readonly name: string;
}> {
  const source = join(workspace.files, 'from');
  const sink = join(workspace.files, 'to');
  writeTree(source, { seed: 1, smallCount: 200, largeNames: [], largeSizeBytes: 0 });
  const sidecar = await workspace.start({ limits: { transfers: { objectsPerSecondMax } } });
  const client = new TransferClient(sidecar.grpc);
  const name = await client.transfer({ source, sink });
  await until('a group to be begun', () => leftoversIn(sink).length > 0);
  await client.close();
  return { sidecar, name };
}

async function health(address: string, service = ''): Promise<unknown> {
  const raw = new RawClient(address);
  try {
    return (await raw.call('Health/Check', { service }))['status'];
  } finally {
    raw.close();
  }
}

type Target =
  | { readonly host: string; readonly port: string; readonly path: string }
  | { readonly socketPath: string; readonly path: string };

function at({ http }: SidecarProcess, path: string): Target {
  const [host = '', port = ''] = (http ?? '').split(':');
  return { host, port, path };
}

function httpStatus(target: Target): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ ...target, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

function messagesOf(output: string): readonly unknown[] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly msg: unknown }).msg);
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function setSchemaVersion(path: string, version: number): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}

function schemaVersion(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare('PRAGMA user_version').get();
  database.close();
  return row?.['user_version'];
}

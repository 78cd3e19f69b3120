import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { credentials, loadPackageDefinition, type Client } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** A project that holds nothing but the packed package, what it depends on, and the examples. */
let project: string;
let server: ChildProcess;
let client: Client & Record<string, Call>;
let reports: Client & Record<string, Call>;

type Call = (request: object, answer: (error: Error | null, reply: Reply) => void) => void;
type Reply = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly done?: boolean;
  readonly error?: { readonly code: number };
  readonly response?: { readonly value: Buffer };
  readonly metadata?: { readonly value: Buffer };
};

const definitions = loadSync('reports.proto', {
  includeDirs: [join(ROOT, 'examples/reports'), join(ROOT, 'node_modules/google-proto-files')],
  longs: String,
  enums: String,
});

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'longrunning-project-'));
  const npm = (...args: readonly string[]): Promise<unknown> => run('npm', ['--silent', ...args], { cwd: ROOT });
  await npm('run', 'package');
  await npm('pack', './package', '--pack-destination', project);
  await installed();
  cpSync(join(ROOT, 'examples'), project, { recursive: true });
});

afterAll(() => {
  rmSync(project, { recursive: true });
});

/** Unpacks the tarball, and links what it says it depends on: nothing else is there to be found. */
async function installed(): Promise<void> {
  const [tarball = ''] = readdirSync(project).filter((name) => name.endsWith('.tgz'));
  const target = join(project, 'node_modules', 'longrunning');
  mkdirSync(target, { recursive: true });
  await run('tar', ['-xzf', join(project, tarball), '-C', target, '--strip-components=1']);
  const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  for (const name of Object.keys(manifest.dependencies)) {
    const link = join(project, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
}

/** Starts a program of the project. @returns it, and the port that it says it listens on. */
async function started(...args: readonly string[]): Promise<{ readonly process: ChildProcess; readonly port: string }> {
  const child = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const port = /listening on (\d+)|"grpc":"127\.0\.0\.1:(\d+)"/.exec(text);
    if (port === null) continue;
    child.stdout.resume();
    return { process: child, port: port[1] ?? port[2] ?? '' };
  }
  throw new Error(`${args.join(' ')} ended before it listened: ${text}`);
}

/** @returns the exit status. */
async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<unknown> {
  const exited = once(child, 'exit');
  child.kill(signal);
  return (await exited)[0];
}

/** Makes the stock clients. @param operationsPort  where google.longrunning.Operations is. */
function connect(reportsPort: string, operationsPort: string): void {
  const packages = loadPackageDefinition(definitions) as never as {
    readonly google: { readonly longrunning: { readonly Operations: typeof Client } };
    readonly acme: { readonly reports: { readonly v1: { readonly ReportService: typeof Client } } };
  };
  const insecure = credentials.createInsecure();
  client = new packages.google.longrunning.Operations(`127.0.0.1:${operationsPort}`, insecure) as typeof client;
  reports = new packages.acme.reports.v1.ReportService(`127.0.0.1:${reportsPort}`, insecure) as typeof reports;
}

function disconnect(): void {
  client.close();
  reports.close();
}

function call(on: Client & Record<string, Call>, method: string, request: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    on[method]?.(request, (error, reply) => {
      if (error === null) resolve(reply);
      else reject(error);
    });
  });
}

const progressType = definitions['acme.reports.v1.RenderProgress'] as {
  readonly deserialize: (bytes: Buffer) => { readonly pagesRendered?: number };
};

/** How many pages an operation shows, once it shows more than it did when it was asked for. */
async function pagesOf(name: string): Promise<number> {
  let first: number | undefined;
  for (;;) {
    const { metadata } = await call(client, 'GetOperation', { name });
    const pages = metadata === undefined ? 0 : (progressType.deserialize(metadata.value).pagesRendered ?? 0);
    first ??= pages;
    if (pages > first) return pages;
    await call(client, 'WaitOperation', { name, timeout: { nanos: 20_000_000 } });
  }
}

describe('the example of operations in a server, in a project of its own with the packed package', () => {
  beforeEach(start);
  afterEach(stop);

  async function start(): Promise<void> {
    const { process: child, port } = await started('embedded/server.js', '127.0.0.1:0');
    server = child;
    connect(port, port);
  }

  /** @returns the exit status. */
  async function stop(): Promise<unknown> {
    disconnect();
    return ended(server, 'SIGTERM');
  }

  test('renders a report as a long-running operation', async () => {
    const { name, done } = await call(reports, 'RenderReport', { title: 'Sales', pageCount: 3 });
    expect(done ?? false).toBe(false);

    const operation = await call(client, 'WaitOperation', { name, timeout: { seconds: 20 } });

    expect(operation.done).toBe(true);
    const report = definitions['acme.reports.v1.Report'] as { readonly deserialize: (bytes: Buffer) => object };
    expect(report.deserialize(operation.response?.value ?? Buffer.alloc(0))).toEqual({ text: 'Sales, 3 pages' });
    expect(readFileSync(join(project, 'audit.log'), 'utf8')).toContain(`${name} SUCCEEDED\n`);
  });

  test('stops it when it is cancelled', async () => {
    const { name } = await call(reports, 'RenderReport', { title: 'Long', pageCount: 100_000 });
    await call(client, 'CancelOperation', { name });

    const operation = await call(client, 'WaitOperation', { name, timeout: { seconds: 20 } });

    expect(operation).toMatchObject({ done: true, error: { code: 1 } });
    expect(readFileSync(join(project, 'audit.log'), 'utf8')).toContain(`${name} CANCELLED\n`);
  });

  test('drains on SIGTERM, and goes on with its work when it is started again', async () => {
    const { name } = await call(reports, 'RenderReport', { title: 'Long', pageCount: 100_000 });
    const before = await pagesOf(name);
    expect(await stop()).toBe(0);
    await start();
    expect(await pagesOf(name)).toBeGreaterThan(before);
    await call(client, 'CancelOperation', { name });
  });

  test('carries the command too, and no runtime that its user did not choose', async () => {
    const { stdout } = await run(process.execPath, ['node_modules/longrunning/dist/main.js', '--version'], {
      cwd: project,
    });
    expect(stdout).toMatch(/^longrunning \d/);
    const manifest = readFileSync(join(project, 'node_modules/longrunning/package.json'), 'utf8');
    expect(manifest).not.toContain('node-linux');
  });
});

describe('the example of an owner in a service of its own, beside a sidecar', () => {
  let sidecar: ChildProcess;
  let sidecarPort: string;

  beforeEach(async () => {
    const flags = ['--grpc=127.0.0.1:0', '--http=off', '--database=sqlite:sidecar.db'];
    const running = await started('node_modules/longrunning/dist/main.js', 'serve', ...flags);
    sidecar = running.process;
    sidecarPort = running.port;
    await start();
  });

  afterEach(async () => {
    disconnect();
    await ended(server, 'SIGTERM');
    await ended(sidecar, 'SIGTERM');
  });

  async function start(): Promise<void> {
    const { process: child, port } = await started('owner/server.js', '127.0.0.1:0', `127.0.0.1:${sidecarPort}`);
    server = child;
    connect(port, sidecarPort);
  }

  test('renders a report, which callers wait for at the sidecar', async () => {
    const { name } = await call(reports, 'RenderReport', { title: 'Sales', pageCount: 3 });

    const operation = await call(client, 'WaitOperation', { name, timeout: { seconds: 20 } });

    const report = definitions['acme.reports.v1.Report'] as { readonly deserialize: (bytes: Buffer) => object };
    expect(report.deserialize(operation.response?.value ?? Buffer.alloc(0))).toEqual({ text: 'Sales, 3 pages' });
  });

  test('stops it when it is cancelled at the sidecar', async () => {
    const { name } = await call(reports, 'RenderReport', { title: 'Long', pageCount: 100_000 });
    await pagesOf(name);
    await call(client, 'CancelOperation', { name });

    expect(await call(client, 'WaitOperation', { name, timeout: { seconds: 20 } })).toMatchObject({
      done: true,
      error: { code: 1 },
    });
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'goes on with its work after a %s, in its next process',
    async (signal) => {
      const { name } = await call(reports, 'RenderReport', { title: 'Long', pageCount: 100_000 });
      const before = await pagesOf(name);
      disconnect();
      await ended(server, signal);
      await start();

      expect(await pagesOf(name)).toBeGreaterThan(before);
      await call(client, 'CancelOperation', { name });
      await call(client, 'WaitOperation', { name, timeout: { seconds: 20 } });
    },
  );
});

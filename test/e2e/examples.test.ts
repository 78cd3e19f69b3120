import { execFile, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { credentials, loadPackageDefinition, type Client } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { build, buildBinary } from 'plist';
import { binaryXml, protoXml, zipOf, type ManifestElement } from './support/app-archive.ts';
import { ended, PackedProject, ROOT, type StartedProgram } from './support/packed-project.ts';
import { until } from './support/until.ts';

const run = promisify(execFile);

let project: PackedProject;
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
  project = await PackedProject.make();
});

afterAll(() => {
  project.remove();
});

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

/** The log is written behind the end that callers are told of. */
async function untilAudited(line: string): Promise<void> {
  await until(line, () => readFileSync(project.path('audit.log'), 'utf8').includes(`${line}\n`));
}

describe('the example of operations in a server, in a project of its own with the packed package', () => {
  beforeEach(start);
  afterEach(stop);

  async function start(): Promise<void> {
    const { process: child, port } = await project.started('embedded/server.js', '127.0.0.1:0');
    server = child;
    connect(port, port);
  }

  /** @returns the exit status. */
  async function stop(): Promise<number | null> {
    disconnect();
    return ended(server, 'SIGTERM');
  }

  test('renders a report as a long-running operation', async () => {
    const { name, done } = await call(reports, 'RenderReport', { title: 'Sales', pageCount: 3 });
    expect(done ?? false).toBe(false);

    const operation = await call(client, 'WaitOperation', { name, timeout: { seconds: 200 } });

    expect(operation.done).toBe(true);
    const report = definitions['acme.reports.v1.Report'] as { readonly deserialize: (bytes: Buffer) => object };
    expect(report.deserialize(operation.response?.value ?? Buffer.alloc(0))).toEqual({ text: 'Sales, 3 pages' });
    await untilAudited(`${name} SUCCEEDED`);
  });

  test('stops it when it is cancelled', async () => {
    const { name } = await call(reports, 'RenderReport', { title: 'Long', pageCount: 100_000 });
    await call(client, 'CancelOperation', { name });

    const operation = await call(client, 'WaitOperation', { name, timeout: { seconds: 200 } });

    expect(operation).toMatchObject({ done: true, error: { code: 1 } });
    await untilAudited(`${name} CANCELLED`);
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
      cwd: project.path('.'),
    });
    expect(stdout).toMatch(/^longrunning \d/);
    const manifest = readFileSync(project.path('node_modules/longrunning/package.json'), 'utf8');
    expect(manifest).not.toContain('node-linux');
  });
});

describe('the example of an owner in a service of its own, beside a sidecar', () => {
  let sidecar: ChildProcess;
  let sidecarPort: string;

  beforeEach(async () => {
    const flags = ['--grpc=127.0.0.1:0', '--http=off', '--database=sqlite:sidecar.db'];
    const running = await project.started('node_modules/longrunning/dist/main.js', 'serve', ...flags);
    sidecar = running.process;
    sidecarPort = running.port;
    await start();
  });

  afterEach(async () => {
    disconnect();
    try {
      await ended(server, 'SIGTERM');
    } finally {
      await ended(sidecar, 'SIGTERM');
    }
  });

  async function start(): Promise<void> {
    const { process: child, port } = await project.started(
      'owner/server.js',
      '127.0.0.1:0',
      `127.0.0.1:${sidecarPort}`,
    );
    server = child;
    connect(port, sidecarPort);
  }

  test('renders a report, which callers wait for at the sidecar', async () => {
    const { name } = await call(reports, 'RenderReport', { title: 'Sales', pageCount: 3 });

    const operation = await call(client, 'WaitOperation', { name, timeout: { seconds: 200 } });

    const report = definitions['acme.reports.v1.Report'] as { readonly deserialize: (bytes: Buffer) => object };
    expect(report.deserialize(operation.response?.value ?? Buffer.alloc(0))).toEqual({ text: 'Sales, 3 pages' });
  });

  test('stops it when it is cancelled at the sidecar', async () => {
    const { name } = await call(reports, 'RenderReport', { title: 'Long', pageCount: 100_000 });
    await pagesOf(name);
    await call(client, 'CancelOperation', { name });

    expect(await call(client, 'WaitOperation', { name, timeout: { seconds: 200 } })).toMatchObject({
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
      await call(client, 'WaitOperation', { name, timeout: { seconds: 200 } });
    },
  );
});

describe('the sample worker of checks, beside a sidecar', () => {
  const app = 'accounts/1/apps/2';
  const manifest: readonly ManifestElement[] = [
    ['manifest', { package: 'com.example.app', versionName: '1.2', versionCode: 34 }],
    ['uses-permission', { name: 'android.permission.CAMERA' }],
    ['uses-permission', { name: 'android.permission.INTERNET' }],
  ];
  const apkEntry = { name: 'AndroidManifest.xml', bytes: binaryXml(manifest) };
  let sidecar: StartedProgram;
  let worker: ChildProcess;

  beforeAll(async () => {
    const flags = ['--grpc=127.0.0.1:0', '--http=127.0.0.1:0', '--database=sqlite:checks.db'];
    sidecar = await project.started('node_modules/longrunning/dist/main.js', 'serve', ...flags);
    worker = project.spawned('checks-worker/worker.js', `127.0.0.1:${sidecar.port}`, app);
  });

  afterAll(async () => {
    try {
      expect(await ended(worker, 'SIGTERM')).toBe(0);
    } finally {
      await ended(sidecar.process, 'SIGTERM');
    }
  });

  async function fetched(path: string, init: RequestInit = {}): Promise<ChecksReply> {
    const response = await fetch(`http://127.0.0.1:${sidecar.httpPort}/${path}`, init);
    return (await response.json()) as ChecksReply;
  }

  /** @returns the operation's name. */
  async function uploaded(archive: Buffer, { query = 'codeReferenceId=c', parent = app } = {}): Promise<string> {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(archive)]), 'my.app');
    const init = { method: 'POST', body: form };
    const { name } = await fetched(`upload/v1alpha/${parent}/reports:analyzeUpload?${query}`, init);
    return name;
  }

  const waited = (name: string): Promise<ChecksReply> =>
    fetched(`v1alpha/${name}:wait`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"timeout":"50s"}',
    });

  /** What is published of an archive. */
  async function reportOf(archive: Buffer): Promise<ChecksReply> {
    const operation = await waited(await uploaded(archive));
    expect(operation).toMatchObject({ done: true, response: { name: expect.stringContaining(`${app}/reports/`) } });
    return fetched(`v1alpha/${operation.response?.name ?? ''}?fields=name,appBundle,dataMonitoring`);
  }

  test('publishes what an APK asks for, and the hosts that stand in it, also where windows meet', async () => {
    const code = Buffer.alloc(400_000, 'x');
    code.write('https://api.example.com/v1', 65_536 - 12);
    code.write('http://API.example.com/', 200_000);
    code.write('https://cdn.example.net/', 300_000);
    const report = await reportOf(
      zipOf([apkEntry, { name: 'classes.dex', bytes: Buffer.concat([code, randomBytes(9000)]) }]),
    );

    expect(report).toEqual({
      name: expect.stringContaining(`${app}/reports/`),
      appBundle: { bundleId: 'com.example.app', version: '1.2', versionId: '34', codeReferenceId: 'c' },
      dataMonitoring: {
        permissions: ['CAMERA', 'INTERNET'].map((id) => ({ permission: { id: `android.permission.${id}` } })),
        endpoints: [
          { endpoint: { domain: 'api.example.com' }, hitCount: 2 },
          { endpoint: { domain: 'cdn.example.net' }, hitCount: 1 },
        ],
      },
    });
  });

  const info = {
    CFBundleIdentifier: 'com.example.app',
    CFBundleShortVersionString: '1.2',
    CFBundleVersion: '34',
    NSCameraUsageDescription: 'to see',
  };
  const aab = protoXml(
    ['manifest', { package: 'com.example.app', versionName: '1.2', versionCode: 34 }],
    [protoXml(['uses-permission', { name: 'android.permission.CAMERA' }])],
  );
  test.each([
    ['an AAB', 'base/manifest/AndroidManifest.xml', aab, 'android.permission.CAMERA'],
    ['an IPA with an XML plist', 'Payload/My.app/Info.plist', Buffer.from(build(info)), 'NSCameraUsageDescription'],
    [
      'an IPA with a binary plist',
      'Payload/My.app/Info.plist',
      Buffer.from(buildBinary(info)),
      'NSCameraUsageDescription',
    ],
  ])('reads the manifest of %s', async (_, name, bytes, id) => {
    expect(await reportOf(zipOf([{ name, bytes }]))).toMatchObject({
      appBundle: { bundleId: 'com.example.app', version: '1.2', versionId: '34' },
      dataMonitoring: { permissions: [{ permission: { id } }] },
    });
  });

  const apk = zipOf([apkEntry]);
  const other = { name: 'a', bytes: Buffer.alloc(5000) };
  test.each<[string, string, Buffer]>([
    ['without its end', 'ARCHIVE_DAMAGED', apk.subarray(0, -10)],
    [
      'with bytes that are not those of the checksum',
      'ARCHIVE_DAMAGED',
      zipOf([apkEntry, { ...other, claimedChecksum: 1 }]),
    ],
    [
      'with an entry that inflates to more than it says',
      'ARCHIVE_DAMAGED',
      zipOf([apkEntry, { ...other, claimedSizeBytes: 9 }]),
    ],
    [
      'that inflates to more than any app',
      'ARCHIVE_TOO_LARGE',
      zipOf([apkEntry, { name: 'a', bytes: Buffer.alloc(5_000_000) }]),
    ],
    ['of no app', 'NOT_AN_APP', zipOf([other])],
    ['with a manifest of something else', 'MANIFEST_UNREADABLE', zipOf([{ ...other, name: 'AndroidManifest.xml' }])],
    [
      'with a plist that is a bomb',
      'MANIFEST_UNREADABLE',
      zipOf([{ name: 'Payload/My.app/Info.plist', bytes: plistBomb() }]),
    ],
  ])('fails with the name of an archive %s', async (_, reason, archive) => {
    const { error, response } = await waited(await uploaded(archive));

    expect(response).toBeUndefined();
    expect(error).toMatchObject({ code: 3, message: expect.stringContaining('my.app'), details: [{ reason }] });
  });

  test('fails for what is not the kind of app that its caller says', async () => {
    const { error } = await waited(await uploaded(apk, { query: 'appBinaryFileType=IOS_IPA' }));
    expect(error).toMatchObject({ code: 3, details: [{ reason: 'NOT_AN_APP' }] });
  });

  test('confirms that it has stopped when it is cancelled, also while a read of the archive is not answered', async () => {
    const parent = 'accounts/1/apps/3';
    const hold = ['--import', join(ROOT, 'test/e2e/support/held-read.ts')];
    const held = project.spawned(...hold, 'checks-worker/worker.js', `127.0.0.1:${sidecar.port}`, parent);
    try {
      const large = { name: 'assets/large', bytes: randomBytes(4 * 1024 * 1024) };
      const name = await uploaded(zipOf([apkEntry, large]), { parent });
      const entriesDone = async () => (await fetched(`v1alpha/${name}`)).metadata?.value?.entriesDone;
      await until('the work to have come there', async () => (await entriesDone()) === 1);
      await fetched(`v1alpha/${name}:cancel`, { method: 'POST' });

      const stopped = { metadata: { stopConfirmed: 'true' } };
      expect(await waited(name)).toMatchObject({ done: true, error: { code: 1, details: [stopped] } });
    } finally {
      expect(await ended(held, 'SIGTERM')).toBe(0);
    }
  });

  test('tells its own failure to read a manifest from one of the manifest', async () => {
    const program = `
      import { manifestOf } from './checks-worker/manifest.js';
      process.execPath = '/nowhere';
      const entry = { fileName: 'AndroidManifest.xml' };
      await manifestOf({ type: 'ANDROID_APK', entry, bytes: Buffer.alloc(9), file: 'my.app' }, new AbortController().signal);
    `;
    const ending = run(process.execPath, ['--input-type=module', '--eval', program], { cwd: project.path('.') });
    await expect(ending).rejects.toMatchObject({ stderr: expect.stringMatching(/Error: spawn \/nowhere ENOENT/) });
  });
});

interface ChecksReply {
  readonly name: string;
  readonly done?: boolean;
  readonly metadata?: { readonly value?: { readonly entriesDone?: number } };
  readonly error?: { readonly code: number; readonly message: string; readonly details: readonly object[] };
  readonly response?: { readonly name: string };
}

/** A binary plist of 60 arrays, each of which holds the next one twice. */
function plistBomb(): Buffer {
  const count = 60;
  const arrays = Array.from({ length: count }, (_, index) => [0xa2, index + 1, index + 1]).flat();
  const objects = Buffer.from([...Buffer.from('bplist00'), ...arrays, 0x08]);
  const offsets = Array.from({ length: count + 1 }, (_, index) => 8 + index * 3);
  const trailer = Buffer.alloc(32);
  trailer[6] = 1;
  trailer[7] = 1;
  trailer[15] = count + 1;
  trailer[31] = objects.length;
  return Buffer.concat([objects, Buffer.from(offsets), trailer]);
}

/** Metadata of files over the public client: what is asked for is kept, and what cannot be is an error that says so. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TransferClient } from './support/transfer-client.ts';
import { Workspace } from './support/workspace.ts';

const asRoot = process.getuid?.() === 0 ? test : test.skip;

let workspace: Workspace;
let client: TransferClient;
let source: string;
let sink: string;

beforeEach(async () => {
  workspace = new Workspace();
  client = new TransferClient((await workspace.start()).grpc);
  source = workspace.directory('files', 'from');
  sink = workspace.path('files', 'to');
});

afterEach(async () => {
  await client.close();
  await workspace.remove();
});

function plant(name: string, mode: number): void {
  writeFileSync(`${source}/${name}`, name);
  chmodSync(`${source}/${name}`, mode);
}

const modeAt = (name: string): number => statSync(`${sink}/${name}`).mode & 0o7777;

test('a job that preserves the mode says so, copies it, and puts right what changes later', async () => {
  plant('private', 0o600);
  plant('program', 0o755);
  mkdirSync(`${source}/empty`, { mode: 0o711 });
  const jobName = await client.createJob({ source, sink, metadataOptions: { mode: 'MODE_PRESERVE' } });
  expect((await client.job(jobName)).transferSpec?.transferOptions?.metadataOptions).toMatchObject({
    mode: 'MODE_PRESERVE',
  });

  const first = await client.untilDone(await client.run(jobName));
  expect(first).toMatchObject({ status: 'SUCCESS', counters: { objectsCopiedToSink: 2 } });
  expect(['private', 'program', 'empty'].map(modeAt)).toEqual([0o600, 0o755, 0o711]);

  chmodSync(`${source}/program`, 0o500);
  const second = await client.untilDone(await client.run(jobName));
  expect(second.counters).toMatchObject({ objectsCopiedToSink: 0, objectsFromSourceSkippedBySync: 2 });
  expect(modeAt('program')).toBe(0o500);
});

asRoot('a job that preserves user and group copies them by number', async () => {
  plant('file', 0o644);
  chownSync(`${source}/file`, 4321, 1234);
  const metadataOptions = { uid: 'UID_NUMBER', gid: 'GID_NUMBER' } as const;
  const done = await client.untilDone(await client.transfer({ source, sink, metadataOptions }));
  expect(done.status).toBe('SUCCESS');
  expect(statSync(`${sink}/file`)).toMatchObject({ uid: 4321, gid: 1234 });
});

test('a job that preserves symbolic links copies them as they are, and one that does not leaves them', async () => {
  plant('file', 0o644);
  symlinkSync('/etc/passwd', `${source}/link`);
  const skipped = await client.untilDone(await client.transfer({ source, sink }));
  expect(skipped).toMatchObject({ status: 'SUCCESS', counters: { objectsFoundFromSource: 1 } });
  expect(readdirSync(sink)).toEqual(['file']);

  const metadataOptions = { symlink: 'SYMLINK_PRESERVE' } as const;
  const done = await client.untilDone(await client.transfer({ source, sink, metadataOptions }));
  expect(done).toMatchObject({
    status: 'SUCCESS',
    counters: { objectsCopiedToSink: 1, objectsFromSourceSkippedBySync: 1 },
  });
  expect(readlinkSync(`${sink}/link`)).toBe('/etc/passwd');
});

test('a job that asks for no metadata copies content and time only', async () => {
  plant('program', 0o755);
  await client.untilDone(await client.transfer({ source, sink }));
  // 0644 less the umask.
  expect(modeAt('program') & ~0o044).toBe(0o600);
});

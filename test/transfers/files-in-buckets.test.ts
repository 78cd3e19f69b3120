/** Files whose attributes go with them into a bucket of a fake Google Cloud Storage, and come back. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  chmodSync,
  chownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { MemoryStore } from '../../src/stores/memory/memory-store.ts';
import { DownloadCopier } from '../../src/stores/posix/download-copier.ts';
import { PosixStore } from '../../src/stores/posix/posix-store.ts';
import { attributePairs, toldAttributes } from '../../src/transfers/attribute-pairs.ts';
import type { BucketBindings } from '../../src/core/bucket-binding.ts';
import type { RemoteLocation } from '../../src/transfers/remote-location.ts';
import { NOTHING_PRESERVED, type PreservedMetadata } from '../../src/transfers/posix-metadata.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { PosixLocation, TransferSpec } from '../../src/transfers/spec.ts';
import { FakeGcs } from '../support/fake-gcs/fake-gcs.ts';
import { FakeOperation } from '../support/fake-operation.ts';
import { bodyOf } from '../support/store-transfer.ts';
import { TEST_LIMITS, TransferFixture } from '../support/transfer-fixture.ts';
import { listLeftovers, plantFile } from '../support/tree.ts';

const MODE: PreservedMetadata = { ...NOTHING_PRESERVED, mode: true };
const ALL: PreservedMetadata = { ...MODE, uid: true, gid: true };
const BUCKET: RemoteLocation = { kind: 'bucket', scheme: 'gs', bucket: 'bucket', path: '' };
const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? test : test.skip;
const asUser = isRoot ? test.skip : test;

let fixture: TransferFixture;
let gcs: FakeGcs;
beforeEach(async () => {
  fixture = new TransferFixture();
  gcs = await FakeGcs.start();
  gcs.createBucket('bucket');
  mkdirSync(fixture.source, { recursive: true });
});
afterEach(async () => {
  fixture.remove();
  await gcs.close();
});

type Way = Pick<TransferSpec, 'source' | 'sink'>;

const directory = (rootDirectory: string): PosixLocation => ({ kind: 'posix', rootDirectory });
const up = (): Way => ({ source: directory(fixture.source), sink: BUCKET });
const down = (): Way => ({ source: BUCKET, sink: directory(fixture.sink) });

/** A whole operation: what it reported last. */
async function transfer(way: Way, metadata: PreservedMetadata, more: Partial<TransferSpec> = {}) {
  const bindings: BucketBindings = {
    bucket: { kind: 'gcs', prefix: '', endpoint: gcs.server.origin, credentials: { kind: 'none' } },
  };
  const operation = new FakeOperation();
  const { spec, ...request } = fixture.request();
  const asked = { ...request, spec: { ...spec, ...way, metadata, ...more } };
  await runTransfer(asked, operation.attempt(1n).context, fixture.environment({}, bindings)).catch(() => undefined);
  expect(operation.state.entries.size).toBe(0);
  return operation.state.progress;
}

function plant(name: string, mode: number, sizeBytes = 10): void {
  mkdirSync(join(fixture.source, dirname(name)), { recursive: true });
  plantFile(fixture.source, name, { sizeBytes });
  chmodSync(join(fixture.source, name), mode);
}

function putObject(name: string, metadata: Record<string, string>, sizeBytes = 10): void {
  gcs.bucket('bucket').put(name, Buffer.alloc(sizeBytes), { metadata }, new URLSearchParams());
}

const modeOf = (name: string): number => statSync(join(fixture.sink, name)).mode & 0o7777;
const pairsOf = (name: string) => gcs.bucket('bucket').get(name).resource.metadata ?? {};

/** Less than and more than what goes in one piece. */
const SIZES = [10, 100_000];

test.each(SIZES)('a file of %d bytes tells its mode, user and group in its object', async (sizeBytes) => {
  plant('file', 0o640, sizeBytes);
  await transfer(up(), ALL);
  const { uid, gid } = statSync(join(fixture.source, 'file'));
  expect(pairsOf('file')).toMatchObject({
    'goog-reserved-posix-uid': String(uid),
    'goog-reserved-posix-gid': String(gid),
    'goog-reserved-posix-mode': '640',
  });
});

// "By default, mode is not preserved", and so with the others.
test('only what is asked for is told', async () => {
  plant('file', 0o640);
  await transfer(up(), NOTHING_PRESERVED);
  expect(Object.keys(pairsOf('file')).filter((name) => name.includes('posix'))).toEqual([]);
  await transfer(up(), MODE, { overwriteWhen: 'ALWAYS' });
  expect(Object.keys(pairsOf('file')).filter((name) => name.includes('posix'))).toEqual(['goog-reserved-posix-mode']);
});

test.each(SIZES)('a file of %d bytes gets the mode that its object tells, and no other does', async (sizeBytes) => {
  putObject('told', { 'goog-reserved-posix-mode': '751' }, sizeBytes);
  putObject('as-st_mode', { 'goog-reserved-posix-mode': '100700' }, sizeBytes);
  putObject('untold', {}, sizeBytes);
  putObject('nonsense', { 'goog-reserved-posix-mode': 'rwx' }, sizeBytes);
  await transfer(down(), NOTHING_PRESERVED);
  const plain = modeOf('untold');
  expect(modeOf('told')).toBe(plain);
  await transfer(down(), MODE, { overwriteWhen: 'ALWAYS' });
  expect(['told', 'as-st_mode', 'untold', 'nonsense'].map(modeOf)).toEqual([0o751, 0o700, plain, plain]);
});

asRoot.each(SIZES)(
  'a file of %d bytes gets user and group, and setuid where they are those of its source',
  async (size) => {
    const ids = { 'goog-reserved-posix-uid': '4321', 'goog-reserved-posix-gid': '1234' };
    putObject('lends', { ...ids, 'goog-reserved-posix-mode': '6755' }, size);
    putObject('of-nobody-known', { 'goog-reserved-posix-mode': '6755' }, size);
    await transfer(down(), ALL);
    expect(statSync(join(fixture.sink, 'lends'))).toMatchObject({ uid: 4321, gid: 1234 });
    expect([modeOf('lends'), modeOf('of-nobody-known')]).toEqual([0o6755, 0o755]);
    await transfer(down(), MODE, { overwriteWhen: 'ALWAYS' });
    expect(statSync(join(fixture.sink, 'lends'))).toMatchObject({ uid: process.getuid?.(), gid: process.getgid?.() });
    expect(modeOf('lends')).toBe(0o755);
  },
);

asUser('an owner that the system does not take fails that object alone, and leaves nothing', async () => {
  putObject('good', {});
  putObject('other', { 'goog-reserved-posix-uid': '1' });
  const progress = await transfer(down(), ALL);
  expect(progress).toMatchObject({ counters: { objectsCopiedToSink: 1 }, errorBreakdowns: [{ code: 7 }] });
  expect(listLeftovers(fixture.sink)).toEqual([]);
});

test('a file whose bytes are equal is left as it is in the bucket, whatever its mode is now', async () => {
  plant('file', 0o640);
  await transfer(up(), MODE);
  chmodSync(join(fixture.source, 'file'), 0o600);
  expect((await transfer(up(), MODE))?.counters).toMatchObject({ objectsFromSourceSkippedBySync: 1 });
  expect(pairsOf('file')).toMatchObject({ 'goog-reserved-posix-mode': '640' });
});

asRoot('a tree that goes into a bucket and back has the same files', async () => {
  for (const [index, mode] of [0o644, 0o600, 0o4755, 0o2711, 0o1777, 0].entries()) {
    plant(`d${index}/file`, 0o644, index * 30_000);
    chownSync(join(fixture.source, `d${index}/file`), index, 100 + index);
    chmodSync(join(fixture.source, `d${index}/file`), mode);
  }
  await transfer(up(), ALL);
  await transfer(down(), ALL);
  for (let index = 0; index < 6; index += 1) {
    const { mode, uid, gid, size, mtimeMs } = statSync(join(fixture.source, `d${index}/file`));
    expect(statSync(join(fixture.sink, `d${index}/file`))).toMatchObject({ mode, uid, gid, size, mtimeMs });
  }
  expect((await transfer(down(), ALL))?.counters).toEqual({
    objectsFromSourceSkippedBySync: 6,
    bytesFromSourceSkippedBySync: 450_000,
  });
});

const LINKS: PreservedMetadata = { ...NOTHING_PRESERVED, symlinks: true };

function plantLink(name: string, target: string, modifyTimeS = 1.5e9): void {
  symlinkSync(target, join(fixture.source, name));
  lutimesSync(join(fixture.source, name), modifyTimeS, modifyTimeS);
}

const contentAt = (name: string): string => gcs.bucket('bucket').get(name).bytes.toString();

// "Preserve symlinks during a transfer job."
test('a link is an object with its target as content that says that it is one, and comes back as the link', async () => {
  plantLink('link', '../nowhere/é');
  plant('file', 0o644);
  expect((await transfer(up(), LINKS))?.counters).toMatchObject({ objectsCopiedToSink: 2 });
  expect(contentAt('link')).toBe('../nowhere/é');
  expect(pairsOf('link')).toMatchObject({ 'goog-reserved-file-is-symlink': 'true' });
  expect(pairsOf('file')).not.toHaveProperty('goog-reserved-file-is-symlink');

  expect((await transfer(down(), LINKS))?.counters).toMatchObject({ objectsCopiedToSink: 2 });
  expect(readlinkSync(join(fixture.sink, 'link'))).toBe('../nowhere/é');
  expect(lstatSync(join(fixture.sink, 'link')).mtimeMs).toBe(1.5e12);
});

test.each([
  ['up', up],
  ['down', down],
])('the next run %s copies no link again, and one with another target it does', async (_, way) => {
  plantLink('link', 'one');
  plantLink('other', 'two');
  for (const each of [up(), down()]) await transfer(each, LINKS);
  const { counters } = (await transfer(way(), LINKS)) ?? {};
  expect(counters).toMatchObject({ objectsFromSourceSkippedBySync: 2, bytesFromSourceSkippedBySync: 6 });
  expect(counters).not.toHaveProperty('objectsFoundFromSource');
  unlinkSync(join(fixture.source, 'link'));
  plantLink('link', 'six', 1.6e9);
  await transfer(up(), LINKS);
  expect(contentAt('link')).toBe('six');
  expect((await transfer(down(), LINKS))?.counters).toMatchObject({ objectsCopiedToSink: 1 });
  expect(readlinkSync(join(fixture.sink, 'link'))).toBe('six');
});

// "Do not preserve symlinks during a transfer job."
test('where links are not preserved none goes up, and what stands for one comes down as a file', async () => {
  plantLink('link', 'target');
  await transfer(up(), NOTHING_PRESERVED);
  expect(gcs.bucket('bucket').names('', '', '')).toEqual([]);
  await transfer(up(), LINKS);
  await transfer(down(), NOTHING_PRESERVED);
  expect(readFileSync(join(fixture.sink, 'link'), 'utf8')).toBe('target');
});

test('a link that became a file goes up as a file, and the reverse', async () => {
  plantLink('a', '0123456789');
  plantFile(fixture.source, 'b', { sizeBytes: 10, modifyTimeMs: 1.5e12 });
  await transfer(up(), LINKS);
  unlinkSync(join(fixture.source, 'a'));
  plantFile(fixture.source, 'a', { sizeBytes: 10, modifyTimeMs: 1.6e12 });
  unlinkSync(join(fixture.source, 'b'));
  plantLink('b', '0123456789');
  expect((await transfer(up(), LINKS))?.counters).toMatchObject({ objectsCopiedToSink: 2 });
  expect(pairsOf('a')).not.toHaveProperty('goog-reserved-file-is-symlink');
  expect(pairsOf('b')).toMatchObject({ 'goog-reserved-file-is-symlink': 'true' });
});

test('an object with a NUL is no target of a link, and fails alone', async () => {
  const metadata = { 'goog-reserved-file-is-symlink': 'true' };
  putObject('bad', metadata, 3);
  putObject('too-long', metadata, 4096);
  const progress = await transfer(down(), LINKS);
  expect(progress).toMatchObject({ counters: { objectsCopiedToSink: 1 }, errorBreakdowns: [{ code: 3 }] });
  expect(statSync(join(fixture.sink, 'too-long')).size).toBe(4096);
  expect(listLeftovers(fixture.sink)).toEqual([]);
});

test('a link that an earlier attempt has made is known for its copy', async () => {
  const source = new MemoryStore();
  const metadata = { custom: { 'goog-reserved-file-is-symlink': 'true' } };
  const { signal } = new AbortController();
  const object = await source.write('link', bodyOf(Buffer.from('target')), { modifyTimeMs: 1.5e12, metadata, signal });
  plantLink('link', 'target');
  const store = new PosixStore({
    place: { root: fixture.directory, path: fixture.source },
    role: 'sink',
    limits: TEST_LIMITS,
  });
  const word = new Int32Array(new SharedArrayBuffer(4));
  const ends = { source, sinkRoot: store.root, grainMs: 0.001, limits: TEST_LIMITS, metadata: LINKS, word };
  const copier = new DownloadCopier(ends);
  try {
    expect(await copier.isPublished({ ...object, stagingName: 'none' })).toBe(true);
    expect(await copier.isPublished({ ...object, sizeBytes: 5, stagingName: 'none' })).toBe(false);
  } finally {
    await copier.close();
    await store.close();
  }
});

test('links leave the source behind their copies, and unique ones the sink', async () => {
  plantLink('link', 'target');
  await transfer(up(), LINKS, { deletes: 'from-source' });
  expect(readdirSync(fixture.source)).toEqual([]);
  expect(contentAt('link')).toBe('target');
  await transfer(down(), LINKS);
  gcs.bucket('bucket').delete('link', new URLSearchParams());
  await transfer(down(), LINKS, { deletes: 'unique-in-sink' });
  expect(readdirSync(fixture.sink)).toEqual([]);
});

test.each([
  ['-1', undefined],
  ['4294967295', undefined],
  ['root', undefined],
  ['', undefined],
  ['0', 0],
  ['4294967294', 4_294_967_294],
])('a user %j is %j', (text, uid) => {
  expect(toldAttributes({ custom: { 'goog-reserved-posix-uid': text } }).uid).toBe(uid);
});

test.each([0o0, 0o7, 0o644, 0o1777, 0o7777])('a mode of %d is read as it was written', (mode) => {
  const attributes = { mode, uid: 0, gid: 7 };
  expect(toldAttributes({ custom: attributePairs(attributes, ALL) })).toEqual(attributes);
});

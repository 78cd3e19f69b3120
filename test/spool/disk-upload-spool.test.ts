import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { UploadSpoolLimits } from '../../src/checks/upload-spool.ts';
import { Code } from '../../src/core/code.ts';
import { DiskUploadSpool } from '../../src/spool/disk-upload-spool.ts';

const LIMITS: UploadSpoolLimits = {
  uploadSizeMaxBytes: 1000,
  spoolSizeMaxBytes: 2000,
  spoolCountMax: 3,
  diskReserveBytes: 1,
  spoolRetryDelayMs: 7000,
};

let root: string;
let directory: string;
let spool: DiskUploadSpool;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'longrunning-spool-'));
  directory = join(root, 'deep', 'uploads');
  spool = new DiskUploadSpool({ directory, limits: LIMITS });
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const NEVER = new AbortController().signal;

async function* chunksOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield* chunks;
}

const receive = (id: string, sizeBytes: number) => spool.receive(id, chunksOf(Buffer.alloc(sizeBytes)), NEVER);

test('a file that was received is there, as it came', async () => {
  const [first, second] = [randomBytes(300), randomBytes(400)];
  const whole = Buffer.concat([first, second]);

  const file = await spool.receive('a', chunksOf(first, new Uint8Array(0), second), NEVER);

  expect(readFileSync(fileURLToPath(file.uri)).equals(whole)).toBe(true);
  expect(file.sizeBytes).toBe(700);
  expect(Buffer.from(file.sha256)).toEqual(createHash('sha256').update(whole).digest());
  expect(await spool.list()).toEqual(['a']);
});

test('what is removed has gone, and removing it again is no error', async () => {
  const { uri } = await receive('a', 1);
  await spool.remove('a');
  await spool.remove('a');
  expect(existsSync(fileURLToPath(uri))).toBe(false);
  expect(await spool.list()).toEqual([]);
});

test('nothing is made before a file comes', async () => {
  expect(await spool.list()).toEqual([]);
  expect(existsSync(directory)).toBe(false);
});

test.each([
  ['an empty file', () => receive('a', 0), 'UPLOAD_EMPTY'],
  ['a file that is too large', () => receive('a', 1001), 'UPLOAD_TOO_LARGE'],
])('%s is refused, and leaves nothing', async (_, call, reason) => {
  await expect(call()).rejects.toMatchObject({ info: { reason } });
  expect(readdirSync(directory)).toEqual([]);
});

test('the largest file that may be is taken', async () => {
  expect((await receive('a', 1000)).sizeBytes).toBe(1000);
});

test('files together are bounded, until one has gone', async () => {
  await receive('a', 1000);
  await receive('b', 999);
  await expect(receive('c', 2)).rejects.toMatchObject({ info: { reason: 'UPLOAD_SPOOL_FULL' }, retryDelayMs: 7000 });
  await spool.remove('a');
  await receive('c', 2);
  expect((await spool.list()).toSorted()).toEqual(['b', 'c']);
});

test('the number of files is bounded, those that failed not counted', async () => {
  await expect(receive('x', 0)).rejects.toThrow();
  for (const id of ['a', 'b', 'c']) await receive(id, 1);
  await expect(receive('d', 1)).rejects.toMatchObject({ info: { reason: 'UPLOAD_SPOOL_FULL' } });
});

test('a caller that breaks off leaves nothing, and its error is told', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield* chunksOf(Buffer.alloc(10));
    throw new Error('gone');
  }
  await expect(spool.receive('a', broken(), NEVER)).rejects.toThrow('gone');
  expect(readdirSync(directory)).toEqual([]);
});

test('a signal ends the wait for a chunk that never comes', async () => {
  const abort = new AbortController();
  async function* stuck(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(10);
    abort.abort(new Error('left'));
    await new Promise(() => undefined);
  }
  await expect(spool.receive('a', stuck(), abort.signal)).rejects.toThrow('left');
  expect(readdirSync(directory)).toEqual([]);
});

test('what an earlier process left is taken over: whole files count, halves are removed, others are left alone', async () => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'whole.upload'), Buffer.alloc(1500));
  writeFileSync(join(directory, 'half.part'), Buffer.alloc(1500));
  writeFileSync(join(directory, 'README'), 'mine');

  await expect(receive('a', 501)).rejects.toMatchObject({ info: { reason: 'UPLOAD_SPOOL_FULL' } });
  await receive('b', 500);

  expect(readdirSync(directory).toSorted()).toEqual(['README', 'b.upload', 'whole.upload']);
  expect((await spool.list()).toSorted()).toEqual(['b', 'whole']);
});

test('a directory that cannot be is UNAVAILABLE, and tried anew', async () => {
  writeFileSync(join(root, 'deep'), 'a file');
  await expect(receive('a', 1)).rejects.toMatchObject({ info: { reason: 'STORAGE_UNAVAILABLE' } });
  rmSync(join(root, 'deep'));
  await receive('a', 1);
});

describe('a disk of which some is to stay free', () => {
  const limits = { ...LIMITS, uploadSizeMaxBytes: 2 ** 30, spoolSizeMaxBytes: 2 ** 30, diskReserveBytes: 100 };
  const full = {
    code: Code.RESOURCE_EXHAUSTED,
    info: { reason: 'STORAGE_FULL', metadata: { diskReserveBytes: '100' } },
  };

  test('takes no file that is announced as larger than the rest, and asks for none of it', async () => {
    let isAsked = false;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      isAsked = true;
      yield* chunksOf(Buffer.alloc(1));
    }
    spool = new DiskUploadSpool({ directory, limits, freeBytes: () => Promise.resolve(1000) });
    await expect(spool.receive('a', chunks(), NEVER, 901)).rejects.toMatchObject(full);
    expect([isAsked, readdirSync(directory)]).toEqual([false, []]);
    expect((await spool.receive('a', chunks(), NEVER, 900)).sizeBytes).toBe(1);
  });

  test('is looked at again while a file comes whose size nobody knows', async () => {
    const free = [1000, 1000, 99];
    spool = new DiskUploadSpool({ directory, limits, freeBytes: () => Promise.resolve(free.shift() ?? 0) });
    const mebibytes = Array.from({ length: 64 }, () => Buffer.alloc(2 ** 20));
    await expect(spool.receive('a', chunksOf(...mebibytes), NEVER)).rejects.toMatchObject(full);
    expect([free, readdirSync(directory)]).toEqual([[], []]);
  });
});

test('a file that is announced as more than the spool has room for is refused before it is asked for', async () => {
  await receive('a', 1000);
  await receive('b', 1);
  const refused = spool.receive('c', chunksOf(Buffer.alloc(1)), NEVER, 1000);
  await expect(refused).rejects.toMatchObject({ info: { reason: 'UPLOAD_SPOOL_FULL' } });
  await expect(spool.receive('c', chunksOf(), NEVER, 1001)).rejects.toMatchObject({
    info: { reason: 'UPLOAD_TOO_LARGE' },
  });
});

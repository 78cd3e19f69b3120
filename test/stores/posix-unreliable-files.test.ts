import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { CopyContext } from '../../src/stores/posix/copy-context.ts';
import { OBJECT_STATE } from '../../src/transfers/copier.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import type { TransferFixture as Fixture } from '../support/transfer-fixture.ts';
import { plantFile } from '../support/tree.ts';

/** How often the close of a staging file says what a network file system says of writes that it has lost. */
let lossCount = 0;
/** Whether times can be set: there are file systems that refuse it. */
let isTimeRefused = false;
/** How many bytes of a file can be read, whatever its size is said to be. */
let readableBytes = Infinity;

const actual = { ...fs };
jest.unstable_mockModule('node:fs', () => ({
  ...actual,
  futimesSync: (...args: Parameters<typeof fs.futimesSync>) => {
    if (isTimeRefused) throw Object.assign(new Error('EPERM: not permitted, futime'), { code: 'EPERM' });
    actual.futimesSync(...args);
  },
  readSync: (...[file, buffer, offset, length, position]: [number, Buffer, number, number, number]) =>
    actual.readSync(file, buffer, offset, Math.max(0, Math.min(length, readableBytes - position)), position),
  closeSync: (file: number) => {
    const isStaging = actual.readlinkSync(`/proc/self/fd/${file}`).includes('.~stx-');
    actual.closeSync(file);
    if (!isStaging || lossCount === 0) return;
    lossCount -= 1;
    throw Object.assign(new Error('EIO: i/o error, close'), { code: 'EIO' });
  },
}));
// Whatever is imported before sees the real one.
const { TEST_LIMITS, TransferFixture } = await import('../support/transfer-fixture.ts');
const { copyBatch } = await import('../../src/stores/posix/copy-group.ts');
const { copySlice } = await import('../../src/stores/posix/copy-large.ts');
const { PosixStore } = await import('../../src/stores/posix/posix-store.ts');
const { newCopyContext } = await import('../../src/stores/posix/copy-context.ts');

let fixture: Fixture;
let descriptors: number[];
let context: CopyContext;
beforeEach(() => {
  fixture = new TransferFixture();
  for (const directory of [fixture.source, fixture.sink]) fs.mkdirSync(directory);
  descriptors = [fs.openSync(fixture.source, 'r'), fs.openSync(fixture.sink, 'r')];
  const [sourceRoot = 0, sinkRoot = 0] = descriptors;
  const cell = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));
  const throttle = new SharedArrayBuffer(16);
  const limits = { ...TEST_LIMITS, transientDelayMs: 1 };
  context = newCopyContext({
    sourceRoot,
    sinkRoot,
    word: cell(),
    halt: cell(),
    throttle,
    limits,
    metadata: NOTHING_PRESERVED,
  });
  plantFile(fixture.source, 'f', { sizeBytes: 100_000 });
});
afterEach(() => {
  lossCount = 0;
  isTimeRefused = false;
  readableBytes = Infinity;
  for (const descriptor of descriptors) fs.closeSync(descriptor);
  fixture.remove();
});

function planned() {
  const { size, mtimeMs } = fs.statSync(join(fixture.source, 'f'));
  return { key: 'f', sizeBytes: size, modifyTimeMs: mtimeMs };
}

function copySmall() {
  return copyBatch(context, {
    stagingPrefix: '.~stx-',
    firstIndex: 0,
    objects: [planned()],
    states: new Uint8Array(1),
  });
}

test('an object whose writes were lost is not published', () => {
  lossCount = Infinity;
  const { states, failures } = copySmall();
  expect(states[0]).toBe(OBJECT_STATE.FAILED);
  expect(failures[0]?.cause.detail).toContain('EIO');
  expect(fs.readdirSync(fixture.sink)).toEqual([]);
});

test('an object whose writes were lost once is copied again', () => {
  lossCount = 1;
  expect(copySmall().states[0]).toBe(OBJECT_STATE.PUBLISHED);
  expect(fs.readFileSync(join(fixture.sink, 'f'))).toEqual(fs.readFileSync(join(fixture.source, 'f')));
});

test('a slice whose writes were lost does not count as staged', () => {
  lossCount = Infinity;
  const object = { ...planned(), stagingName: '.~stx-large', stagedBytes: 0, stagedCrc32c: 0 };
  expect(copySlice(context, object, false)).toMatchObject({ kind: 'failed' });
});

test.each([0, 50_000])('a large source that ends after %d bytes, before its size, is not tried for ever', (bytes) => {
  readableBytes = bytes;
  const object = { ...planned(), stagingName: '.~stx-large', stagedBytes: 0, stagedCrc32c: 0 };
  expect(copySlice(context, object, false)).toMatchObject({ kind: 'changed' });
});

test('an object whose writes were lost is not written by a store either', async () => {
  const place = { root: fixture.directory, path: fixture.sink };
  const store = new PosixStore({ place, role: 'sink', limits: TEST_LIMITS });
  lossCount = Infinity;
  const body = (async function* () {
    yield Buffer.from('bytes');
  })();
  const writing = store.write('f', body, { modifyTimeMs: 0, signal: new AbortController().signal });
  await expect(writing).rejects.toThrow('EIO');
  expect(fs.readdirSync(fixture.sink)).toEqual([]);
  lossCount = 0;
  await store.close();
});

test('a sink whose grain of time cannot be found out leaves no descriptor open', () => {
  const place = { root: fixture.directory, path: fixture.sink };
  isTimeRefused = true;
  const before = fs.readdirSync('/proc/self/fd').length;
  expect(() => new PosixStore({ place, role: 'sink', limits: TEST_LIMITS })).toThrow('EPERM');
  expect(fs.readdirSync('/proc/self/fd')).toHaveLength(before);
});

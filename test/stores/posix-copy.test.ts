import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { newCopyContext, type CopyContext } from '../../src/stores/posix/copy-context.ts';
import { copyBatch } from '../../src/stores/posix/copy-group.ts';
import { copySlice } from '../../src/stores/posix/copy-large.ts';
import { DirectoryTree } from '../../src/stores/posix/directory-tree.ts';
import { publishLarge } from '../../src/stores/posix/large-staging.ts';
import { Throttle } from '../../src/stores/posix/throttle.ts';
import { OBJECT_STATE, type LargeObject } from '../../src/transfers/copier.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { TEST_LIMITS, TransferFixture } from '../support/transfer-fixture.ts';
import { compareTrees, plantFile } from '../support/tree.ts';

let fixture: TransferFixture;
let descriptors: number[];
let context: CopyContext;
/** Called before each chunk is read. */
let onChunk: () => void;

beforeEach(() => {
  fixture = new TransferFixture();
  mkdirSync(fixture.source);
  mkdirSync(fixture.sink);
  descriptors = [openSync(fixture.source, 'r'), openSync(fixture.sink, 'r')];
  onChunk = () => {};
  const [sourceRoot = 0, sinkRoot = 0] = descriptors;
  const cell = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));
  const throttle = new SharedArrayBuffer(Throttle.SIZE_BYTES);
  const made = newCopyContext({
    sourceRoot,
    sinkRoot,
    word: cell(),
    halt: cell(),
    throttle,
    limits: TEST_LIMITS,
    metadata: NOTHING_PRESERVED,
  });
  const hooked = Object.assign(made.throttle, { takeBytes: () => onChunk() });
  context = { ...made, throttle: hooked };
});
afterEach(() => {
  context.source.clear();
  context.sink.clear();
  for (const descriptor of descriptors) closeSync(descriptor);
  fixture.remove();
});

function planned(key: string) {
  const { size, mtimeMs } = statSync(join(fixture.source, key));
  return { key, sizeBytes: size, modifyTimeMs: mtimeMs };
}

function large(key: string): LargeObject {
  return { ...planned(key), stagingName: '.~stx-large', stagedBytes: 0, stagedCrc32c: 0 };
}

test('a small source that changes between two chunks is CHANGED, and nothing of it is left', () => {
  plantFile(fixture.source, 'f', { sizeBytes: 50_000 });
  const object = planned('f');
  let count = 0;
  onChunk = () => {
    if ((count += 1) === 2) appendFileSync(join(fixture.source, 'f'), 'more');
  };
  const batch = { stagingPrefix: '.~stx-', firstIndex: 0, objects: [object], states: new Uint8Array(1) };
  const outcome = copyBatch(context, batch);
  expect(outcome.states[0]).toBe(OBJECT_STATE.CHANGED);
  expect(outcome.changed[0]?.object.sizeBytes).toBe(50_004);
  expect(readdirSync(fixture.sink)).toEqual([]);
});

test('a large source that changes within a slice is begun anew, with its new size', () => {
  plantFile(fixture.source, 'f', { sizeBytes: 200_000 });
  const object = large('f');
  let count = 0;
  onChunk = () => {
    if ((count += 1) === 3) appendFileSync(join(fixture.source, 'f'), 'more');
  };
  expect(copySlice(context, object, false)).toMatchObject({
    kind: 'changed',
    object: { sizeBytes: 200_004, stagedBytes: 0 },
  });
});

test('a large source that is replaced between two slices by another of the same size and time is begun anew', () => {
  plantFile(fixture.source, 'f', { sizeBytes: 200_000 });
  const first = copySlice(context, large('f'), false);
  plantFile(fixture.source, 'f', { sizeBytes: 200_000, seed: 2 });
  expect(first).toMatchObject({ kind: 'staged', object: { stagedBytes: TEST_LIMITS.sliceSizeBytes } });
  if (first.kind !== 'staged') return;
  expect(copySlice(context, first.object, true)).toMatchObject({ kind: 'changed' });
});

test.each([
  ['between two slices', true],
  ['between two attempts', false],
])('staging that is removed %s is begun anew, never published with a hole', (_, isChecked) => {
  plantFile(fixture.source, 'f', { sizeBytes: 200_000 });
  const first = copySlice(context, large('f'), false);
  if (first.kind !== 'staged') throw new Error(first.kind);
  unlinkSync(join(fixture.sink, '.~stx-large'));
  let object = first.object;
  for (let count = 0; count === 0 || object.stagedBytes < object.sizeBytes; count += 1) {
    const next = copySlice(context, object, isChecked || count > 0);
    if (next.kind !== 'staged') throw new Error(JSON.stringify(next));
    object = next.object;
  }
  expect(publishLarge(context, object)).toEqual({ kind: 'published' });
  expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ equalCount: 1, different: [], leftovers: [] });
});

test('a pause does not wait until what a crash left staged was read again', () => {
  plantFile(fixture.source, 'f', { sizeBytes: 200_000 });
  const first = copySlice(context, large('f'), false);
  if (first.kind !== 'staged') throw new Error(first.kind);
  writeFileSync(join(fixture.sink, '.~stx-large'), Buffer.alloc(TEST_LIMITS.sliceSizeBytes));
  const draining = { ...context, isDraining: () => true };
  expect(copySlice(draining, first.object, false)).toEqual(first);
});

test.each([
  ['damaged', (staging: Buffer) => (staging[5] = 255 - (staging[5] ?? 0))],
  ['whole', () => {}],
])('staging that a crash left %s ends as an exact copy', (_, damage) => {
  plantFile(fixture.source, 'f', { sizeBytes: 200_000 });
  const first = copySlice(context, large('f'), false);
  if (first.kind !== 'staged') throw new Error(first.kind);
  const path = join(fixture.sink, '.~stx-large');
  const staging = Buffer.concat([readFileSync(path), Buffer.from('written after the last checkpoint')]);
  damage(staging);
  writeFileSync(path, staging);
  let object = first.object;
  for (let isChecked = false; object.stagedBytes < object.sizeBytes; isChecked = true) {
    const next = copySlice(context, object, isChecked);
    if (next.kind !== 'staged') throw new Error(next.kind);
    object = next.object;
  }
  expect(publishLarge(context, object)).toEqual({ kind: 'published' });
  expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ equalCount: 1, different: [], leftovers: [] });
});

/** Systems have file systems mounted within others: /dev/shm is one. */
const hasMount = existsSync('/dev/shm') && statSync('/dev').dev !== statSync('/dev/shm').dev;

(hasMount ? test : test.skip)('a file system that is mounted within the sink is noticed (needs /dev/shm)', () => {
  plantFile(fixture.source, 'f', { sizeBytes: 5 });
  const directory = mkdtempSync('/dev/shm/copy-');
  const sinkRoot = openSync('/dev', 'r');
  const object = { ...planned('f'), key: `${directory.slice('/dev/'.length)}/f` };
  mkdirSync(join(fixture.source, object.key, '..'), { recursive: true });
  copyFileSync(join(fixture.source, 'f'), join(fixture.source, object.key));
  const there = { ...object, ...planned(object.key), key: object.key };
  const sink = new DirectoryTree(sinkRoot, 8);
  try {
    const batch = { stagingPrefix: '.~stx-', firstIndex: 0, objects: [there], states: new Uint8Array(1) };
    const limits = { ...TEST_LIMITS, durability: 'batch' as const };
    expect(copyBatch({ ...context, sink, limits }, batch)).toMatchObject({ isElsewhere: true, failures: [] });
    const near = { ...batch, objects: [planned('f')] };
    expect(copyBatch({ ...context, limits }, near)).toMatchObject({ isElsewhere: false, failures: [] });
  } finally {
    sink.clear();
    closeSync(sinkRoot);
    rmSync(directory, { recursive: true });
  }
});

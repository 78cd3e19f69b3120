import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { WORD } from '../../src/operations/task.ts';
import { newCopyContext, type CopyContext } from '../../src/stores/posix/copy-context.ts';
import { beginSlice, copyRange, endSlice, type SliceStart } from '../../src/stores/posix/copy-large.ts';
import { publishLarge } from '../../src/stores/posix/large-staging.ts';
import { PosixCopier } from '../../src/stores/posix/posix-copier.ts';
import { joinRanges, rangesOf, type RangeOutcome } from '../../src/stores/posix/slice-ranges.ts';
import { Throttle } from '../../src/stores/posix/throttle.ts';
import type { LargeObject } from '../../src/transfers/copier.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { TEST_LIMITS, TransferFixture } from '../support/transfer-fixture.ts';
import { compareTrees, plantFile } from '../support/tree.ts';

const STAGING = '.~stx-large';
const NOTHING_STAGED = { key: 'f', modifyTimeMs: 0, stagingName: STAGING, stagedBytes: 0, stagedCrc32c: 0 };

test('what counts of a slice are the bytes before its first hole, with their crc32c, wherever its ranges end', () => {
  const cases = fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 400 }),
    staged: fc.nat(400),
    sliceSizeBytes: fc.integer({ min: 1, max: 400 }),
    chunkSizeBytes: fc.integer({ min: 1, max: 20 }),
    count: fc.integer({ min: 1, max: 8 }),
    copied: fc.array(fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 8,
      maxLength: 8,
    }),
  });
  fc.assert(
    fc.property(cases, ({ bytes, staged, copied, count, ...limits }) => {
      const stagedBytes = Math.min(staged, bytes.length);
      const crc = crc32c(Buffer.from(bytes.subarray(0, stagedBytes)));
      const object = { ...NOTHING_STAGED, sizeBytes: bytes.length, stagedBytes, stagedCrc32c: crc };
      const ranges = rangesOf(object, limits, count);
      const isThere = bytes.map((_, index) => (index < stagedBytes ? 1 : 0));
      const outcomes = ranges.map(({ offsetBytes, lengthBytes }, index): RangeOutcome => {
        const length = Math.floor(lengthBytes * (copied[index] ?? 0));
        isThere.fill(1, offsetBytes, offsetBytes + length);
        return {
          kind: 'copied',
          lengthBytes: length,
          crc32c: crc32c(Buffer.from(bytes.subarray(offsetBytes, offsetBytes + length))),
        };
      });
      const hole = isThere.indexOf(0);
      const wholeBytes = hole === -1 ? bytes.length : hole;
      const stagedCrc32c = crc32c(Buffer.from(bytes.subarray(0, wholeBytes)));
      expect(ranges.length).toBeLessThanOrEqual(count);
      expect(joinRanges(object, ranges, outcomes)).toEqual({
        kind: 'staged',
        object: { ...object, stagedBytes: wholeBytes, stagedCrc32c },
      });
    }),
  );
});

test('ranges of a slice follow each other, from what is staged to the end of the slice', () => {
  const object = { ...NOTHING_STAGED, sizeBytes: 1000, stagedBytes: 100 };
  expect(rangesOf(object, { sliceSizeBytes: 640, chunkSizeBytes: 64 }, 2)).toEqual([
    { offsetBytes: 100, lengthBytes: 320 },
    { offsetBytes: 420, lengthBytes: 320 },
  ]);
  expect(rangesOf({ ...object, stagedBytes: 1000 }, { sliceSizeBytes: 640, chunkSizeBytes: 64 }, 2)).toEqual([]);
});

describe('ranges of one object', () => {
  let fixture: TransferFixture;
  let descriptors: number[];
  let context: CopyContext;
  let onChunk: () => void;

  beforeEach(() => {
    fixture = new TransferFixture();
    for (const directory of [fixture.source, fixture.sink]) mkdirSync(directory);
    descriptors = [openSync(fixture.source, 'r'), openSync(fixture.sink, 'r')];
    const [sourceRoot = 0, sinkRoot = 0] = descriptors;
    const cell = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));
    const throttle = new SharedArrayBuffer(Throttle.SIZE_BYTES);
    const data = { sourceRoot, sinkRoot, word: cell(), halt: cell(), throttle };
    const made = newCopyContext({ ...data, limits: TEST_LIMITS, metadata: NOTHING_PRESERVED });
    onChunk = () => {};
    context = { ...made, throttle: Object.assign(made.throttle, { takeBytes: () => onChunk() }) };
  });
  afterEach(() => {
    context.source.clear();
    context.sink.clear();
    for (const descriptor of descriptors) closeSync(descriptor);
    fixture.remove();
  });

  function planted(sizeBytes: number): LargeObject {
    plantFile(fixture.source, 'f', { sizeBytes });
    const { size, mtimeMs } = statSync(join(fixture.source, 'f'));
    return { ...NOTHING_STAGED, sizeBytes: size, modifyTimeMs: mtimeMs };
  }

  function begun(object: LargeObject): SliceStart {
    const start = beginSlice(context, object, false);
    if (start.kind !== 'ready') throw new Error(start.kind);
    return start;
  }

  test('that are copied in any order are an exact copy with the crc32c of the whole', () => {
    const start = begun(planted(128 * 1024));
    const ranges = rangesOf(start.object, TEST_LIMITS, 2);
    const outcomes = ranges.toReversed().map((range) => copyRange(context, start, range));
    const joined = joinRanges(start.object, ranges, outcomes.toReversed());
    const stagedCrc32c = crc32c(readFileSync(join(fixture.source, 'f')));
    expect(ranges).toHaveLength(2);
    expect(joined).toMatchObject({ kind: 'staged', object: { stagedBytes: 128 * 1024, stagedCrc32c } });
    if (joined.kind !== 'staged') return;
    const ended = endSlice(context, { ...start, object: joined.object });
    expect(ended.kind === 'staged' && publishLarge(context, ended.object)).toEqual({ kind: 'published' });
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ equalCount: 1, different: [], leftovers: [] });
  });

  test('make no staging file when theirs has gone: it would have a hole where other ranges were', () => {
    const start = begun(planted(128 * 1024));
    const ranges = rangesOf(start.object, TEST_LIMITS, 2);
    const [first, second] = ranges;
    if (first === undefined || second === undefined) throw new Error('no two ranges');
    const outcomes = [copyRange(context, start, first)];
    unlinkSync(join(fixture.sink, STAGING));
    outcomes.push(copyRange(context, start, second));
    expect(readdirSync(fixture.sink)).toEqual([]);
    expect(joinRanges(start.object, ranges, outcomes)).toMatchObject({ kind: 'staged', object: { stagedBytes: 0 } });
    expect(endSlice(context, start)).toMatchObject({ kind: 'staged', object: { stagedBytes: 0 } });
  });

  test('write to no file that took the place of their staging', () => {
    const start = begun(planted(128 * 1024));
    const [first = { offsetBytes: 0, lengthBytes: 0 }] = rangesOf(start.object, TEST_LIMITS, 2);
    const held = openSync(join(fixture.sink, STAGING), 'r');
    unlinkSync(join(fixture.sink, STAGING));
    writeFileSync(join(fixture.sink, STAGING), 'of somebody else');
    expect(copyRange(context, start, first)).toEqual({ kind: 'lost' });
    expect(readFileSync(join(fixture.sink, STAGING), 'utf8')).toBe('of somebody else');
    closeSync(held);
  });

  test('of a source that changes under one of them are all begun anew, with its new size', () => {
    const start = begun(planted(128 * 1024));
    const ranges = rangesOf(start.object, TEST_LIMITS, 2);
    let count = 0;
    onChunk = () => {
      if ((count += 1) === 2) appendFileSync(join(fixture.source, 'f'), 'more');
    };
    const outcomes = ranges.map((range) => copyRange(context, start, range));
    expect(joinRanges(start.object, ranges, outcomes)).toMatchObject({
      kind: 'changed',
      object: { sizeBytes: 128 * 1024 + 4, stagedBytes: 0 },
    });
  });
});

test('two threads work on the last large object at once: both halves of its slice grow before the first is whole', async () => {
  const fixture = new TransferFixture();
  for (const directory of [fixture.source, fixture.sink]) mkdirSync(directory);
  const sizeBytes = 2 ** 25;
  writeFileSync(join(fixture.source, 'f'), Buffer.alloc(sizeBytes, 7));
  const { mtimeMs } = statSync(join(fixture.source, 'f'));
  const descriptors = [openSync(fixture.source, 'r'), openSync(fixture.sink, 'r')];
  const [sourceRoot = 0, sinkRoot = 0] = descriptors;
  const word = new Int32Array(new SharedArrayBuffer(4));
  // A chunk of 16 KiB each 10 ms: the second thread has ten seconds to start in before the first has done its half.
  const limits = { ...TEST_LIMITS, sliceSizeBytes: sizeBytes, bytesPerSecondMax: 1.6 * 2 ** 20 };
  const copier = new PosixCopier({ sourceRoot, sinkRoot, word, limits, metadata: NOTHING_PRESERVED, grainMs: 0.001 });
  try {
    const ended = new AbortController();
    const staging = copier.stageSlice({ ...NOTHING_STAGED, sizeBytes, modifyTimeMs: mtimeMs });
    void staging.finally(() => {
      ended.abort();
    });
    const path = join(fixture.sink, STAGING);
    const isSideBySide = (): boolean => {
      if (!existsSync(path)) return false;
      const [first, last, second] = [0, sizeBytes / 2 - 1, sizeBytes / 2].map((offset) => byteAt(path, offset));
      return first === 7 && last !== 7 && second === 7;
    };
    let wasSideBySide = false;
    while (!ended.signal.aborted && !wasSideBySide) {
      wasSideBySide = isSideBySide();
      await setImmediate();
    }
    Atomics.store(word, 0, WORD.STOP);
    Atomics.notify(word, 0);
    expect(wasSideBySide).toBe(true);
    // What counts ends before the hole in the middle.
    const outcome = await staging;
    if (outcome.kind !== 'staged') throw new Error(outcome.kind);
    expect(outcome.object.stagedBytes).toBeLessThan(sizeBytes / 2);
    const staged = readFileSync(path).subarray(0, outcome.object.stagedBytes);
    expect(crc32c(staged)).toBe(outcome.object.stagedCrc32c);
  } finally {
    await copier.close();
    for (const descriptor of descriptors) closeSync(descriptor);
    fixture.remove();
  }
});

function byteAt(path: string, offset: number): number | undefined {
  const file = openSync(path, 'r');
  try {
    const byte = Buffer.alloc(1);
    return readSync(file, byte, 0, 1, offset) === 1 ? byte[0] : undefined;
  } finally {
    closeSync(file);
  }
}

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { cloneLarge, flushSource } from '../../src/stores/posix/clone-large.ts';
import { newCopyContext, type CopyContext } from '../../src/stores/posix/copy-context.ts';
import { copySlice } from '../../src/stores/posix/copy-large.ts';
import { publishLarge } from '../../src/stores/posix/large-staging.ts';
import { cloneFile, mayShareExtents, Reflinks, type FilePlace } from '../../src/stores/posix/reflink.ts';
import { Throttle } from '../../src/stores/posix/throttle.ts';
import type { LargeObject } from '../../src/transfers/copier.ts';
import { toPending } from '../../src/transfers/pending-object.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import { FakeOperation } from '../support/fake-operation.ts';
import { TEST_LIMITS, TransferFixture } from '../support/transfer-fixture.ts';
import { compareTrees, plantFile } from '../support/tree.ts';
import { canMountXfs, XfsDisk } from '../support/xfs-disk.ts';

const XFS = 0x58465342;
const BTRFS = 0x9123683e;
const EXT4 = 0xef53;

test.each<[string, FilePlace, FilePlace, boolean]>([
  ['one XFS', { type: XFS, device: 1 }, { type: XFS, device: 1 }, true],
  ['two of them', { type: XFS, device: 1 }, { type: XFS, device: 2 }, false],
  ['subvolumes of btrfs', { type: BTRFS, device: 1 }, { type: BTRFS, device: 2 }, true],
  ['one ext4', { type: EXT4, device: 1 }, { type: EXT4, device: 1 }, false],
  ['XFS and btrfs', { type: XFS, device: 1 }, { type: BTRFS, device: 1 }, false],
])('whether a clone is worth a try: %s', (_, source, sink, expected) => {
  expect(mayShareExtents(source, sink)).toBe(expected);
});

describe('clones of large objects', () => {
  let fixture: TransferFixture;
  let descriptors: number[];
  let context: CopyContext;
  /** What the file system does. */
  let clone: (source: number, sink: number) => boolean;
  let tryCount: number;
  let device: number;

  beforeEach(() => {
    fixture = new TransferFixture();
    for (const directory of [fixture.source, fixture.sink]) mkdirSync(directory);
    descriptors = [openSync(fixture.source, 'r'), openSync(fixture.sink, 'r')];
    const [sourceRoot = 0, sinkRoot = 0] = descriptors;
    const cell = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));
    const throttle = new SharedArrayBuffer(Throttle.SIZE_BYTES);
    const data = { sourceRoot, sinkRoot, word: cell(), halt: cell(), throttle };
    tryCount = 0;
    device = 1;
    clone = (source, sink) => {
      copyFileSync(`/proc/self/fd/${source}`, `/proc/self/fd/${sink}`);
      return true;
    };
    const reflinks = new Reflinks(
      (source, sink) => {
        tryCount += 1;
        return clone(source, sink);
      },
      () => ({ type: XFS, device }),
    );
    context = { ...newCopyContext({ ...data, limits: TEST_LIMITS, metadata: NOTHING_PRESERVED }), reflinks };
    plantFile(fixture.source, 'f', { sizeBytes: 200_000 });
  });
  afterEach(() => {
    context.source.clear();
    context.sink.clear();
    for (const descriptor of descriptors) closeSync(descriptor);
    fixture.remove();
  });

  function large(): LargeObject {
    const { size, mtimeMs } = statSync(join(fixture.source, 'f'));
    const nothing = { stagingName: '.~stx-large', stagedBytes: 0, stagedCrc32c: 0 };
    return { key: 'f', sizeBytes: size, modifyTimeMs: mtimeMs, ...nothing };
  }

  test('a clone is complete at once, with its source’s time, and is published like a copy', () => {
    const cloned = cloneLarge(context, large());
    expect(cloned).toMatchObject({ kind: 'staged', object: { stagedBytes: 200_000, isCloned: true } });
    if (cloned?.kind !== 'staged') return;
    expect(publishLarge(context, cloned.object)).toEqual({ kind: 'published' });
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ equalCount: 1, different: [], leftovers: [] });
  });

  test('a checkpoint does not build upon a clone: nobody knows its crc32c', () => {
    const cloned = cloneLarge(context, large());
    if (cloned?.kind !== 'staged') throw new Error(cloned?.kind);
    expect(toPending(cloned.object)).toMatchObject({ stagedBytes: 0, stagedCrc32c: 0 });
  });

  test('a child that still clones for a process that died reaches no staging of the next attempt', () => {
    cloneLarge(context, large());
    const left = openSync(join(fixture.sink, '.~stx-large'), 'r+');
    try {
      cloneLarge(context, large());
      writeSync(left, 'of the old child', 200_000);
      expect(statSync(join(fixture.sink, '.~stx-large')).size).toBe(200_000);
    } finally {
      closeSync(left);
    }
  });

  test('a source that changes while it is cloned is begun anew, with its new size', () => {
    clone = () => {
      appendFileSync(join(fixture.source, 'f'), 'more');
      return true;
    };
    expect(cloneLarge(context, large())).toMatchObject({
      kind: 'changed',
      object: { sizeBytes: 200_004, stagedBytes: 0 },
    });
  });

  test('a source that changed since it was listed is not cloned', () => {
    const object = large();
    appendFileSync(join(fixture.source, 'f'), 'more');
    expect(cloneLarge(context, object)).toMatchObject({ kind: 'changed', object: { sizeBytes: 200_004 } });
    expect(tryCount).toBe(0);
  });

  test('what is asked to drain clones nothing', () => {
    const object = large();
    expect(cloneLarge({ ...context, isDraining: () => true }, object)).toEqual({ kind: 'staged', object });
    expect(readdirSync(fixture.sink)).toEqual([]);
  });

  test('what is refused is copied, and between those file systems nothing is tried or flushed again', () => {
    clone = () => false;
    expect(flushSource(context, large())).toBe(true);
    expect(cloneLarge(context, large())).toBeUndefined();
    expect(flushSource(context, large())).toBe(false);
    expect(cloneLarge(context, large())).toBeUndefined();
    expect(tryCount).toBe(1);
    expect(copySlice(context, large(), false)).toMatchObject({ kind: 'staged' });
    device = 2;
    expect(flushSource(context, large())).toBe(true);
  });

  test('where clones were made, one that is refused is that file’s own', () => {
    cloneLarge(context, large());
    clone = () => false;
    expect(cloneLarge(context, large())).toBeUndefined();
    expect(flushSource(context, large())).toBe(true);
  });

  test('a source that has gone is not flushed', () => {
    expect(flushSource(context, { ...large(), key: 'gone' })).toBe(false);
  });

  test('a file system that refuses says so, and leaves the sink empty (/proc, which has none)', () => {
    const [source, sink] = [openSync('/proc/self/status', 'r'), openSync(join(fixture.sink, 'd'), 'w+')];
    try {
      expect(cloneFile(source, sink)).toBe(false);
      expect(statSync(join(fixture.sink, 'd')).size).toBe(0);
    } finally {
      closeSync(source);
      closeSync(sink);
    }
  });
});

const hasXfs = canMountXfs();

(hasXfs ? describe : describe.skip)('on a real XFS (needs root, mkfs.xfs and loop devices)', () => {
  let disk: XfsDisk;
  afterEach(() => {
    disk.remove();
  });

  const MIB = 2 ** 20;

  /** Transfers one file of 32 MiB and answers how many bytes of the disk that took. */
  async function transfer(limits: Parameters<TransferFixture['environment']>[0]) {
    const fixture = new TransferFixture(disk.directory());
    mkdirSync(join(fixture.source, 'd'), { recursive: true });
    plantFile(fixture.source, 'd/large', { sizeBytes: 32 * MIB });
    chmodSync(join(fixture.source, 'd', 'large'), 0o4755);
    const before = freeBytes();
    const all = { ...limits, reflinkSizeBytesMin: MIB };
    await runTransfer(fixture.request(), new FakeOperation().attempt(1n).context, fixture.environment(all));
    const used = before - freeBytes();
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ equalCount: 1, different: [], leftovers: [] });
    return { used, mode: statSync(join(fixture.sink, 'd', 'large')).mode & 0o7777 };
  }

  function freeBytes(): number {
    const { bfree, bsize } = statfsSync(disk.root);
    return bfree * bsize;
  }

  test.each(['none', 'batch', 'file'] as const)(
    'a copy shares its source’s blocks, and has a mode of its own, durability %s',
    async (durability) => {
      disk = new XfsDisk();
      const { used, mode } = await transfer({ durability });
      expect(used).toBeLessThan(4 * MIB);
      expect(mode & 0o6000).toBe(0);
    },
  );

  test('with reflink never, a copy has blocks of its own', async () => {
    disk = new XfsDisk();
    expect((await transfer({ reflink: 'never' })).used).toBeGreaterThan(28 * MIB);
  });

  test('a disk without reflinks is copied to all the same', async () => {
    disk = new XfsDisk({ hasReflinks: false });
    expect((await transfer({})).used).toBeGreaterThan(28 * MIB);
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interrupted } from '../../src/core/cancellation.ts';
import { Code } from '../../src/core/code.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { TransferLimits } from '../../src/transfers/limits.ts';
import type { Deletes, OverwriteWhen } from '../../src/transfers/spec.ts';
import { FakeOperation, type FakeAttempt } from '../support/fake-operation.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';
import { compareTrees, plantFile, plantTree, randomOf, readTree } from '../support/tree.ts';

let fixture: TransferFixture;
beforeEach(() => {
  fixture = new TransferFixture();
  mkdirSync(fixture.source);
});
afterEach(() => {
  fixture.remove();
});

interface Options extends Partial<TransferLimits> {
  readonly overwriteWhen?: OverwriteWhen;
  readonly symlinks?: boolean;
}

function run(attempt: FakeAttempt, deletes: Deletes, { overwriteWhen, symlinks = false, ...limits }: Options = {}) {
  const request = fixture.request(overwriteWhen, { ...NOTHING_PRESERVED, symlinks }, deletes);
  return runTransfer(request, attempt.context, fixture.environment(limits));
}

async function transfer(deletes: Deletes, options: Options = {}) {
  const operation = new FakeOperation();
  const error: unknown = await run(operation.attempt(1n), deletes, options).catch((reason: unknown) => reason);
  return { error, counters: operation.state.progress?.counters ?? {}, progress: operation.state.progress };
}

const EQUAL = { missing: [], extra: [], different: [], leftovers: [] };

describe('delete_objects_unique_in_sink: "objects that exist only in the sink should be deleted"', () => {
  test('deletes what the source does not have, before, between and behind its keys', async () => {
    plantTree(fixture.source, 1, { fileCount: 60 });
    await transfer('nothing');
    for (const name of ['!', 'a~', 'zz/y/x', 'zz/z']) {
      mkdirSync(join(fixture.sink, name, '..'), { recursive: true });
      plantFile(fixture.sink, name, { sizeBytes: 7 });
    }
    const { counters } = await transfer('unique-in-sink');
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...EQUAL, equalCount: 60 });
    expect(counters).toMatchObject({
      objectsFoundOnlyFromSink: 4,
      bytesFoundOnlyFromSink: 28,
      objectsDeletedFromSink: 4,
      bytesDeletedFromSink: 28,
      objectsFromSourceSkippedBySync: 60,
    });
    expect(counters.objectsFailedToDeleteFromSink).toBeUndefined();
  });

  test('without it deletes nothing, and counts nothing of the sink', async () => {
    mkdirSync(fixture.sink);
    plantFile(fixture.sink, 'only-here', { sizeBytes: 7 });
    const { counters } = await transfer('nothing');
    expect(existsSync(join(fixture.sink, 'only-here'))).toBe(true);
    expect(counters.objectsFoundOnlyFromSink).toBeUndefined();
  });

  test('deletes more than a group and a page hold, and everything where the source is empty', async () => {
    plantTree(fixture.sink, 2, { fileCount: 500 });
    const { counters } = await transfer('unique-in-sink', { groupObjectCountMax: 16, listPageCountMax: 10 });
    expect(counters).toMatchObject({ objectsFoundOnlyFromSink: 500, objectsDeletedFromSink: 500 });
    expect(readTree(fixture.sink).size).toBe(0);
  });

  test('a directory goes with its last object unless the source has it, and one that was empty stays', async () => {
    for (const path of ['both/deep', 'both/also']) mkdirSync(join(fixture.source, path), { recursive: true });
    for (const path of ['both/deep', 'both/other', 'gone/a', 'was-empty', 'mixed'])
      mkdirSync(join(fixture.sink, path), { recursive: true });
    for (const path of ['both/deep/x', 'both/other/x', 'gone/a/x', 'mixed/x']) {
      plantFile(fixture.sink, path, { sizeBytes: 1 });
    }
    symlinkSync('nowhere', join(fixture.sink, 'mixed/link'));
    await transfer('unique-in-sink');
    const exists = (path: string): boolean => existsSync(join(fixture.sink, path));
    expect(['both/deep', 'was-empty', 'mixed'].filter(exists)).toEqual(['both/deep', 'was-empty', 'mixed']);
    expect(['both/other', 'gone'].filter(exists)).toEqual([]);
  });

  test('what is in the way of a directory goes first, in the same run', async () => {
    mkdirSync(join(fixture.source, 'd'));
    mkdirSync(fixture.sink);
    plantFile(fixture.source, 'd/x', { sizeBytes: 5 });
    plantFile(fixture.sink, 'd', { sizeBytes: 3 });
    const { error } = await transfer('unique-in-sink');
    expect(error).toBe('done');
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...EQUAL, equalCount: 1 });
  });

  test('what is in the way of a file is deleted, so that the next run repairs at the latest', async () => {
    mkdirSync(join(fixture.sink, 'f'), { recursive: true });
    plantFile(fixture.source, 'f', { sizeBytes: 5 });
    plantFile(fixture.sink, 'f/x', { sizeBytes: 3 });
    await transfer('unique-in-sink');
    expect((await transfer('unique-in-sink')).error).toBe('done');
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...EQUAL, equalCount: 1 });
  });

  test('what the source names without transferring it stays', async () => {
    mkdirSync(fixture.sink);
    symlinkSync('nowhere', join(fixture.source, 'link'));
    execFileSync('mkfifo', [join(fixture.source, 'fifo')]);
    for (const name of ['link', 'fifo', 'gone']) plantFile(fixture.sink, name, { sizeBytes: 3 });
    const { counters } = await transfer('unique-in-sink');
    expect(counters.objectsDeletedFromSink).toBe(1);
    expect(['link', 'fifo'].filter((name) => existsSync(join(fixture.sink, name)))).toEqual(['link', 'fifo']);
  });

  test('links are objects where they are preserved, and are left alone where they are not', async () => {
    mkdirSync(fixture.sink);
    symlinkSync('nowhere', join(fixture.sink, 'link'));
    expect((await transfer('unique-in-sink')).counters.objectsFoundOnlyFromSink).toBeUndefined();
    expect((await transfer('unique-in-sink', { symlinks: true })).counters.objectsDeletedFromSink).toBe(1);
    expect(readTree(fixture.sink).size).toBe(0);
  });

  test('an object that cannot be deleted is counted and told, and the others go', async () => {
    mkdirSync(join(fixture.sink, 'locked'), { recursive: true });
    plantFile(fixture.sink, 'a', { sizeBytes: 3 });
    plantFile(fixture.sink, 'locked/x', { sizeBytes: 4 });
    const release = lock(join(fixture.sink, 'locked'));
    if (release === undefined) return;
    const { error, counters, progress } = await transfer('unique-in-sink');
    release();
    expect(error).toMatchObject({ code: Code.PERMISSION_DENIED, info: { reason: 'TRANSFER_OBJECTS_FAILED' } });
    expect(counters).toMatchObject({
      objectsFoundOnlyFromSink: 2,
      objectsDeletedFromSink: 1,
      objectsFailedToDeleteFromSink: 1,
      bytesFailedToDeleteFromSink: 4,
    });
    expect(progress?.errorBreakdowns[0]?.samples[0]?.url).toBe(`file://${fixture.sink}/locked/x`);
  });

  test('a source that has vanished deletes nothing', async () => {
    plantTree(fixture.sink, 3, { fileCount: 5 });
    rmSync(fixture.source, { recursive: true });
    expect((await transfer('unique-in-sink')).error).toMatchObject({ code: Code.NOT_FOUND });
    expect(readTree(fixture.sink).size).toBe(5);
  });
});

/** Makes a directory that even root cannot change, where the file system can; undefined where it cannot. */
function lock(directory: string): (() => void) | undefined {
  if (process.getuid?.() !== 0) {
    chmodSync(directory, 0o555);
    return () => chmodSync(directory, 0o755);
  }
  try {
    execFileSync('chattr', ['+i', directory], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return () => void execFileSync('chattr', ['-i', directory]);
}

describe('delete_objects_from_source_after_transfer', () => {
  test('removes what was copied, large objects too, and keeps directories', async () => {
    plantTree(fixture.source, 4, { fileCount: 80, sizeBytesMax: 40_000 });
    plantFile(fixture.source, 'large', { sizeBytes: 300_000 });
    const before = readTree(fixture.source);
    const { error, counters } = await transfer('from-source');
    expect(error).toBe('done');
    expect(readTree(fixture.source).size).toBe(0);
    expect(digests(readTree(fixture.sink))).toEqual(digests(before));
    expect(counters).toMatchObject({ objectsCopiedToSink: 81, objectsDeletedFromSource: 81 });
    expect(counters.bytesDeletedFromSource).toBe(counters.bytesCopiedToSink);
  });

  test('removes what the sink has already, and nothing that is merely not to be overwritten', async () => {
    mkdirSync(fixture.sink);
    plantFile(fixture.source, 'same', { sizeBytes: 10 });
    plantFile(fixture.sink, 'same', { sizeBytes: 10 });
    plantFile(fixture.source, 'other', { sizeBytes: 10, seed: 1 });
    plantFile(fixture.sink, 'other', { sizeBytes: 11, seed: 2 });
    const never = await transfer('from-source', { overwriteWhen: 'NEVER' });
    expect(never.counters.objectsDeletedFromSource).toBeUndefined();
    expect(readTree(fixture.source).size).toBe(2);
    const { counters } = await transfer('from-source');
    expect(counters).toMatchObject({
      objectsFromSourceSkippedBySync: 1,
      objectsCopiedToSink: 1,
      objectsDeletedFromSource: 2,
    });
    expect(readTree(fixture.source).size).toBe(0);
  });

  test('an object whose copy failed stays', async () => {
    mkdirSync(join(fixture.sink, 'taken'), { recursive: true });
    plantFile(fixture.source, 'taken', { sizeBytes: 5 });
    plantFile(fixture.source, 'free', { sizeBytes: 5 });
    const { counters } = await transfer('from-source');
    expect(counters).toMatchObject({ objectsFromSourceFailed: 1, objectsDeletedFromSource: 1 });
    expect([...readTree(fixture.source).keys()]).toEqual(['taken']);
  });

  test('an object that cannot be removed counts as copied and as failed', async () => {
    mkdirSync(join(fixture.source, 'locked'));
    plantFile(fixture.source, 'locked/x', { sizeBytes: 4 });
    const release = lock(join(fixture.source, 'locked'));
    if (release === undefined) return;
    const { error, counters } = await transfer('from-source');
    release();
    expect(error).toMatchObject({ code: Code.PERMISSION_DENIED });
    expect(counters).toMatchObject({ objectsCopiedToSink: 1, objectsFromSourceFailed: 1, bytesFromSourceFailed: 4 });
    expect(counters.objectsDeletedFromSource).toBeUndefined();
  });

  test('one that changed after its copy stays', async () => {
    plantFile(fixture.source, 'x', { sizeBytes: 4 });
    const operation = new FakeOperation();
    const attempt = operation.attempt(1n);
    const environment = fixture.environment({});
    const request = fixture.request('DIFFERENT', NOTHING_PRESERVED, 'from-source');
    const error: unknown = await runTransfer(request, attempt.context, {
      ...environment,
      open: async (spec, options) => {
        const ends = await environment.open(spec, options);
        const publish = ends.copier.publish.bind(ends.copier);
        ends.copier.publish = async (group) => {
          await publish(group);
          writeFileSync(join(fixture.source, 'x'), 'new!');
          utimesSync(join(fixture.source, 'x'), 1.7e9, 1.7e9);
        };
        return ends;
      },
    }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: Code.FAILED_PRECONDITION });
    expect(existsSync(join(fixture.source, 'x'))).toBe(true);
    expect(operation.state.progress?.counters).toMatchObject({ objectsCopiedToSink: 1, objectsFromSourceFailed: 1 });
  });
});

function digests(tree: ReturnType<typeof readTree>): Readonly<Record<string, string>> {
  return Object.fromEntries([...tree].map(([path, { digest }]) => [path, digest]));
}

describe.each(['lease-lost', 'user'] as const)('stopped at random instants (%s)', (kind) => {
  const limits = { objectsPerSecondMax: 5000, groupObjectCountMax: 32 };

  test.each([1, 3])('unique-in-sink: every delete counts once (%d)', async (seed) => {
    plantTree(fixture.source, seed, { fileCount: 100 });
    await transfer('nothing');
    const kept = readTree(fixture.sink).size;
    plantTree(fixture.sink, seed + 100, { fileCount: 200, directoryFileCount: 7 });
    const extra = readTree(fixture.sink).size - kept;
    const { copied, deleted } = await inLives('unique-in-sink', seed, 'objectsDeletedFromSink');
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...EQUAL, equalCount: kept });
    // Some names of the two trees are the same: those were replaced, and are not deleted.
    expect(deleted).toBe(extra);
    expect(copied).toBeLessThanOrEqual(kept);
  });

  test.each([1, 3])('from-source: every removal counts once, and nothing is lost (%d)', async (seed) => {
    plantTree(fixture.source, seed, { fileCount: 150, sizeBytesMax: 20_000 });
    plantFile(fixture.source, 'large', { sizeBytes: 500_000 });
    const before = readTree(fixture.source);
    const { deleted } = await inLives('from-source', seed, 'objectsDeletedFromSource');
    expect(digests(readTree(fixture.sink))).toEqual(digests(before));
    expect(readTree(fixture.source).size).toBe(0);
    expect(deleted).toBe(before.size);
  });

  /** Lost leases leave one operation with many attempts, cancels many operations: their counts add up all the same. */
  async function inLives(deletes: Deletes, seed: number, name: 'objectsDeletedFromSink' | 'objectsDeletedFromSource') {
    const random = randomOf(seed);
    const total = { copied: 0, deleted: 0 };
    let operation = new FakeOperation();
    for (let fence = 1n; ; fence += 1n) {
      const attempt = operation.attempt(fence);
      const outcome = await runFor(Math.floor(random() * 6) + Number(fence), attempt, deletes, random);
      const { counters = {} } = operation.state.progress ?? {};
      if (kind === 'user' || outcome === 'done') {
        expect(operation.state.entries.size).toBe(0);
        expect(counters.objectsFoundOnlyFromSink ?? 0).toBe(counters.objectsDeletedFromSink ?? 0);
        total.copied += counters.objectsCopiedToSink ?? 0;
        total.deleted += counters[name] ?? 0;
        operation = new FakeOperation();
      }
      if (outcome === 'done') return total;
      expect(outcome).toMatchObject({ kind });
    }
  }

  /** Interrupts a little behind the `count`th step: a journal entry, a commit, the beginning of a removal. */
  async function runFor(count: number, attempt: FakeAttempt, deletes: Deletes, random: () => number): Promise<unknown> {
    let left = count;
    const step = (): void => {
      left -= 1;
      if (left === 0) setTimeout(() => attempt.interrupt(new Interrupted(kind, 10_000)), random() * 4);
    };
    const { journal } = attempt.context;
    const context = {
      ...attempt.context,
      journal: {
        ...journal,
        begin: async (...entry: Parameters<typeof journal.begin>) => {
          step();
          await journal.begin(...entry);
        },
        commit: async (...entry: Parameters<typeof journal.commit>) => {
          step();
          await journal.commit(...entry);
        },
      },
    };
    const environment = fixture.environment(limits);
    return runTransfer(fixture.request('DIFFERENT', NOTHING_PRESERVED, deletes), context, {
      ...environment,
      open: async (spec, options) => {
        const ends = await environment.open(spec, options);
        const remove = ends.copier.remove.bind(ends.copier);
        ends.copier.remove = (...removal) => {
          step();
          return remove(...removal);
        };
        return ends;
      },
    }).catch((reason: unknown) => reason);
  }
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lstatSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Code } from '../../src/core/code.ts';
import { Interrupted } from '../../src/core/cancellation.ts';
import { WORD } from '../../src/operations/task.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { TransferLimits } from '../../src/transfers/limits.ts';
import { COUNTER_NAMES, type TransferProgress } from '../../src/transfers/progress.ts';
import type { OverwriteWhen } from '../../src/transfers/spec.ts';
import { FakeOperation, type FakeAttempt } from '../support/fake-operation.ts';
import { steppedTransfer } from '../support/stepped-transfer.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';
import { compareTrees, listLeftovers, plantFile, plantTree, randomOf } from '../support/tree.ts';

const PROCESS = fileURLToPath(new URL('../support/transfer-process.ts', import.meta.url));

let fixture: TransferFixture;
beforeEach(() => {
  fixture = new TransferFixture();
});
afterEach(() => {
  fixture.remove();
});

function run(attempt: FakeAttempt, limits: Partial<TransferLimits> = {}, overwriteWhen: OverwriteWhen = 'DIFFERENT') {
  return runTransfer(fixture.request(overwriteWhen), attempt.context, fixture.environment(limits));
}

/** Runs an attempt, and does something at its `stepCount`th step. */
function runToStep(attempt: FakeAttempt, limits: Partial<TransferLimits>, stepCount: number, act: () => void) {
  const parts = { context: attempt.context, environment: fixture.environment(limits) };
  const { context, environment } = steppedTransfer(parts, (count) => {
    if (count === stepCount) act();
  });
  return runTransfer(fixture.request(), context, environment);
}

/** A whole operation: answers its counters. */
async function transfer(limits: Partial<TransferLimits> = {}, overwriteWhen: OverwriteWhen = 'DIFFERENT') {
  const operation = new FakeOperation();
  await run(operation.attempt(1n), limits, overwriteWhen);
  return operation.state.progress?.counters ?? {};
}

/** progress.ts: each object counts at most once, found covers copied and failed, and nothing goes down. */
function expectInvariants(seen: readonly TransferProgress[]): void {
  let before: TransferProgress['counters'] = {};
  for (const { counters } of seen) {
    const { objectsFoundFromSource = 0, objectsCopiedToSink = 0, objectsFromSourceFailed = 0 } = counters;
    expect(objectsFoundFromSource).toBeGreaterThanOrEqual(objectsCopiedToSink + objectsFromSourceFailed);
    for (const name of COUNTER_NAMES) expect(counters[name] ?? 0).toBeGreaterThanOrEqual(before[name] ?? 0);
    before = counters;
  }
}

/** Looks every few milliseconds; the test's own time limit is the limit. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5);
}

const COPIED = { missing: [], extra: [], different: [], leftovers: [] };

describe('a copy', () => {
  test.each(['none', 'batch', 'file'] as const)('is equal to its source, durability %s', async (durability) => {
    const files = plantTree(fixture.source, 1, { fileCount: 300, sizeBytesMax: 300_000 });
    const counters = await transfer({ durability });
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...COPIED, equalCount: 300 });
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    expect(counters).toMatchObject({
      objectsFoundFromSource: 300,
      objectsCopiedToSink: 300,
      bytesFoundFromSource: sizeBytes,
      bytesCopiedToSink: sizeBytes,
    });
  });

  test('of an equal tree copies nothing and counts everything as skipped', async () => {
    plantTree(fixture.source, 2, { fileCount: 200, sizeBytesMax: 200_000 });
    await transfer();
    const counters = await transfer();
    expect(counters.objectsFromSourceSkippedBySync).toBe(200);
    expect(counters.objectsFoundFromSource).toBeUndefined();
    expect(counters.objectsCopiedToSink).toBeUndefined();
  });

  test('of an empty tree finds its root and makes the sink', async () => {
    mkdirSync(fixture.source);
    expect(await transfer()).toEqual({ directoriesFoundFromSource: 1, directoriesSuccessfullyListedFromSource: 1 });
    expect(lstatSync(fixture.sink).isDirectory()).toBe(true);
  });

  test('keeps modification times before 1970', async () => {
    mkdirSync(fixture.source);
    plantFile(fixture.source, 'old', { sizeBytes: 10 });
    execFileSync('touch', ['-d', '1955-11-05 06:15:00.5 UTC', join(fixture.source, 'old')]);
    await transfer();
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...COPIED, equalCount: 1 });
  });

  test('replaces what differs and leaves what only the sink has', async () => {
    plantTree(fixture.source, 3, { fileCount: 20 });
    await transfer();
    plantFile(fixture.source, 'file-x', { sizeBytes: 100, seed: 5 });
    plantFile(fixture.sink, 'file-x', { sizeBytes: 101, seed: 6 });
    plantFile(fixture.sink, 'only-here', { sizeBytes: 10 });
    const counters = await transfer();
    expect(counters).toMatchObject({ objectsCopiedToSink: 1, objectsFromSourceSkippedBySync: 20 });
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...COPIED, extra: ['only-here'] });
  });

  test('skips symbolic links and special files without opening them', async () => {
    mkdirSync(fixture.source);
    plantFile(fixture.source, 'a', { sizeBytes: 10 });
    symlinkSync('a', join(fixture.source, 'link'));
    symlinkSync('/', join(fixture.source, 'up'));
    execFileSync('mkfifo', [join(fixture.source, 'fifo')]);
    expect(await transfer()).toMatchObject({ objectsFoundFromSource: 1, objectsCopiedToSink: 1 });
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...COPIED, equalCount: 1 });
    expect(fixture.events).toContainEqual({ kind: 'special-files-skipped', count: 3 });
  });

  test('never reads or writes staging of others', async () => {
    mkdirSync(fixture.source);
    plantFile(fixture.source, '.~stx-other-1-0', { sizeBytes: 10 });
    expect(await transfer()).toEqual({ directoriesFoundFromSource: 1, directoriesSuccessfullyListedFromSource: 1 });
  });
});

describe('overwriteWhen', () => {
  beforeEach(() => {
    mkdirSync(fixture.source);
    mkdirSync(fixture.sink);
    plantFile(fixture.source, 'same', { sizeBytes: 10 });
    plantFile(fixture.sink, 'same', { sizeBytes: 10 });
    plantFile(fixture.source, 'newer', { sizeBytes: 10, seed: 1, modifyTimeMs: 1.7e12 });
    plantFile(fixture.sink, 'newer', { sizeBytes: 10, seed: 2, modifyTimeMs: 1.6e12 });
    plantFile(fixture.source, 'absent', { sizeBytes: 10 });
    symlinkSync('nowhere', join(fixture.sink, 'link'));
    plantFile(fixture.source, 'link', { sizeBytes: 10 });
  });

  test.each([
    ['DIFFERENT', 3, 1],
    ['ALWAYS', 4, undefined],
    ['NEVER', 1, 3],
  ] as const)('%s copies %d and skips %s', async (overwriteWhen, copied, skipped) => {
    const counters = await transfer({}, overwriteWhen);
    expect(counters.objectsCopiedToSink).toBe(copied);
    expect(counters.objectsFromSourceSkippedBySync).toBe(skipped);
  });
});

describe('an object that cannot be copied', () => {
  async function failure(limits: Partial<TransferLimits> = {}) {
    const operation = new FakeOperation();
    const error: unknown = await run(operation.attempt(1n), limits).catch((reason: unknown) => reason);
    return { error, progress: operation.state.progress };
  }

  test('because a directory is in its place fails alone, by name', async () => {
    plantTree(fixture.source, 4, { fileCount: 30, hasOddNames: false });
    plantFile(fixture.source, 'taken', { sizeBytes: 5 });
    plantFile(fixture.source, 'taken-large', { sizeBytes: 200_000 });
    mkdirSync(join(fixture.sink, 'taken'), { recursive: true });
    mkdirSync(join(fixture.sink, 'taken-large'));
    const { error, progress } = await failure();
    expect(error).toMatchObject({ code: Code.FAILED_PRECONDITION, info: { reason: 'TRANSFER_OBJECTS_FAILED' } });
    expect(error).toMatchObject({ isFinal: true });
    expect(progress?.counters).toMatchObject({
      objectsCopiedToSink: 30,
      objectsFoundFromSource: 32,
      objectsFromSourceFailed: 2,
    });
    expect(progress?.errorBreakdowns).toMatchObject([{ code: Code.FAILED_PRECONDITION, count: 2 }]);
    expect(progress?.errorBreakdowns[0]?.samples.map(({ url }) => url)).toContain(`file://${fixture.source}/taken`);
    expect(compareTrees(fixture.source, fixture.sink).leftovers).toEqual([]);
  });

  test('because a file or a link is in the place of its directory fails alone', async () => {
    mkdirSync(join(fixture.source, 'd'), { recursive: true });
    mkdirSync(join(fixture.source, 'e'));
    mkdirSync(fixture.sink);
    mkdirSync(join(fixture.directory, 'elsewhere'));
    plantFile(fixture.source, 'd/x', { sizeBytes: 5 });
    plantFile(fixture.source, 'e/x', { sizeBytes: 5 });
    plantFile(fixture.source, 'f', { sizeBytes: 5 });
    plantFile(fixture.sink, 'd', { sizeBytes: 5 });
    symlinkSync(join(fixture.directory, 'elsewhere'), join(fixture.sink, 'e'));
    const { error, progress } = await failure();
    expect(error).toMatchObject({ code: Code.FAILED_PRECONDITION });
    expect(progress?.counters).toMatchObject({ objectsCopiedToSink: 1, objectsFromSourceFailed: 2 });
    expect(listLeftovers(fixture.directory)).toEqual([]);
  });

  test('keeps at most five samples and an exact count', async () => {
    mkdirSync(fixture.source);
    for (let index = 0; index < 20; index += 1) {
      plantFile(fixture.source, `f${index}`, { sizeBytes: 5 });
      mkdirSync(join(fixture.sink, `f${index}`), { recursive: true });
    }
    const { progress } = await failure();
    expect(progress?.errorBreakdowns).toMatchObject([{ count: 20 }]);
    expect(progress?.errorBreakdowns[0]?.samples).toHaveLength(5);
  });

  test('like all before it ends the transfer early', async () => {
    mkdirSync(fixture.source);
    for (let index = 0; index < 100; index += 1) {
      plantFile(fixture.source, `f${index}`, { sizeBytes: 5 });
      mkdirSync(join(fixture.sink, `f${index}`), { recursive: true });
    }
    const { error } = await failure({ failureBreakerCount: 20 });
    expect(error).toMatchObject({ info: { reason: 'TRANSFER_ALL_OBJECTS_FAILED' } });
  });
});

describe('a cancel', () => {
  const limits = { bytesPerSecondMax: 4_000_000, sliceSizeBytes: 65_536 };

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'at a random instant leaves whole files and exact counters (%d)',
    async (seed) => {
      const files = plantTree(fixture.source, seed, { fileCount: 150, sizeBytesMax: 150_000 });
      const operation = new FakeOperation();
      const attempt = operation.attempt(1n);
      const random = randomOf(seed);
      const durability = seed % 2 === 0 ? 'batch' : 'none';
      // Of more than a hundred steps; a little behind it, the step is under way.
      const running = runToStep(attempt, { ...limits, durability }, 1 + Math.floor(random() * 80), () =>
        setTimeout(() => attempt.interrupt(), random() * 20),
      );
      const reason = new Interrupted('user', 10_000);
      await expect(running.catch((error: unknown) => error)).resolves.toMatchObject({
        name: 'Interrupted',
        kind: reason.kind,
      });
      const after = compareTrees(fixture.source, fixture.sink);
      expect(after).toMatchObject({ extra: [], different: [], leftovers: [] });
      expect(operation.state.entries.size).toBe(0);
      expect(operation.state.progress?.counters.objectsCopiedToSink ?? 0).toBe(after.equalCount);
      expectInvariants(operation.seen);
      const rest = await transfer();
      expect(rest.objectsCopiedToSink).toBe(files.length - after.equalCount);
      expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...COPIED, equalCount: files.length });
    },
  );

  test('of an attempt that has hardly begun counts what the one before it had published, and removes its staging', async () => {
    plantTree(fixture.source, 11, { fileCount: 150, sizeBytesMax: 100_000 });
    plantFile(fixture.source, 'a-large', { sizeBytes: 1_000_000 });
    const operation = new FakeOperation();
    const lost = operation.attempt(1n);
    const running = run(lost, { bytesPerSecondMax: 2_000_000 });
    await until(() => (operation.state.progress?.counters.objectsCopiedToSink ?? 0) > 20);
    lost.interrupt(new Interrupted('lease-lost', 0));
    await expect(running).rejects.toMatchObject({ kind: 'lease-lost' });
    const next = operation.attempt(2n);
    const cancelled = run(next, { bytesPerSecondMax: 2_000_000 });
    Atomics.store(next.word, 0, WORD.STOP);
    setTimeout(() => next.interrupt(), 1);
    await expect(cancelled).rejects.toMatchObject({ kind: 'user' });
    const after = compareTrees(fixture.source, fixture.sink);
    expect(after).toMatchObject({ extra: [], different: [], leftovers: [] });
    expect(after.equalCount).toBeGreaterThan(0);
    expect(operation.state.progress?.counters.objectsCopiedToSink).toBe(after.equalCount);
    expectInvariants(operation.seen);
  });

  test('of a resumed transfer removes the staging that the pause had kept', async () => {
    mkdirSync(fixture.source);
    plantFile(fixture.source, 'a-large', { sizeBytes: 2_000_000 });
    const operation = new FakeOperation();
    const paused = operation.attempt(1n);
    const running = run(paused, { bytesPerSecondMax: 1_000_000 });
    await until(() => listLeftovers(fixture.directory).length > 0);
    paused.suspend();
    expect(await running).toBe('suspended');
    expect(listLeftovers(fixture.sink)).toHaveLength(1);
    const next = operation.attempt(2n);
    const cancelled = run(next, { bytesPerSecondMax: 1_000_000 });
    // The word alone: what was pending is queued again, and never begins.
    Atomics.store(next.word, 0, WORD.STOP);
    setTimeout(() => next.interrupt(), 1);
    await expect(cancelled).rejects.toMatchObject({ kind: 'user' });
    expect(listLeftovers(fixture.sink)).toEqual([]);
    expect(operation.state.entries.size).toBe(0);
  });

  test('before the start touches nothing', async () => {
    plantTree(fixture.source, 9, { fileCount: 3 });
    const attempt = new FakeOperation().attempt(1n);
    attempt.interrupt();
    await expect(run(attempt)).rejects.toMatchObject({ kind: 'user' });
    expect(() => lstatSync(fixture.sink)).toThrow('ENOENT');
  });

  test('for a lost lease commits nothing, and the next attempt finds what was published', async () => {
    plantTree(fixture.source, 10, { fileCount: 150, sizeBytesMax: 100_000 });
    const operation = new FakeOperation();
    const attempt = operation.attempt(1n);
    const running = run(attempt, limits);
    await until(() => (operation.state.progress?.counters.objectsCopiedToSink ?? 0) > 20);
    attempt.interrupt(new Interrupted('lease-lost', 0));
    await expect(running).rejects.toMatchObject({ kind: 'lease-lost' });
    expect(await run(operation.attempt(2n))).toBe('done');
    expect(operation.state.progress?.counters).toMatchObject({ objectsCopiedToSink: 150, objectsFoundFromSource: 150 });
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...COPIED, equalCount: 150 });
  });
});

test.each([1, 2, 3])('counters never go down from one attempt to the next (%d)', async (seed) => {
  const files = plantTree(fixture.source, seed, { fileCount: 150, sizeBytesMax: 100_000, hasOddNames: false });
  plantFile(fixture.source, 'a-large', { sizeBytes: 3_000_000 });
  const operation = new FakeOperation();
  const lost = operation.attempt(1n);
  const running = run(lost, { bytesPerSecondMax: 2_000_000, sliceSizeBytes: 65_536 });
  await until(() => (operation.state.progress?.counters.objectsCopiedToSink ?? 0) > 20);
  // Some objects of the group that is under way are published, and none of them is counted.
  const namedCount = (): number =>
    readdirSync(fixture.sink, { recursive: true }).filter((name) => !String(name).includes('.~stx-')).length;
  const namedCountBefore = namedCount();
  await until(() => namedCount() > namedCountBefore + 2);
  lost.interrupt(new Interrupted('lease-lost', 0));
  await expect(running).rejects.toMatchObject({ kind: 'lease-lost' });
  expect(await run(operation.attempt(2n), { sliceSizeBytes: 65_536 })).toBe('done');
  expectInvariants(operation.seen);
  expect(operation.state.progress?.counters.objectsCopiedToSink).toBe(files.length + 1);
});

test('where the system has no sync -f, files and directories are synced one by one', async () => {
  plantTree(fixture.source, 12, { fileCount: 60, sizeBytesMax: 100_000 });
  // In a process of its own: commands are looked up in the environment of the process, which is not the one that jest shows.
  const statePath = join(fixture.directory, 'state');
  const args = [PROCESS, fixture.directory, statePath, '1', JSON.stringify({ durability: 'batch' })];
  execFileSync(process.execPath, args, { env: { PATH: fixture.directory }, stdio: ['ignore', 'ignore', 'inherit'] });
  expect(new FakeOperation(statePath).state.progress?.counters).toMatchObject({ objectsCopiedToSink: 60 });
  expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...COPIED, equalCount: 60 });
});

describe('a pause', () => {
  test.each([1, 2, 3, 4])('keeps what is staged, and the next attempt goes on (%d)', async (seed) => {
    plantTree(fixture.source, seed, { fileCount: 60, sizeBytesMax: 40_000 });
    plantFile(fixture.source, 'large', { sizeBytes: 3_000_000 });
    const operation = new FakeOperation();
    const random = randomOf(seed);
    let fence = 1n;
    for (; ; fence += 1n) {
      const attempt = operation.attempt(fence);
      const stepCount = 1 + Math.floor(random() * 12);
      const outcome = await runToStep(attempt, { bytesPerSecondMax: 3_000_000 }, stepCount, () =>
        setTimeout(() => attempt.suspend(), random() * 20),
      );
      if (outcome === 'done') break;
      expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ extra: [], different: [] });
    }
    expect(fence).toBeGreaterThan(2n);
    expectInvariants(operation.seen);
    expect(operation.state.entries.size).toBe(0);
    expect(operation.state.progress?.counters).toMatchObject({ objectsCopiedToSink: 61, objectsFoundFromSource: 61 });
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ ...COPIED, equalCount: 61 });
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Code } from '../../src/core/code.ts';
import type { Copier } from '../../src/transfers/copier.ts';
import { cleanStaging } from '../../src/stores/posix/clean-staging.ts';
import { Interrupted } from '../../src/core/cancellation.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { TransferLimits } from '../../src/transfers/limits.ts';
import type { TransferEnvironment } from '../../src/transfers/transfer-environment.ts';
import { present } from '../../src/transfers/present.ts';
import { canMount } from '../support/can-mount.ts';
import { FakeOperation } from '../support/fake-operation.ts';
import { withCopier } from '../support/stepped-transfer.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';
import { compareTrees, listLeftovers, plantFile, plantTree } from '../support/tree.ts';

const PROCESS = fileURLToPath(new URL('../support/transfer-process.ts', import.meta.url));
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let fixture: TransferFixture;
beforeEach(() => {
  fixture = new TransferFixture();
});
afterEach(() => {
  fixture.remove();
});

async function attempt(operation: FakeOperation, limits: Partial<TransferLimits> = {}, fence = 1n): Promise<unknown> {
  return attemptIn(operation, fixture.environment(limits), fence);
}

async function attemptIn(operation: FakeOperation, environment: TransferEnvironment, fence = 1n): Promise<unknown> {
  const { context } = operation.attempt(fence);
  return runTransfer(fixture.request(), context, environment).catch((error: unknown) => error);
}

const copiedCount = ({ state }: FakeOperation): number => state.progress?.counters.objectsCopiedToSink ?? 0;

/** Looks every few milliseconds, until what is waited for is over; the test's own time limit is the limit. */
async function until(isSo: () => boolean, running?: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const end = (): void => {
    over.abort();
  };
  running?.then(end, end);
  while (!over.signal.aborted && !isSo()) await sleep(5);
}

/** Runs an attempt in a process of another user, to whom permissions mean something. Answers its last line. */
async function attemptAs(uid: number, statePath: string): Promise<string> {
  const args = [PROCESS, fixture.directory, statePath, '1', '{}', String(uid)];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  return text.trim().split('\n').at(-1) ?? '';
}

describe('what others do meanwhile', () => {
  test('a directory that is swapped for a link while it is copied leads nowhere else', async () => {
    const outside = join(fixture.directory, 'outside');
    for (const directory of ['a', 'b', 'c']) mkdirSync(join(fixture.source, directory), { recursive: true });
    mkdirSync(outside);
    writeFileSync(join(outside, 'secret'), 'outside');
    for (let index = 0; index < 90; index += 1)
      plantFile(fixture.source, `${'abc'[index % 3] ?? ''}/f${index}`, { sizeBytes: 3000 });
    mkdirSync(join(fixture.sink, 'b'), { recursive: true });
    const operation = new FakeOperation();
    const running = attempt(operation, { bytesPerSecondMax: 200_000 });
    await until(() => copiedCount(operation) > 5);
    renameSync(join(fixture.sink, 'b'), join(fixture.directory, 'moved-sink'));
    symlinkSync(outside, join(fixture.sink, 'b'));
    renameSync(join(fixture.source, 'c'), join(fixture.directory, 'moved-source'));
    symlinkSync(outside, join(fixture.source, 'c'));
    await running;
    expect(readdirSync(outside)).toEqual(['secret']);
    expect(compareTrees(fixture.source, fixture.sink).leftovers).toEqual([]);
    const { counters } = present(operation.state.progress);
    const failed = counters.objectsFromSourceFailed ?? 0;
    expect(failed).toBeGreaterThan(0);
    expect((counters.objectsCopiedToSink ?? 0) + failed).toBe(counters.objectsFoundFromSource);
  });

  test.each(['none', 'batch'] as const)(
    'a directory that is moved away while a large object is copied into it gets nothing more, durability %s',
    async (durability) => {
      mkdirSync(join(fixture.source, 'd'), { recursive: true });
      plantFile(fixture.source, 'd/large', { sizeBytes: 900_000 });
      const operation = new FakeOperation();
      const running = attempt(operation, { bytesPerSecondMax: 1_500_000, durability });
      await until(() => (operation.state.checkpoint?.pending[0]?.stagedBytes ?? 0) > 300_000);
      const moved = join(fixture.directory, 'moved');
      renameSync(join(fixture.sink, 'd'), moved);
      expect(await running).toBe('done');
      expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ equalCount: 1, leftovers: [] });
      expect(readdirSync(moved)).toEqual([expect.stringContaining('.~stx-')]);
    },
  );

  test('a source that grows while it is copied is never published torn', async () => {
    mkdirSync(fixture.source);
    plantFile(fixture.source, 'log', { sizeBytes: 50_000 });
    plantFile(fixture.source, 'z-large-log', { sizeBytes: 80_000 });
    const operation = new FakeOperation();
    /** Once some of it is staged, and long before all of it is. */
    const grow = async (name: string, staging: string, staged: Promise<unknown>): Promise<void> => {
      const path = join(fixture.sink, staging);
      await until(() => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0, staged);
      appendFileSync(join(fixture.source, name), 'one more line\n');
    };
    const growing = (copier: Copier): Partial<Copier> => ({
      stage: async (group) => {
        const staged = copier.stage(group);
        await grow('log', `${group.stagingPrefix}0`, staged);
        await staged;
      },
      stageSlice: async (object) => {
        const staged = copier.stageSlice(object);
        await grow('z-large-log', object.stagingName, staged);
        return staged;
      },
    });
    const error = await attemptIn(operation, withCopier(fixture.environment({ bytesPerSecondMax: 25_000 }), growing));
    expect(error).toMatchObject({ code: Code.FAILED_PRECONDITION });
    expect(operation.state.progress?.errorBreakdowns).toMatchObject([{ code: Code.FAILED_PRECONDITION, count: 2 }]);
    expect(readdirSync(fixture.sink)).toEqual([]);
  });

  test('a source that changed once is copied as it is then', async () => {
    mkdirSync(fixture.source);
    for (let index = 0; index < 20; index += 1) plantFile(fixture.source, `f${index}`, { sizeBytes: 5000 });
    plantFile(fixture.source, 'z-large', { sizeBytes: 150_000 });
    const operation = new FakeOperation();
    const changes = new Map([
      ['f7', { sizeBytes: 6000, seed: 9, modifyTimeMs: 1.7e12 }],
      ['z-large', { sizeBytes: 160_000, seed: 9, modifyTimeMs: 1.7e12 }],
    ]);
    const change = (name: string): void => {
      const now = changes.get(name);
      if (now !== undefined) plantFile(fixture.source, name, now);
      changes.delete(name);
    };
    const changing = (copier: Copier): Partial<Copier> => ({
      stage: (group) => {
        for (const { key } of group.objects) change(key);
        return copier.stage(group);
      },
      // Of two slices.
      stageSlice: async (object) => {
        const outcome = await copier.stageSlice(object);
        change(object.key);
        return outcome;
      },
    });
    expect(await attemptIn(operation, withCopier(fixture.environment(), changing))).toBe('done');
    expect(changes.size).toBe(0);
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({
      equalCount: 21,
      missing: [],
      different: [],
      leftovers: [],
    });
    const { counters } = present(operation.state.progress);
    expect(counters).toMatchObject({ objectsFoundFromSource: 21, objectsCopiedToSink: 21 });
    expect(counters.bytesFoundFromSource).toBe(counters.bytesCopiedToSink);
  });
});

describe('a root that is removed meanwhile ends the transfer', () => {
  test.each([
    ['source', ['a-large']],
    ['source', []],
    ['sink', ['a-large']],
    ['sink', []],
  ] as const)('the %s, large objects %j', async (side, large) => {
    mkdirSync(join(fixture.source, 'd'), { recursive: true });
    for (const name of large) plantFile(fixture.source, name, { sizeBytes: 400_000 });
    for (let index = 0; index < 300; index += 1) plantFile(fixture.source, `d/f${index}`, { sizeBytes: 5000 });
    const operation = new FakeOperation();
    const running = attempt(operation, { bytesPerSecondMax: 500_000, listPageCountMax: 10 });
    await until(() => (operation.state.progress?.counters.objectsCopiedToSink ?? 0) > 5);
    // Files are still written into it: as often as it takes.
    rmSync(fixture[side], { recursive: true, maxRetries: 1000, retryDelay: 1 });
    expect(await running).toMatchObject({ code: Code.NOT_FOUND, message: expect.stringContaining(`the ${side}`) });
    expect((await running) as object).not.toMatchObject({ info: { reason: 'TRANSFER_OBJECTS_FAILED' } });
    expect(operation.state.progress?.counters.objectsCopiedToSink).toBeLessThan(200);
  });
});

describe('what this process may not do', () => {
  (isRoot ? test : test.skip)(
    'a directory that cannot be listed is counted, and the rest is copied (needs root, to be nobody)',
    async () => {
      plantTree(fixture.source, 1, { fileCount: 20, hasOddNames: false });
      mkdirSync(join(fixture.source, 'closed'));
      plantFile(fixture.source, 'closed/x', { sizeBytes: 5 });
      plantFile(fixture.source, 'unreadable', { sizeBytes: 5 });
      const statePath = join(fixture.directory, 'state');
      execFileSync('chown', ['-R', String(NOBODY), fixture.directory]);
      execFileSync('chmod', ['000', join(fixture.source, 'closed'), join(fixture.source, 'unreadable')]);
      const last = await attemptAs(NOBODY, statePath);
      expect(last).toContain('PERMISSION_DENIED');
      const { progress } = new FakeOperation(statePath).state;
      expect(progress?.counters).toMatchObject({
        objectsCopiedToSink: 20,
        objectsFromSourceFailed: 1,
        directoriesFailedToListFromSource: 1,
      });
      expect(progress?.errorBreakdowns).toMatchObject([{ code: Code.PERMISSION_DENIED, count: 2 }]);
    },
  );
});

describe('a full sink', () => {
  (canMount() ? test : test.skip)(
    'ends the transfer, leaves no staging, and the next attempt goes on (where a disk can be mounted)',
    async () => {
      plantTree(fixture.source, 1, { fileCount: 150, sizeBytesMax: 30_000, hasOddNames: false });
      plantFile(fixture.source, 'zz-large', { sizeBytes: 400_000 });
      mkdirSync(fixture.sink);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', fixture.sink]);
      try {
        const operation = new FakeOperation();
        expect(await attempt(operation)).toMatchObject({ code: Code.RESOURCE_EXHAUSTED });
        const after = compareTrees(fixture.source, fixture.sink);
        expect(after).toMatchObject({ different: [], extra: [], leftovers: [] });
        expect(operation.state.progress?.counters.objectsCopiedToSink).toBe(after.equalCount);
        execFileSync('mount', ['-o', 'remount,size=64m', fixture.sink]);
        expect(await attempt(operation, {}, 2n)).toBe('done');
        expect(operation.state.progress?.counters).toMatchObject({
          objectsFoundFromSource: 151,
          objectsCopiedToSink: 151,
        });
        expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ equalCount: 151, leftovers: [] });
      } finally {
        execFileSync('umount', [fixture.sink]);
      }
    },
  );
});

describe('the janitor', () => {
  async function abandon(): Promise<FakeOperation> {
    plantTree(fixture.source, 1, { fileCount: 100, sizeBytesMax: 60_000 });
    plantFile(fixture.source, 'a-large', { sizeBytes: 2_000_000 });
    const operation = new FakeOperation();
    const lost = operation.attempt(1n);
    const limits = { bytesPerSecondMax: 1_000_000, durability: 'batch' as const };
    const running = runTransfer(fixture.request(), lost.context, fixture.environment(limits));
    await until(() => (operation.state.checkpoint?.pending[0]?.stagedBytes ?? 0) > 0);
    lost.interrupt(new Interrupted('lease-lost', 0));
    await expect(running).rejects.toMatchObject({ kind: 'lease-lost' });
    return operation;
  }

  test('removes exactly the staging that the journal names, and may do so twice', async () => {
    const { state } = await abandon();
    expect(listLeftovers(fixture.sink).length).toBeGreaterThan(0);
    const published = compareTrees(fixture.source, fixture.sink).equalCount;
    for (const value of state.entries.values()) cleanStaging(value, [fixture.directory]);
    for (const value of state.entries.values()) expect(cleanStaging(value, [fixture.directory])).toBe(0);
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ leftovers: [], equalCount: published });
  });

  test('has nothing to do where the sink has gone, and refuses one outside the roots', async () => {
    const { state } = await abandon();
    rmSync(fixture.sink, { recursive: true });
    for (const value of state.entries.values()) {
      expect(cleanStaging(value, [fixture.directory])).toBe(0);
      expect(() => cleanStaging(value, [])).toThrow('--posix-root');
    }
  });
});

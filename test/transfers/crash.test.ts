import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TransferLimits } from '../../src/transfers/limits.ts';
import { NOTHING_PRESERVED, type PreservedMetadata } from '../../src/transfers/posix-metadata.ts';
import { FakeOperation } from '../support/fake-operation.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';
import { canMountXfs, XfsDisk } from '../support/xfs-disk.ts';
import {
  compareTrees,
  listLeftovers,
  plantFile,
  plantTree,
  randomOf,
  readAttributes,
  toPath,
} from '../support/tree.ts';

const PROCESS = fileURLToPath(new URL('../support/transfer-process.ts', import.meta.url));

let fixture: TransferFixture;
let statePath: string;
beforeEach(() => {
  fixture = new TransferFixture();
  statePath = join(fixture.directory, 'state');
});
afterEach(() => {
  fixture.remove();
});

/** A process that has begun its attempt; what it prints after that resolves `outcome`. */
async function start(fence: number, limits: Partial<TransferLimits>, metadata = NOTHING_PRESERVED) {
  const child: ChildProcess = spawn(
    process.execPath,
    [PROCESS, fixture.directory, statePath, String(fence), JSON.stringify(limits), '', JSON.stringify(metadata)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    },
  );
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const iterator = lines[Symbol.asyncIterator]();
  await iterator.next();
  return { child, outcome: iterator.next().then(({ value }) => value) };
}

/** Runs an attempt for at most `lifeMs`, then kill -9. Whether it ended before that. */
async function live(
  fence: number,
  lifeMs: number,
  limits: Partial<TransferLimits>,
  metadata?: PreservedMetadata,
): Promise<boolean> {
  const { child, outcome } = await start(fence, limits, metadata);
  const exit = once(child, 'exit');
  const ended = await Promise.race([outcome, sleep(lifeMs).then(() => undefined)]);
  child.kill('SIGKILL');
  await exit;
  return ended === 'done';
}

const FILE_COUNT = 250;
/** What short lives have done together is far from the whole, also where a busy machine kills late. In steps that one life can finish. */
const SLOW = { bytesPerSecondMax: 400_000, sliceSizeBytes: 32_768 };
/** Lives that are cut short; KILLS=N for another number. Each costs the start of a process. */
const SHORT_LIFE_COUNT = Number(process.env['KILLS'] ?? 18);
const LIFE_COUNT_MAX = SHORT_LIFE_COUNT + 20;

/** How long a life may take, milliseconds: those behind the short ones come to their end. */
function lifeOf(fence: number, shortMs: number): number {
  return fence > SHORT_LIFE_COUNT ? 20_000 : shortMs;
}

test.each([
  ['none', 1],
  ['batch', 2],
] as const)(
  'kill -9 at random instants tears nothing, and the counters end exact (durability %s, seed %d)',
  async (durability, seed) => {
    const files = plantTree(fixture.source, seed, { fileCount: FILE_COUNT, sizeBytesMax: 12_000 });
    plantFile(fixture.source, 'a-large', { sizeBytes: 700_000, seed });
    plantFile(fixture.source, 'z-large', { sizeBytes: 700_000, seed: seed + 1 });
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 1_400_000);
    const random = randomOf(seed);
    const limits = { ...SLOW, durability };
    let isDone = false;
    let fence = 1;
    for (; !isDone && fence < LIFE_COUNT_MAX; fence += 1) {
      isDone = await live(fence, lifeOf(fence, random() * 500), limits);
      expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ extra: [], different: [] });
    }
    const { progress, entries } = new FakeOperation(statePath).state;
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({
      equalCount: FILE_COUNT + 2,
      missing: [],
      leftovers: [],
    });
    expect(entries.size).toBe(0);
    expect(progress?.counters).toMatchObject({
      objectsFoundFromSource: FILE_COUNT + 2,
      objectsCopiedToSink: FILE_COUNT + 2,
      bytesFoundFromSource: sizeBytes,
      bytesCopiedToSink: sizeBytes,
    });
    expect(progress?.counters.objectsFromSourceSkippedBySync).toBeUndefined();
    expect(progress?.counters.directoriesFoundFromSource).toBe(
      progress?.counters.directoriesSuccessfullyListedFromSource,
    );
    expect(fence).toBeGreaterThan(10);
  },
  900_000,
);

test('kill -9 at random instants leaves no copy without its mode, no link twice and no directory without its own', async () => {
  const files = plantTree(fixture.source, 3, { fileCount: 120, sizeBytesMax: 12_000 });
  plantFile(fixture.source, 'a-large', { sizeBytes: 700_000, seed: 3 });
  chmodSync(join(fixture.source, 'a-large'), 0o400);
  for (const [index, { path }] of files.entries()) chmodSync(toPath(fixture.source, path), 0o400 + (index % 0o100));
  for (const mode of [0o500, 0o711, 0o2770]) mkdirSync(join(fixture.source, `empty-${mode}`), { mode });
  for (let index = 0; index < 60; index += 1) symlinkSync(`../target-${index}`, join(fixture.source, `link-${index}`));
  const random = randomOf(3);
  const metadata = { ...NOTHING_PRESERVED, mode: true, symlinks: true };
  let isDone = false;
  let fence = 1;
  for (; !isDone && fence < LIFE_COUNT_MAX; fence += 1) {
    isDone = await live(fence, lifeOf(fence, random() * 500), SLOW, metadata);
    expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ different: [] });
  }
  expect(listLeftovers(fixture.sink)).toEqual([]);
  expect(readAttributes(fixture.sink)).toEqual(readAttributes(fixture.source));
  expect(new FakeOperation(statePath).state.progress?.counters).toMatchObject({
    objectsFoundFromSource: 181,
    objectsCopiedToSink: 181,
  });
  expect(fence).toBeGreaterThan(5);
}, 900_000);

(canMountXfs() ? test : test.skip)(
  'kill -9 at random instants tears no clone (needs root, mkfs.xfs and loop devices)',
  async () => {
    const disk = new XfsDisk();
    try {
      fixture = new TransferFixture(disk.directory());
      mkdirSync(fixture.source);
      for (let index = 0; index < 40; index += 1)
        plantFile(fixture.source, `f-${index}`, { sizeBytes: 300_000, seed: index });
      const random = randomOf(4);
      let isDone = false;
      let fence = 1;
      for (; !isDone && fence < LIFE_COUNT_MAX; fence += 1) {
        isDone = await live(fence, fence > 12 ? 20_000 : 200 + random() * 600, { reflinkSizeBytesMin: 100_000 });
        expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ extra: [], different: [] });
      }
      expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ equalCount: 40, leftovers: [] });
      const counters = new FakeOperation(statePath).state.progress?.counters;
      expect(counters).toMatchObject({ objectsCopiedToSink: 40, bytesCopiedToSink: 40 * 300_000 });
    } finally {
      disk.remove();
    }
  },
  900_000,
);

/**
 * A big transfer whose sidecar is killed by kill -9 again and again at random instants, and started anew on the same database.
 * What was seen at each death is collected once; the tests look at it.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomOf } from '../support/tree.ts';
import { AcknowledgedWork } from './support/acknowledged-work.ts';
import { countJournal, readStored, type StoredOperation } from './support/database-file.ts';
import { tellFigures } from './support/figures.ts';
import { seedOfRun } from './support/random.ts';
import { RawClient, untilGone } from './support/raw-client.ts';
import {
  seenTransfer,
  TransferClient,
  type Route,
  type SeenOperation,
  type SeenTransfer,
} from './support/transfer-client.ts';
import { TreeComparison, writeTree, type TreeTotals } from './support/tree.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

const MIB = 1024 * 1024;
/** KILLS in the environment asks for more. */
const KILL_COUNT = Number(process.env['KILLS'] ?? 16);
/** From the attempt's begin to the kill at most, milliseconds: several groups, and some slices of large files. */
const LIFE_MAX_MS = 1400;
/** Jobs run on the side in each life. */
const EXTRA_COUNT = 2;

/** Ends long after all kills, and in so small steps that each life gets on. */
const THROTTLED = {
  transfers: {
    bytesPerSecondMax: 15 * MIB,
    objectsPerSecondMax: 1000,
    chunkSizeBytes: 64 * 1024,
    sliceSizeBytes: 3 * MIB,
  },
};

/** What one life and its death have shown. */
interface Death {
  readonly torn: readonly string[];
  readonly stored: StoredOperation;
  /** What of the lives before was missing in this one. */
  readonly lost: readonly string[];
  /** What a client saw of the transfer, one after the other. */
  readonly seen: readonly SeenTransfer[];
}

let workspace: Workspace;
let route: Route;
let comparison: TreeComparison;
let totals: TreeTotals;
let deaths: readonly Death[];
let last: SeenOperation;
let problemsAtEnd: readonly string[];
let journalCount: number;

beforeAll(async () => {
  const seed = seedOfRun();
  const startMs = performance.now();
  workspace = new Workspace();
  route = { source: join(workspace.files, 'from'), sink: join(workspace.files, 'to') };
  const largeNames = ['a-large.bin', 'y-large.bin', 'z-large.bin'];
  totals = writeTree(route.source, { seed, smallCount: 20_000, largeNames, largeSizeBytes: 400 * MIB });
  writeTree(join(workspace.files, 'extra'), { seed, smallCount: 3, largeNames: [], largeSizeBytes: 0 });
  comparison = new TreeComparison(route.source, route.sink);
  const work = new AcknowledgedWork();
  const name = await startTransfer();
  deaths = await dieRepeatedly(name, work, randomOf(seed));
  await finish(name, work);
  const fences = deaths.map(({ stored }) => stored.fence);
  const ms = Math.round(performance.now() - startMs);
  tellFigures({ test: 'crash-transfer', seed, ms, fences, extraOperations: work.operationCount });
}, 900_000);

afterAll(() => workspace.remove());

/** Through the public client; the process dies before the transfer gets far. */
async function startTransfer(): Promise<string> {
  const sidecar = await workspace.start({ limits: THROTTLED });
  const client = new TransferClient(sidecar.grpc);
  const name = await client.transfer(route);
  await sidecar.kill();
  await client.close();
  return name;
}

async function dieRepeatedly(name: string, work: AcknowledgedWork, random: () => number): Promise<readonly Death[]> {
  const found: Death[] = [];
  while (found.length < KILL_COUNT) found.push(await liveAndDie(name, work, Math.round(random() * LIFE_MAX_MS)));
  return found;
}

/** One life of the sidecar, from its start to a kill -9 so long after the transfer was seen to run. */
async function liveAndDie(name: string, work: AcknowledgedWork, lifeMs: number): Promise<Death> {
  const sidecar = await workspace.start({ limits: THROTTLED });
  const raw = new RawClient(sidecar.grpc);
  const lost = await work.problems(raw);
  const seen: SeenTransfer[] = [];
  const busy = Promise.all([work.add(raw, EXTRA_COUNT, extraRoute), watch(raw, name, seen)]);
  await until('the transfer to run', () => seen.at(-1)?.status === 'IN_PROGRESS');
  await delay(lifeMs);
  await sidecar.kill();
  await busy;
  raw.close();
  return { lost, seen, torn: comparison.torn(), stored: readStored(workspace.database, name) };
}

let extraCount = 0;

/** Small work on the side, each with a sink of its own. */
function extraRoute(): Route {
  extraCount += 1;
  return { source: join(workspace.files, 'extra'), sink: join(workspace.files, `extra-${extraCount}`) };
}

/** Notes the counters that a client sees, until the process is gone. */
async function watch(raw: RawClient, name: string, seen: SeenTransfer[]): Promise<void> {
  await untilGone(async () => {
    for (;;) {
      const { metadata } = await raw.call('Operations/GetOperation', { name });
      seen.push(seenTransfer(metadata as { readonly value: Buffer }));
      await delay(20);
    }
  });
}

/** The last life, at full speed. */
async function finish(name: string, work: AcknowledgedWork): Promise<void> {
  const sidecar = await workspace.start();
  const raw = new RawClient(sidecar.grpc);
  const client = new TransferClient(sidecar.grpc);
  last = await client.untilDone(name);
  await until('all other work to end', async () => (await work.unfinished(raw)).length === 0);
  problemsAtEnd = await work.problems(raw);
  raw.close();
  await client.close();
  await sidecar.stop();
  journalCount = countJournal(workspace.database);
}

test('no kill ever leaves a torn file under its final name', () => {
  expect(deaths.flatMap(({ torn }) => torn)).toEqual([]);
});

test('no acknowledged job or operation is lost, and what was done stays as it was', () => {
  expect(deaths.flatMap(({ lost }) => lost)).toEqual([]);
  expect(problemsAtEnd).toEqual([]);
});

test('every kill meets the transfer on its way', () => {
  expect(deaths.map(({ stored }) => stored.state)).toEqual(deaths.map(() => 'RUNNING'));
});

test('the fence only grows', () => {
  const fences = deaths.map(({ stored }) => stored.fence);

  expect(fences).toEqual(fences.toSorted((a, b) => a - b));
  expect(new Set(fences).size).toBe(KILL_COUNT);
});

test('no counter ever goes down, over all lives', () => {
  const seen = [...deaths.flatMap((death) => death.seen.map(({ counters }) => counters)), last.counters];
  const names = Object.keys(last.counters);
  const falls = seen.flatMap((counters, index) => {
    const before = seen[index - 1] ?? counters;
    return names.filter((name) => (counters[name] ?? 0) < (before[name] ?? 0));
  });

  expect(falls).toEqual([]);
});

test('the transfer succeeds in the end, with exact counters', () => {
  expect(last.status).toBe('SUCCESS');
  expect(last.counters).toMatchObject({
    objectsFoundFromSource: totals.fileCount,
    objectsCopiedToSink: totals.fileCount,
    objectsFromSourceSkippedBySync: 0,
    objectsFromSourceFailed: 0,
    bytesFoundFromSource: totals.sizeBytes,
    bytesCopiedToSink: totals.sizeBytes,
    bytesFromSourceSkippedBySync: 0,
    bytesFromSourceFailed: 0,
  });
});

test('the trees are equal in the end, and no staging is left', () => {
  expect(comparison.differences()).toEqual([]);
  expect(journalCount).toBe(0);
});

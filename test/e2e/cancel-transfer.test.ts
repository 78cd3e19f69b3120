/**
 * A big tree is moved by the public client, cancelled among the small files, cancelled again in the middle of a large one, and
 * then left to finish. What each run left behind is collected once; the tests look at it.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { present } from '../../src/transfers/present.ts';
import { tellFigures } from './support/figures.ts';
import { seedOfRun } from './support/random.ts';
import { errorInfoOf, RawClient } from './support/raw-client.ts';
import { TransferClient, type SeenOperation } from './support/transfer-client.ts';
import {
  copiesIn,
  leftoversIn,
  smallPath,
  snapshotOf,
  TreeComparison,
  writeTree,
  type TreeTotals,
} from './support/tree.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

const MIB = 1024 * 1024;
const SMALL_COUNT = 20_000;
const LARGE_SIZE_BYTES = 200 * MIB;
/** In the order of keys one comes before the small files in `m/`, and two after them. */
const LARGE_NAMES = ['a-large.bin', 'y-large.bin', 'z-large.bin'];

/** So slow that neither a poll nor the cancel behind it can miss the middle, which takes seconds, on a busy machine either. */
const LIMITS = { transfers: { objectsPerSecondMax: 4000, bytesPerSecondMax: 50 * MIB } };

/** What one cancelled run left behind. */
interface CancelledRun {
  readonly done: SeenOperation;
  readonly cancelMs: number;
  readonly doneMs: number;
  readonly torn: readonly string[];
  readonly leftovers: readonly string[];
  readonly copies: TreeTotals;
  readonly whenDone: ReturnType<typeof snapshotOf>;
  readonly afterwards: ReturnType<typeof snapshotOf>;
  readonly bytes: Buffer;
  readonly bytesAfterCancel: Buffer;
  readonly jobStatus: unknown;
}

let workspace: Workspace;
let client: TransferClient;
let raw: RawClient;
let source: string;
let sink: string;
let comparison: TreeComparison;
let totals: TreeTotals;
let runs: readonly CancelledRun[];
let last: SeenOperation;

beforeAll(async () => {
  const seed = seedOfRun();
  workspace = new Workspace();
  source = join(workspace.files, 'from');
  sink = join(workspace.files, 'to');
  totals = writeTree(source, {
    seed,
    smallCount: SMALL_COUNT,
    largeNames: LARGE_NAMES,
    largeSizeBytes: LARGE_SIZE_BYTES,
  });
  comparison = new TreeComparison(source, sink);
  const sidecar = await workspace.start({ limits: LIMITS });
  client = new TransferClient(sidecar.grpc);
  raw = new RawClient(sidecar.grpc);
  const job = await client.createJob({ source, sink });
  runs = [await cancelledRun(job, isAmongSmallFiles), await cancelledRun(job, isWithinLargeFile)];
  last = await client.untilDone(await client.run(job));
  tellFigures({
    test: 'cancel-transfer',
    seed,
    ...totals,
    cancelMs: runs.map(({ cancelMs }) => cancelMs),
    doneMs: runs.map(({ doneMs }) => doneMs),
    copied: [...runs.map(({ done }) => done), last].map(({ counters }) => counters['objectsCopiedToSink']),
  });
});

afterAll(async () => {
  raw.close();
  await client.close();
  await workspace.remove();
});

/** Some directories are full, and most are not there yet. */
function isAmongSmallFiles(): boolean {
  return existsSync(smallPath(sink, 2000));
}

/** All small files are there, and a large one is neither at its beginning nor at its end. */
function isWithinLargeFile(): boolean {
  if (!existsSync(smallPath(sink, SMALL_COUNT - 1))) return false;
  // Large files are at the top, and a look at the whole tree takes long.
  return readdirSync(sink).some((name) => {
    if (LARGE_NAMES.includes(name)) return false;
    const { size } = statSync(join(sink, name), { throwIfNoEntry: false }) ?? { size: 0 };
    return size > LARGE_SIZE_BYTES / 4 && size < LARGE_SIZE_BYTES * 0.75;
  });
}

/** Starts the job, cancels it when the sink looks so, and collects what there is to see then and later. */
async function cancelledRun(job: string, isThere: () => boolean): Promise<CancelledRun> {
  const name = await client.run(job);
  // The client connects with its first call: that is no part of a cancel.
  await client.get(name);
  await until('the place to cancel at', isThere);
  const startMs = performance.now();
  await client.cancel(name);
  const cancelMs = performance.now() - startMs;
  const done = await client.untilDone(name);
  const doneMs = performance.now() - startMs;
  const whenDone = snapshotOf(sink);
  const bytes = await raw.bytes('Operations/GetOperation', { name });
  await client.cancel(name);
  return {
    done,
    cancelMs,
    doneMs,
    whenDone,
    torn: comparison.torn(),
    leftovers: leftoversIn(sink),
    copies: copiesIn(sink),
    afterwards: snapshotOf(sink),
    bytes,
    bytesAfterCancel: await raw.bytes('Operations/GetOperation', { name }),
    jobStatus: (await client.job(job)).status,
  };
}

describe.each([
  ['among the small files', 0],
  ['in the middle of a large file', 1],
])('a transfer cancelled %s', (_place, index) => {
  const run = (): CancelledRun => present(runs[index]);

  // operations.proto: "an Operation.error value with a google.rpc.Status.code of 1, corresponding to Code.CANCELLED"
  test('is done with error code 1 and the status ABORTED', () => {
    const { operation, status, endTime } = run().done;

    expect(operation).toMatchObject({ done: true, error: { code: 1 } });
    expect(status).toBe('ABORTED');
    expect(endTime).toBeDefined();
  });

  test('has confirmed its stop', () => {
    const { operation } = run().done;

    expect(errorInfoOf(operation.error?.details ?? [])).toMatchObject({
      reason: 'OPERATION_CANCELLED',
      metadata: { stopConfirmed: 'true', cancelReason: 'user' },
    });
  });

  test('changes nothing at the destination afterwards', () => {
    expect(run().afterwards).toEqual(run().whenDone);
  });

  test('leaves only whole files that equal their sources, and no staging', () => {
    expect(run().torn).toEqual([]);
    expect(run().leftovers).toEqual([]);
  });

  test('was stopped on its way: some files are there, some are not', () => {
    expect(run().copies.fileCount).toBeGreaterThan(0);
    expect(run().copies.fileCount).toBeLessThan(totals.fileCount);
  });

  test('stays as it is when it is cancelled again', () => {
    expect(run().bytesAfterCancel.equals(run().bytes)).toBe(true);
  });

  test('leaves its job enabled', () => {
    expect(run().jobStatus).toBe('ENABLED');
  });

  test('says of itself exactly what the destination holds', () => {
    const copied = runs.slice(0, index + 1).map(({ done }) => done.counters);

    expect(sum(copied, 'objectsCopiedToSink')).toBe(run().copies.fileCount);
    expect(sum(copied, 'bytesCopiedToSink')).toBe(run().copies.sizeBytes);
  });
});

describe('the next run', () => {
  test('succeeds', () => {
    expect(last.operation).toMatchObject({ done: true, result: 'response' });
    expect(last.status).toBe('SUCCESS');
  });

  test('copies exactly the remainder', () => {
    const before = runs.at(-1)?.copies ?? { fileCount: 0, sizeBytes: 0 };
    const missing = { fileCount: totals.fileCount - before.fileCount, sizeBytes: totals.sizeBytes - before.sizeBytes };

    expect(last.counters).toMatchObject({
      objectsFoundFromSource: missing.fileCount,
      objectsCopiedToSink: missing.fileCount,
      objectsFromSourceSkippedBySync: before.fileCount,
      objectsFromSourceFailed: 0,
      bytesFoundFromSource: missing.sizeBytes,
      bytesCopiedToSink: missing.sizeBytes,
      bytesFromSourceSkippedBySync: before.sizeBytes,
    });
  });

  test('makes the trees equal', () => {
    expect(comparison.differences()).toEqual([]);
  });
});

function sum(counters: readonly SeenOperation['counters'][], name: string): number {
  return counters.reduce((total, each) => total + (each[name] ?? 0), 0);
}

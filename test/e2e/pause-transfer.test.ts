import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { status as Code } from '@grpc/grpc-js';
import type { SidecarProcess } from '../support/sidecar-process.ts';
import { countJournal, readStored } from './support/database-file.ts';
import { errorInfoOf, RawClient } from './support/raw-client.ts';
import { TransferClient, type Counters, type Route } from './support/transfer-client.ts';
import { copiesIn, leftoversIn, snapshotOf, TreeComparison, writeTree, type TreeTotals } from './support/tree.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

const MIB = 1024 * 1024;

/** So much work that no busy machine is done too early, in small steps: a drain waits for the steps that are begun. */
const THROTTLED = {
  transfers: {
    objectsPerSecondMax: 150,
    bytesPerSecondMax: 8 * MIB,
    chunkSizeBytes: 64 * 1024,
    sliceSizeBytes: MIB,
    groupObjectCountInitial: 16,
    groupObjectCountMax: 32,
  },
};

/** The same work as fast as it goes. */
const FAST = { transfers: {} };

let workspace: Workspace;
let route: Route;
let totals: TreeTotals;
let comparison: TreeComparison;
let closers: (() => unknown)[];

beforeEach(() => {
  workspace = new Workspace();
  closers = [];
  route = { source: join(workspace.files, 'from'), sink: join(workspace.files, 'to') };
  const largeNames = ['a-large.bin', 'z-large.bin'];
  totals = writeTree(route.source, { seed: 7, smallCount: 1500, largeNames, largeSizeBytes: 32 * MIB });
  comparison = new TreeComparison(route.source, route.sink);
});

afterEach(async () => {
  for (const close of closers) await close();
  await workspace.remove();
});

interface Life {
  readonly sidecar: SidecarProcess;
  readonly client: TransferClient;
  readonly raw: RawClient;
}

async function start(limits: typeof THROTTLED | typeof FAST = THROTTLED): Promise<Life> {
  const sidecar = await workspace.start({ limits });
  const client = new TransferClient(sidecar.grpc);
  const raw = new RawClient(sidecar.grpc);
  closers.push(
    () => client.close(),
    () => {
      raw.close();
    },
  );
  return { sidecar, client, raw };
}

/** A life whose transfer has copied some small files and is within a large one. */
async function startHalfway(): Promise<Life & { readonly name: string }> {
  const life = await start();
  const name = await life.client.transfer(route);
  await life.client.untilSeen(name, ({ counters }) => copied(counters) > 100);
  return { ...life, name };
}

async function startPaused(): Promise<Life & { readonly name: string }> {
  const life = await startHalfway();
  await life.client.pause(life.name);
  await life.client.untilStatus(life.name, 'PAUSED');
  return life;
}

function copied(counters: Counters): number {
  return counters['objectsCopiedToSink'] ?? 0;
}

/** All of the tree, each object once. */
function exactCounters(): object {
  return {
    objectsFoundFromSource: totals.fileCount,
    objectsCopiedToSink: totals.fileCount,
    objectsFromSourceSkippedBySync: 0,
    objectsFromSourceFailed: 0,
    bytesFoundFromSource: totals.sizeBytes,
    bytesCopiedToSink: totals.sizeBytes,
    bytesFromSourceSkippedBySync: 0,
  };
}

describe('a pause', () => {
  // transfer_types.proto, SUSPENDING: "The transfer operation is suspending and draining the ongoing work to completion."
  test('finishes what is under way, then stands still: what is counted is there, and nothing moves', async () => {
    const { client, name } = await startHalfway();

    await client.pause(name);
    const { operation, counters } = await client.untilStatus(name, 'PAUSED');
    const before = snapshotOf(route.sink);

    expect(operation).toMatchObject({ done: false });
    expect(copiesIn(route.sink)).toEqual({ fileCount: copied(counters), sizeBytes: counters['bytesCopiedToSink'] });
    expect(copied(counters)).toBeLessThan(totals.fileCount);
    expect(comparison.torn()).toEqual([]);
    expect(snapshotOf(route.sink)).toEqual(before);
    expect((await client.get(name)).counters).toEqual(counters);
  });

  test('survives kill -9, and then a resume completes exactly', async () => {
    const { sidecar, client, name } = await startPaused();
    const before = { ...(await client.get(name)), sink: snapshotOf(route.sink) };

    await sidecar.kill();
    const second = await start(FAST);
    const after = await second.client.get(name);

    expect({ ...after, sink: snapshotOf(route.sink) }).toEqual(before);
    await second.client.resume(name);
    const end = await second.client.untilDone(name);
    expect(end.status).toBe('SUCCESS');
    expect(end.counters).toMatchObject(exactCounters());
    expect(comparison.differences()).toEqual([]);
  });

  test('of a queued operation is PAUSED at once, and a resume runs it', async () => {
    const life = await start();
    const busy = await Promise.all(
      [1, 2, 3, 4].map((n) => life.client.transfer({ ...route, sink: `${route.sink}-${n}` })),
    );
    await Promise.all(busy.map((name) => life.client.untilStatus(name, 'IN_PROGRESS')));
    const name = await life.client.transfer(route);
    expect((await life.client.get(name)).status).toBe('QUEUED');

    await life.client.pause(name);

    expect((await life.client.get(name)).status).toBe('PAUSED');
    await Promise.all(busy.map((each) => life.client.cancel(each)));
    await Promise.all(busy.map((each) => life.client.untilDone(each)));
    expect((await life.client.get(name)).status).toBe('PAUSED');
    await life.client.resume(name);
    await life.client.untilStatus(name, 'IN_PROGRESS');
  });

  test('and a resume, again and again, end with exact counters', async () => {
    const { client, name } = await startHalfway();
    for (let count = 0; count < 3; count += 1) {
      await client.pause(name);
      const { counters } = await client.untilStatus(name, 'PAUSED');
      await client.resume(name);
      await client.untilSeen(name, (seen) => copied(seen.counters) > copied(counters) || seen.operation.done === true);
    }

    const end = await client.untilDone(name);

    expect(end.status).toBe('SUCCESS');
    expect(end.counters).toMatchObject(exactCounters());
    expect(comparison.differences()).toEqual([]);
  });

  test.each<[string, 'Pause' | 'Resume', (life: Life, name: string) => Promise<unknown>, string]>([
    ['pause of one that is paused', 'Pause', ({ client }, name) => pauseAll(client, name), 'PAUSED'],
    ['resume of one that runs', 'Resume', () => Promise.resolve(), 'RUNNING'],
    ['pause of one that is done', 'Pause', ({ client }, name) => endByCancel(client, name), 'CANCELLED'],
    ['resume of one that is done', 'Resume', ({ client }, name) => endByCancel(client, name), 'CANCELLED'],
  ])('%s is refused and changes nothing', async (_what, verb, arrange, state) => {
    const life = await startHalfway();
    await arrange(life, life.name);

    const refusal = await life.raw.refusal(`StorageTransferService/${verb}TransferOperation`, { name: life.name });

    // AIP-216: "If the user attempts a transition that is not allowed … FAILED_PRECONDITION".
    expect(refusal).toMatchObject({
      code: Code.FAILED_PRECONDITION,
      reason: 'OPERATION_STATE_FORBIDS',
      domain: 'storagetransfer.googleapis.com',
      metadata: { operation: life.name, state },
    });
    await life.sidecar.kill();
    expect(readStored(workspace.database, life.name).state).toBe(state);
  });
});

async function pauseAll(client: TransferClient, name: string): Promise<void> {
  await client.pause(name);
  await client.untilStatus(name, 'PAUSED');
}

async function endByCancel(client: TransferClient, name: string): Promise<void> {
  await client.cancel(name);
  await client.untilDone(name);
}

describe('a cancel', () => {
  test('of a paused operation ends it at once as ABORTED, and its staging goes', async () => {
    const { client, name, sidecar } = await startPaused();
    const { counters } = await client.get(name);

    await client.cancel(name);
    const end = await client.get(name);

    expect(end.operation).toMatchObject({ done: true, error: { code: Code.CANCELLED } });
    expect(errorInfoOf(end.operation.error?.details ?? [])).toMatchObject({ metadata: { stopConfirmed: 'true' } });
    expect(end.status).toBe('ABORTED');
    expect(end.counters).toEqual(counters);
    expect(copiesIn(route.sink).fileCount).toBe(copied(counters));
    await until('the staging to go', () => leftoversIn(route.sink).length === 0);
    expect(comparison.torn()).toEqual([]);
    await sidecar.stop();
    expect(countJournal(workspace.database)).toBe(0);
  });

  test('while a pause drains ends it as ABORTED', async () => {
    const { client, name } = await startHalfway();

    await client.pause(name);
    await client.cancel(name);
    const end = await client.untilDone(name);

    expect(end.operation).toMatchObject({ error: { code: Code.CANCELLED } });
    expect(end.status).toBe('ABORTED');
    expect(copiesIn(route.sink).fileCount).toBe(copied(end.counters));
    expect(comparison.torn()).toEqual([]);
    await until('the staging to go', () => leftoversIn(route.sink).length === 0);
  });

  test('that was acknowledged before kill -9 is carried out by the next process, which copies nothing more', async () => {
    const { client, name, sidecar } = await startHalfway();
    await client.cancel(name);
    await sidecar.kill();
    const before = copiesIn(route.sink);

    const second = await start();
    const end = await second.client.untilDone(name);

    expect(end.operation).toMatchObject({ error: { code: Code.CANCELLED } });
    expect(end.status).toBe('ABORTED');
    expect(copiesIn(route.sink)).toEqual(before);
    expect(comparison.torn()).toEqual([]);
    await until('the staging to go', () => leftoversIn(route.sink).length === 0);
  });
});

describe('a stop of the sidecar', () => {
  test('hands the transfer back, and the next process completes it exactly', async () => {
    const { sidecar, client, name } = await startHalfway();
    const before = (await client.get(name)).counters;

    expect(await sidecar.stop()).toBe(0);
    const stored = readStored(workspace.database, name);
    const second = await start(FAST);
    const seen = (await second.client.get(name)).counters;
    const end = await second.client.untilDone(name);

    expect(stored.state).toBe('QUEUED');
    expect(copied(seen)).toBeGreaterThanOrEqual(copied(before));
    expect(end.status).toBe('SUCCESS');
    expect(end.counters).toMatchObject(exactCounters());
    expect(comparison.differences()).toEqual([]);
  });

  test('is no stop of a cancel: one that comes while it drains ends the operation', async () => {
    const { sidecar, client, raw, name } = await startHalfway();

    sidecar.signal('SIGTERM');
    await until('the drain', () => sidecar.log.some(({ msg }) => msg === 'draining'));
    await raw.call('Operations/CancelOperation', { name });
    await sidecar.exited();
    const second = await start(FAST);
    const end = await second.client.untilDone(name);

    expect(end.status).toBe('ABORTED');
    expect(end.operation).toMatchObject({ error: { code: Code.CANCELLED } });
    expect(comparison.torn()).toEqual([]);
    await client.close();
  });
});

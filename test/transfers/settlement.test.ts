import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code } from '../../src/core/code.ts';
import { Interrupted } from '../../src/core/cancellation.ts';
import { cleanStaging } from '../../src/stores/posix/clean-staging.ts';
import type { Copier } from '../../src/transfers/copier.ts';
import { decodeGroupEntry } from '../../src/transfers/group-entry.ts';
import type { TransferLimits } from '../../src/transfers/limits.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { TransferEnvironment } from '../../src/transfers/transfer-environment.ts';
import { FakeOperation, type FakeAttempt } from '../support/fake-operation.ts';
import { withCopier } from '../support/stepped-transfer.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';
import { compareTrees, listLeftovers, plantFile, plantTree } from '../support/tree.ts';

let fixture: TransferFixture;
let operation: FakeOperation;
beforeEach(() => {
  fixture = new TransferFixture();
  mkdirSync(fixture.source);
  operation = new FakeOperation();
});
afterEach(() => {
  fixture.remove();
});

function run(attempt: FakeAttempt, environment: TransferEnvironment): Promise<unknown> {
  return runTransfer(fixture.request(), attempt.context, environment).catch((error: unknown) => error);
}

/** An environment whose copier does something else where it is told to. */
function changed(change: (copier: Copier) => Partial<Copier>, limits: Partial<TransferLimits>): TransferEnvironment {
  return withCopier(fixture.environment(limits), change);
}

/** Looks every few milliseconds, until the transfer ends. */
async function until(isSo: () => boolean, running?: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  void running?.then(() => over.abort());
  while (!over.signal.aborted && !isSo()) await sleep(5);
}

/** Of names only: what goes meanwhile is not looked at. */
const stagingCount = (): number =>
  readdirSync(fixture.directory, { recursive: true, encoding: 'latin1' }).filter((name) => name.includes('.~stx-'))
    .length;

const copiedCount = (): number => operation.state.progress?.counters.objectsCopiedToSink ?? 0;

test.each([2, 3, 4, 5])('commit %d that is refused counts its objects once', async (refused) => {
  plantTree(fixture.source, 1, { fileCount: 40, sizeBytesMax: 1000 });
  for (const name of ['a-large', 'b-large', 'z-large']) plantFile(fixture.source, name, { sizeBytes: 100_000 });
  const attempt = operation.attempt(1n);
  const { commit } = attempt.context.journal;
  let count = 0;
  Object.assign(attempt.context.journal, {
    commit: (...change: Parameters<typeof commit>) =>
      (count += 1) === refused ? Promise.reject(new Error('refused')) : commit(...change),
  });
  expect(await run(attempt, fixture.environment())).toMatchObject({ message: 'refused' });
  expect(copiedCount()).toBe(compareTrees(fixture.source, fixture.sink).equalCount);
});

describe('staging that cannot be removed now', () => {
  const limits = { bytesPerSecondMax: 200_000, durability: 'batch' as const };
  const refusing = (): Partial<Copier> => ({
    discard: ({ states }) => Promise.resolve(states.filter((state) => state === 1).length),
    discardOne: () => Promise.resolve(false),
  });

  async function expectJanitorFindsAll(): Promise<void> {
    expect(listLeftovers(fixture.sink).length).toBeGreaterThan(0);
    for (const value of operation.state.entries.values()) cleanStaging(value, [fixture.directory]);
    expect(listLeftovers(fixture.sink)).toEqual([]);
  }

  test('by a cancel stays in the journal, for the janitor', async () => {
    plantTree(fixture.source, 2, { fileCount: 60, sizeBytesMax: 20_000 });
    plantFile(fixture.source, '!-large', { sizeBytes: 500_000 });
    const attempt = operation.attempt(1n);
    const running = run(attempt, changed(refusing, limits));
    await until(() => stagingCount() > 3, running);
    attempt.interrupt();
    expect(await running).toMatchObject({ kind: 'user' });
    await expectJanitorFindsAll();
  });

  test('by the next attempt stays in the journal to its end', async () => {
    plantTree(fixture.source, 3, { fileCount: 60, sizeBytesMax: 20_000 });
    const lost = operation.attempt(1n);
    const losing = (copier: Copier): Partial<Copier> => ({
      stage: async (group) => {
        await copier.stage(group);
        lost.interrupt(new Interrupted('lease-lost', 0));
      },
    });
    await run(lost, changed(losing, limits));
    expect(await run(operation.attempt(2n), changed(refusing, { durability: 'batch' }))).toBe('done');
    expect(copiedCount()).toBe(60);
    await expectJanitorFindsAll();
  });
});

test('a large object that failed is not cleaned up once more by a cancel', async () => {
  mkdirSync(`${fixture.source}/a`);
  mkdirSync(fixture.sink);
  plantFile(fixture.sink, 'a', { sizeBytes: 1 });
  for (let index = 0; index < 3; index += 1) plantFile(fixture.source, `a/large-${index}`, { sizeBytes: 100_000 });
  for (let index = 0; index < 60; index += 1) plantFile(fixture.source, `b${index}`, { sizeBytes: 20_000 });
  const cleaned: string[] = [];
  const counting = (copier: Copier): Partial<Copier> => ({
    discardOne: (object) => {
      cleaned.push(object.key);
      return copier.discardOne(object);
    },
  });
  const attempt = operation.attempt(1n);
  const running = run(attempt, changed(counting, { bytesPerSecondMax: 800_000 }));
  await until(() => operation.state.progress?.counters.objectsFromSourceFailed === 3, running);
  attempt.interrupt();
  expect(await running).toMatchObject({ name: 'Interrupted' });
  expect(cleaned.filter((key) => key.startsWith('a/')).sort()).toEqual(['a/large-0', 'a/large-1', 'a/large-2']);
});

test('a large object that a pause finds complete is left to the next attempt, which checks what is staged', async () => {
  plantFile(fixture.source, 'a-large', { sizeBytes: 100_000 });
  const paused = operation.attempt(1n);
  const pausing = (copier: Copier): Partial<Copier> => ({
    stageSlice: async (object) => {
      const outcome = await copier.stageSlice(object);
      paused.suspend();
      return outcome;
    },
  });
  expect(await run(paused, changed(pausing, {}))).toBe('suspended');
  const [staging = ''] = listLeftovers(fixture.sink);
  writeFileSync(join(fixture.sink, staging), Buffer.alloc(100_000));
  expect(await run(operation.attempt(2n), fixture.environment())).toBe('done');
  expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({ equalCount: 1, leftovers: [] });
});

test('a large object that changes counts its new size once, also when the attempt dies on the way', async () => {
  plantFile(fixture.source, 'a-large', { sizeBytes: 300_000 });
  for (let index = 0; index < 60; index += 1) plantFile(fixture.source, `b${index}`, { sizeBytes: 5000 });
  const attempt = operation.attempt(1n);
  const { begin } = attempt.context.journal;
  const change = Promise.withResolvers<undefined>();
  let smallCount = 0;
  Object.assign(attempt.context.journal, {
    begin: async (entry: Parameters<typeof begin>[0]) => {
      await begin(entry);
      const [object] = decodeGroupEntry(entry.value).objects;
      if (object?.key !== 'a-large') {
        // All but the first group wait, so that there is a commit to come when the large object has changed.
        if ((smallCount += 1) > 1) await change.promise;
      } else if (object.sizeBytes !== 300_000) {
        const before = copiedCount();
        change.resolve(undefined);
        await until(() => copiedCount() > before);
        attempt.interrupt(new Interrupted('lease-lost', 0));
      }
    },
  });
  const running = run(attempt, fixture.environment({ bytesPerSecondMax: 400_000 }));
  await until(() => (operation.state.checkpoint?.pending[0]?.stagedBytes ?? 0) > 0, running);
  plantFile(fixture.source, 'a-large', { sizeBytes: 320_000, seed: 2, modifyTimeMs: 1.7e12 });
  expect(await running).toMatchObject({ kind: 'lease-lost' });
  expect(await run(operation.attempt(2n), fixture.environment())).toBe('done');
  const counters = operation.state.progress?.counters;
  expect(counters).toMatchObject({ objectsFoundFromSource: 61, objectsCopiedToSink: 61 });
  expect(counters?.bytesFoundFromSource).toBe(counters?.bytesCopiedToSink);
});

test('a large object that changed counts its new size once, also when the attempt dies between publishing and counting it', async () => {
  plantFile(fixture.source, 'a-large', { sizeBytes: 300_000 });
  const attempt = operation.attempt(1n);
  const dying = (copier: Copier): Partial<Copier> => ({
    publishLarge: async (object) => {
      const outcome = await copier.publishLarge(object);
      attempt.interrupt(new Interrupted('lease-lost', 0));
      return outcome;
    },
  });
  const running = run(attempt, changed(dying, { bytesPerSecondMax: 400_000 }));
  await until(() => (operation.state.checkpoint?.pending[0]?.stagedBytes ?? 0) > 0, running);
  plantFile(fixture.source, 'a-large', { sizeBytes: 100_000, seed: 2, modifyTimeMs: 1.7e12 });
  expect(await running).toMatchObject({ kind: 'lease-lost' });
  expect(await run(operation.attempt(2n), fixture.environment())).toBe('done');
  const counters = operation.state.progress?.counters;
  expect(counters).toMatchObject({ objectsFoundFromSource: 1, objectsCopiedToSink: 1 });
  expect(counters?.bytesFoundFromSource).toBe(counters?.bytesCopiedToSink);
});

test('an interrupt that comes while the ends are opened stops the copier', async () => {
  plantFile(fixture.source, 'a', { sizeBytes: 10 });
  const attempt = operation.attempt(1n);
  let stopCount = 0;
  const counting = changed(() => ({ stop: () => (stopCount += 1) }), {});
  const opening: TransferEnvironment = {
    ...counting,
    open: async (...given) => {
      const ends = await counting.open(...given);
      attempt.interrupt();
      return ends;
    },
  };
  expect(await run(attempt, opening)).toMatchObject({ kind: 'user' });
  expect(stopCount).toBe(1);
});

// DESIGN: "failed for another reason meanwhile → that error, never hidden as a cancel".
test.each([
  ['user', { code: Code.RESOURCE_EXHAUSTED }],
  ['lease-lost', { kind: 'lease-lost' }],
] as const)(
  'a transfer that failed before an interrupt (%s) came says what is to be said of it',
  async (kind, expected) => {
    plantTree(fixture.source, 4, { fileCount: 20, sizeBytesMax: 1000 });
    const attempt = operation.attempt(1n);
    const full = { code: Code.RESOURCE_EXHAUSTED, detail: 'the sink is full', fatal: 'sink' } as const;
    const filling = (copier: Copier): Partial<Copier> => ({
      stage: async (group) => {
        await copier.stage(group);
        group.failures.set(0, full);
      },
      stop: () => {
        copier.stop();
        attempt.interrupt(new Interrupted(kind, 0));
      },
    });
    expect(await run(attempt, changed(filling, { durability: 'batch' }))).toMatchObject(expected);
    expect(listLeftovers(fixture.sink).length > 0).toBe(kind === 'lease-lost');
  },
);

import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { MemoryStore, type MemoryStoreOptions } from '../../src/stores/memory/memory-store.ts';
import type { ListNote, ObjectStore } from '../../src/transfers/object-store.ts';
import { withNotes } from '../../src/transfers/selection/with-notes.ts';
import { decodeStagedKeysEntry } from '../../src/transfers/staged-keys-entry.ts';
import { COUNTER_NAMES, type TransferProgress } from '../../src/transfers/progress.ts';
import { Death } from '../support/dying-store.ts';
import { FakeOperation } from '../support/fake-operation.ts';
import {
  bodyOf,
  contentOf,
  interruptingAt,
  runBetween,
  uploadKeysOf,
  type BetweenStores,
} from '../support/store-transfer.ts';
import { wrappedStore } from '../support/wrapped-store.ts';

const never = new AbortController().signal;
const SINKS: readonly (readonly [string, MemoryStoreOptions])[] = [
  ['that is silent, as S3 is', { capabilities: { assignsModifyTime: true, listsMetadata: false }, hidesHashes: true }],
  [
    'whose parts come in order, as with Google',
    { capabilities: { assignsModifyTime: true }, rules: { isSequential: true } },
  ],
];

async function plant(store: ObjectStore, sizes: Readonly<Record<string, number>>): Promise<void> {
  for (const [key, sizeBytes] of Object.entries(sizes)) {
    await store.write(key, bodyOf(randomBytes(sizeBytes)), { modifyTimeMs: 1.6e12, signal: never });
  }
}

/** A whole operation: its counters. */
async function transfer(options: BetweenStores) {
  const operation = new FakeOperation();
  await runBetween(options, operation.attempt(1n).context);
  return operation.state.progress?.counters ?? {};
}

function expectInvariants(seen: readonly TransferProgress[]): void {
  let before: TransferProgress['counters'] = {};
  for (const { counters } of seen) {
    for (const name of COUNTER_NAMES) expect(counters[name] ?? 0).toBeGreaterThanOrEqual(before[name] ?? 0);
    before = counters;
  }
}

const SIZES = { a: 10, 'b/1': 0, 'b/2': 3000, 'b/large': 300_000, c: 5, d: 700, e: 9, 'f-large': 100_000, g: 1, h: 2 };
const COUNT = Object.keys(SIZES).length;
const SIZE_BYTES = Object.values(SIZES).reduce((sum, size) => sum + size, 0);
const ALL_COPIED = {
  objectsFoundFromSource: COUNT,
  objectsCopiedToSink: COUNT,
  bytesFoundFromSource: SIZE_BYTES,
  bytesCopiedToSink: SIZE_BYTES,
};

describe.each(SINKS)('into a store %s', (_, options) => {
  test('everything is copied, and the next run copies nothing', async () => {
    const [source, sink] = [new MemoryStore(), new MemoryStore(options)];
    await plant(source, SIZES);
    expect(await transfer({ source, sink })).toEqual(ALL_COPIED);
    expect(await contentOf(sink)).toEqual(await contentOf(source));
    expect(await transfer({ source, sink })).toEqual({
      objectsFromSourceSkippedBySync: COUNT,
      bytesFromSourceSkippedBySync: SIZE_BYTES,
    });
  });

  test('what differs is replaced, also where only the etag of the source says that it does', async () => {
    const [source, sink] = [new MemoryStore({ hidesHashes: true }), new MemoryStore(options)];
    await plant(source, SIZES);
    await transfer({ source, sink });
    await plant(source, { a: 11, 'b/2': 3000, 'f-large': 100_000 });
    expect(await transfer({ source, sink })).toMatchObject({ objectsCopiedToSink: 3 });
    expect(await contentOf(sink)).toEqual(await contentOf(source));
  });

  test.each(['before', 'behind'])(
    'death just %s any call leaves whole objects, and the next attempt ends with exact counters',
    async (when) => {
      for (let callNumber = 1; ; callNumber += 1) {
        const [source, sink] = [new MemoryStore({ hidesHashes: true }), new MemoryStore(options)];
        await plant(source, SIZES);
        const operation = new FakeOperation();
        const death = new Death(callNumber, when === 'behind');
        const first = runBetween({ source, sink: death.store(sink) }, death.attempt(operation.attempt(1n)));
        const outcome = await Promise.race([first, death.died.promise]);
        const there = await contentOf(sink);
        const wanted = await contentOf(source);
        for (const [key, content] of there) expect([key, content]).toEqual([key, wanted.get(key)]);
        if (outcome === 'done') {
          expect(callNumber).toBeGreaterThan(30);
          return;
        }
        expect(await runBetween({ source, sink }, operation.attempt(2n).context)).toBe('done');
        expect([callNumber, operation.state.progress?.counters]).toEqual([callNumber, ALL_COPIED]);
        expectInvariants(operation.seen);
        expect(await contentOf(sink)).toEqual(wanted);
        expect([callNumber, await uploadKeysOf(sink)]).toEqual([callNumber, []]);
        expect(operation.state.entries.size).toBe(0);
      }
    },
    120_000,
  );

  test('a cancel at any call leaves no upload, and counters that say what the sink holds', async () => {
    for (let callNumber = 1; ; callNumber += 1) {
      const [source, sink] = [new MemoryStore({ hidesHashes: true }), new MemoryStore(options)];
      await plant(source, SIZES);
      const operation = new FakeOperation();
      const attempt = operation.attempt(1n);
      const outcome = await runBetween(
        { source, sink: interruptingAt(callNumber, sink, () => attempt.interrupt()) },
        attempt.context,
      ).catch((error: unknown) => error);
      if (outcome === 'done') {
        expect(callNumber).toBeGreaterThan(15);
        return;
      }
      expect(outcome).toMatchObject({ name: 'Interrupted', kind: 'user' });
      const there = await contentOf(sink);
      expect([callNumber, operation.state.progress?.counters.objectsCopiedToSink ?? 0]).toEqual([
        callNumber,
        there.size,
      ]);
      expect([callNumber, await uploadKeysOf(sink)]).toEqual([callNumber, []]);
      expect(operation.state.entries.size).toBe(0);
      expectInvariants(operation.seen);
      const { objectsCopiedToSink = 0 } = await transfer({ source, sink });
      expect(objectsCopiedToSink).toBe(COUNT - there.size);
    }
  });

  test('pauses at any call keep what is staged, and the rest goes on from there', async () => {
    let partCount = 0;
    for (let callNumber = 1; ; callNumber += 1) {
      const [source, sink] = [new MemoryStore({ hidesHashes: true }), new MemoryStore(options)];
      await plant(source, SIZES);
      const operation = new FakeOperation();
      const attempt = operation.attempt(1n);
      const paused = await runBetween(
        { source, sink: interruptingAt(callNumber, sink, () => attempt.suspend()) },
        attempt.context,
      );
      partCount += operation.state.checkpoint?.pending.flatMap(({ parts = [] }) => parts).length ?? 0;
      if (paused === 'suspended')
        expect(await runBetween({ source, sink }, operation.attempt(2n).context)).toBe('done');
      expect([callNumber, operation.state.progress?.counters]).toEqual([callNumber, ALL_COPIED]);
      expect(await contentOf(sink)).toEqual(await contentOf(source));
      expect([callNumber, await uploadKeysOf(sink)]).toEqual([callNumber, []]);
      if (paused === 'done' && callNumber > 40) break;
    }
    expect(partCount).toBeGreaterThan(0);
  });
});

test('with ALWAYS a death between write and commit copies an equal object once more, and counts it once', async () => {
  for (let callNumber = 1; ; callNumber += 1) {
    const [source, sink] = [new MemoryStore(), new MemoryStore()];
    await plant(source, SIZES);
    await transfer({ source, sink });
    const operation = new FakeOperation();
    const death = new Death(callNumber, true);
    const first = runBetween(
      { source: wrappedStore(source), sink: death.store(sink), overwriteWhen: 'ALWAYS' },
      death.attempt(operation.attempt(1n)),
    );
    if ((await Promise.race([first, death.died.promise])) === 'done') break;
    await runBetween({ source, sink, overwriteWhen: 'ALWAYS' }, operation.attempt(2n).context);
    expect([callNumber, operation.state.progress?.counters]).toEqual([callNumber, ALL_COPIED]);
  }
});

// TRANSFER §2.5: sink deletion of a key happens only when the source listing that covers it completed without error.
test('what the sink has below a directory that cannot be listed stays, and what it has beside it goes', async () => {
  const [inner, sink] = [new MemoryStore(), new MemoryStore()];
  await plant(inner, { a: 1, z: 1 });
  await plant(sink, { 'd/x': 1, 'd/y/z': 1, d0: 1, e: 1 });
  const cause = { code: Code.PERMISSION_DENIED, detail: 'd/: permission denied' };
  const failed: ListNote = { kind: 'directory-failed', key: 'd/', cause };
  const source = wrappedStore(inner, {
    async *list(prefix, options) {
      for await (const page of inner.list(prefix, options)) yield withNotes(page, [failed]);
    },
  });
  const operation = new FakeOperation();
  const running = runBetween({ source, sink, deletes: 'unique-in-sink' }, operation.attempt(1n).context);
  await expect(running).rejects.toMatchObject({ code: Code.PERMISSION_DENIED });
  expect([...(await contentOf(sink)).keys()]).toEqual(['a', 'd/x', 'd/y/z', 'z']);
  expect(operation.state.progress?.counters).toMatchObject({
    objectsDeletedFromSink: 2,
    directoriesFailedToListFromSource: 1,
  });
});

test('an object that somebody else writes at the sink meanwhile is left alone, and fails', async () => {
  const [source, sink] = [new MemoryStore(), new MemoryStore()];
  await plant(source, { a: 10, b: 20 });
  const meddling = wrappedStore(sink, {
    write: async (key, body, options) => {
      if (key === 'b') await plant(sink, { b: 7 });
      return sink.write(key, body, options);
    },
  });
  const operation = new FakeOperation();
  const error: unknown = await runBetween(
    { source: wrappedStore(source), sink: meddling },
    operation.attempt(1n).context,
  ).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ info: { reason: 'TRANSFER_OBJECTS_FAILED' } });
  expect(operation.state.progress).toMatchObject({
    counters: { objectsCopiedToSink: 1, objectsFromSourceFailed: 1 },
    errorBreakdowns: [{ code: 9, samples: [{ url: 's3://source/b' }] }],
  });
  expect((await sink.stat('b', never))?.sizeBytes).toBe(7);
});

test('a write whose answer was lost counts as copied when it is tried again', async () => {
  const [source, sink] = [new MemoryStore(), new MemoryStore()];
  await plant(source, { a: 10 });
  const twice = wrappedStore(sink, {
    write: async (key, body, options) => {
      await sink.write(key, body, options);
      return sink.write(key, bodyOf(randomBytes(0)), { ...options, sizeBytes: 0 });
    },
  });
  const operation = new FakeOperation();
  await runBetween({ source: wrappedStore(source), sink: twice }, operation.attempt(1n).context);
  expect(operation.state.progress?.counters).toMatchObject({ objectsCopiedToSink: 1 });
});

test('a write that failed for a passing reason is begun anew, as often as the limits say', async () => {
  const [source, sink] = [new MemoryStore(), new MemoryStore()];
  await plant(source, { a: 10, b: 5 });
  const failureCounts = new Map([
    ['a', 2],
    ['b', 3],
  ]);
  const unsteady = wrappedStore(sink, {
    write: async (key, body, options) => {
      const left = failureCounts.get(key) ?? 0;
      failureCounts.set(key, left - 1);
      for await (const chunk of body) expect(chunk.length).toBeGreaterThan(0);
      if (left > 0) throw new StatusError(Code.UNAVAILABLE, `${key}: no answer`, { reason: 'TEST' });
      return sink.write(key, source.read(key, { signal: never }), options);
    },
  });
  const operation = new FakeOperation();
  await runBetween({ source: wrappedStore(source), sink: unsteady }, operation.attempt(1n).context).catch(
    () => undefined,
  );
  expect(operation.state.progress).toMatchObject({
    counters: { objectsCopiedToSink: 1, objectsFromSourceFailed: 1 },
    errorBreakdowns: [{ code: Code.UNAVAILABLE, samples: [{ url: 's3://source/b' }] }],
  });
});

test("what a store wrote to find out about its server is the janitor's, once the attempt that wrote it has died", async () => {
  const [source, sink] = [new MemoryStore(), new MemoryStore()];
  await plant(source, SIZES);
  const operation = new FakeOperation();
  const probing = { source, sink, announces: ['.~stx-probe/a'] };
  const death = new Death(2, false);
  const first = runBetween({ ...probing, sink: death.store(sink) }, death.attempt(operation.attempt(1n)));
  expect(await Promise.race([first, death.died.promise])).toBe('died');
  expect(await runBetween(probing, operation.attempt(2n).context)).toBe('done');
  const left = [...operation.state.entries.values()].map(decodeStagedKeysEntry);
  expect(left).toEqual([{ sinkRoot: 'gs://sink', keys: ['.~stx-probe/a'] }]);
  expect([...operation.state.entries.keys()][0]).toMatch(/^1-/);
});

test.each(['source', 'sink'] as const)(
  'credentials that expire at the %s on the way end the transfer, which has counted what it copied, and a next one goes on',
  async (side) => {
    const [source, sink] = [new MemoryStore({ hidesHashes: true }), new MemoryStore()];
    await plant(source, SIZES);
    let callCount = 0;
    const expired = <Result>(call: () => Result): Result => {
      if ((callCount += 1) <= 5) return call();
      throw new StatusError(Code.UNAUTHENTICATED, 'the token has expired', { reason: 'CREDENTIALS_REFUSED' });
    };
    const expiring =
      side === 'source'
        ? { source: wrappedStore(source, { read: (key, options) => expired(() => source.read(key, options)) }), sink }
        : {
            source: wrappedStore(source),
            sink: wrappedStore(sink, {
              write: async (key, body, options) => expired(() => sink.write(key, body, options)),
            }),
          };
    const operation = new FakeOperation();
    const error: unknown = await runBetween(expiring, operation.attempt(1n).context).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: Code.UNAUTHENTICATED, info: { reason: 'TRANSFER_CANNOT_CONTINUE' } });
    const { objectsCopiedToSink = 0, objectsFromSourceFailed = 0 } = operation.state.progress?.counters ?? {};
    expect(objectsCopiedToSink).toBe((await contentOf(sink)).size);
    expect(objectsCopiedToSink).toBeGreaterThan(0);
    expect(objectsCopiedToSink + objectsFromSourceFailed).toBeLessThan(COUNT);
    expect(await uploadKeysOf(sink)).toEqual([]);
    expect(await transfer({ source, sink })).toMatchObject({ objectsCopiedToSink: COUNT - objectsCopiedToSink });
  },
);

describe.each(SINKS)('deletes with a sink %s', (_, options) => {
  /** Four objects that both have, two that the source has, and five that only the sink has. */
  async function plantBoth(): Promise<{ readonly source: MemoryStore; readonly sink: MemoryStore }> {
    const [source, sink] = [new MemoryStore({ hidesHashes: true }), new MemoryStore(options)];
    await plant(source, { b: 5, 'd/1': 6, 'd/2': 7, f: 8 });
    await transfer({ source, sink });
    await plant(source, { c: 9, 'z-large': 100_000 });
    await plant(sink, { a: 1, 'd/0': 2, 'd/3': 3, e: 4, zz: 5 });
    return { source, sink };
  }

  const UNIQUE = {
    objectsFoundOnlyFromSink: 5,
    bytesFoundOnlyFromSink: 15,
    objectsDeletedFromSink: 5,
    bytesDeletedFromSink: 15,
  };
  const REMOVED = { objectsDeletedFromSource: 6, bytesDeletedFromSource: 100_035 };

  test.each([
    ['unique-in-sink', UNIQUE],
    ['from-source', REMOVED],
  ] as const)('%s: what is to go goes, and is counted', async (deletes, expected) => {
    const { source, sink } = await plantBoth();
    const wanted = await contentOf(source);
    const counters = await transfer({ source, sink, deletes });
    expect(counters).toMatchObject({ ...expected, objectsCopiedToSink: 2, objectsFromSourceSkippedBySync: 4 });
    if (deletes === 'unique-in-sink') expect(await contentOf(sink)).toEqual(wanted);
    else expect(await contentOf(source)).toEqual(new Map());
    for (const [key, content] of wanted) expect((await contentOf(sink)).get(key)).toBe(content);
  });

  test.each([
    ['unique-in-sink', 'before', UNIQUE],
    ['unique-in-sink', 'behind', UNIQUE],
    ['from-source', 'before', REMOVED],
    ['from-source', 'behind', REMOVED],
  ] as const)(
    '%s: death just %s any call loses nothing, and each delete counts once',
    async (deletes, when, expected) => {
      for (let callNumber = 1; ; callNumber += 1) {
        const { source, sink } = await plantBoth();
        const wanted = await contentOf(source);
        const operation = new FakeOperation();
        const death = new Death(callNumber, when === 'behind');
        const stores = { source: death.store(source), sink: death.store(sink), deletes };
        const first = runBetween(stores, death.attempt(operation.attempt(1n)));
        const outcome = await Promise.race([first, death.died.promise]);
        // Whatever has left the source is at the sink, whole.
        const [left, there] = [await contentOf(source), await contentOf(sink)];
        for (const [key, content] of wanted) {
          expect([key, left.get(key) ?? there.get(key)]).toEqual([key, content]);
        }
        if (outcome === 'done') {
          expect(callNumber).toBeGreaterThan(15);
          return;
        }
        expect(await runBetween({ source, sink, deletes }, operation.attempt(2n).context)).toBe('done');
        expect([callNumber, operation.state.progress?.counters]).toMatchObject([callNumber, expected]);
        expectInvariants(operation.seen);
        expect(operation.state.entries.size).toBe(0);
      }
    },
    120_000,
  );

  test.each(['unique-in-sink', 'from-source'] as const)(
    '%s: a cancel at any call counts exactly what has gone',
    async (deletes) => {
      for (let callNumber = 1; ; callNumber += 1) {
        const { source, sink } = await plantBoth();
        const before = { source: (await contentOf(source)).size, sink: (await contentOf(sink)).size };
        const operation = new FakeOperation();
        const attempt = operation.attempt(1n);
        const interrupt = (): void => attempt.interrupt();
        const stores = {
          source: interruptingAt(callNumber, source, interrupt),
          sink: interruptingAt(callNumber, sink, interrupt),
        };
        const outcome = await runBetween({ ...stores, deletes }, attempt.context).catch((error: unknown) => error);
        if (outcome === 'done') {
          expect(callNumber).toBeGreaterThan(5);
          return;
        }
        const {
          objectsDeletedFromSource = 0,
          objectsDeletedFromSink = 0,
          objectsCopiedToSink = 0,
        } = operation.state.progress?.counters ?? {};
        const after = { source: (await contentOf(source)).size, sink: (await contentOf(sink)).size };
        expect([callNumber, after]).toEqual([
          callNumber,
          {
            source: before.source - objectsDeletedFromSource,
            sink: before.sink - objectsDeletedFromSink + objectsCopiedToSink,
          },
        ]);
        expect(operation.state.entries.size).toBe(0);
      }
    },
    120_000,
  );
});

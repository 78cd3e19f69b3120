import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { JournalEntry } from '../../src/operations/journal.ts';
import { StagingJanitor } from '../../src/transfers/staging-janitor.ts';
import { OperationsFixture } from '../operations/operations-fixture.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const LIMITS = { intervalMs: 60_000, delayMs: 500, entryCountMax: 2, roundMaxMs: 60_000, failedCountMax: 100 };

let fixture: OperationsFixture;
let cleaned: string[];
let keep: Set<string>;
let stop: AbortController;
let janitor: StagingJanitor;

beforeEach(() => {
  fixture = new OperationsFixture();
  cleaned = [];
  keep = new Set();
  stop = new AbortController();
  janitor = new StagingJanitor({
    journal: fixture.database.journal,
    changes: (signal) => fixture.database.operations.changes(signal),
    clean: (entries: readonly JournalEntry[]) => {
      const gone = entries.filter(({ id }) => !keep.has(id));
      cleaned.push(...gone.map(({ id }) => id));
      return Promise.resolve(gone);
    },
    clock: fixture.clock,
    logger: new RecordingLogger(),
    limits: LIMITS,
  });
});

afterEach(() => {
  stop.abort();
});

async function leave(name: string, ...ids: string[]): Promise<void> {
  const lease = await fixture.createRunning(name);
  for (const id of ids) await fixture.leases.beginJournal(lease, { id, value: new Uint8Array([1]) });
  await fixture.operations.cancel(name, { reason: 'user', actor: '' });
  await fixture.leases.revoke(lease);
}

test('what ended operations left is removed at the start, however much it is', async () => {
  await leave('operations/1', 'a', 'b', 'c');
  void janitor.run(stop.signal);
  await fixture.settle();
  expect(cleaned).toEqual(['a', 'b', 'c']);
  expect(await fixture.database.journal.open('operations/1')).toEqual([]);
});

test('the end of an operation brings a round soon after it', async () => {
  void janitor.run(stop.signal);
  await fixture.clock.advance(1000);
  await leave('operations/1', 'a');
  await fixture.clock.advance(LIMITS.delayMs);
  expect(cleaned).toEqual(['a']);
});

test('what cannot be removed does not keep the rest from being removed', async () => {
  for (const id of ['a', 'b', 'c']) keep.add(id);
  await leave('operations/1', 'a', 'b', 'c');
  await leave('operations/2', 'd', 'e');
  void janitor.run(stop.signal);
  await fixture.settle();
  expect(cleaned).toEqual(['d', 'e']);
});

test('work that runs keeps its entries', async () => {
  const lease = await fixture.createRunning('operations/1');
  await fixture.leases.beginJournal(lease, { id: 'a', value: new Uint8Array([1]) });
  expect(await janitor.sweep()).toBe(0);
  expect(cleaned).toEqual([]);
});

test('what could not be removed is tried again later', async () => {
  keep.add('a');
  await leave('operations/1', 'a');
  void janitor.run(stop.signal);
  await fixture.settle();
  expect(cleaned).toEqual([]);
  keep.clear();
  await fixture.clock.advance(LIMITS.intervalMs + LIMITS.delayMs);
  expect(cleaned).toEqual(['a']);
});

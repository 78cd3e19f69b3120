import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Operation } from '../../src/operations/operation.ts';
import { heldOperation } from '../operations/sample-operation.ts';
import { openHarness, type SqliteHarness } from './sqlite-harness.ts';

const READS_MAX = 20;
const OWNER = { leaseDurationMs: 5_000, cancelGraceMs: 5_000, abandonAfterMs: 60_000 };

let harness: SqliteHarness;

beforeEach(async () => {
  harness = await openHarness({ queuedReadsMax: READS_MAX, expiryPageSize: 3 });
});

afterEach(() => harness.dispose());

const requeue = ({ session: _session, ...rest }: Operation): Operation => ({ ...rest, state: 'QUEUED' });

async function expired(limit = 100): Promise<readonly string[]> {
  return (await harness.database.operations.expireSessions(limit, requeue)).map(({ name }) => name);
}

/** Four sessions, of three operations each. */
async function insertHeld(): Promise<readonly string[]> {
  const names = Array.from({ length: 12 }, (_, index) => `o${String(index).padStart(2, '0')}`);
  for (const [index, name] of names.entries()) {
    await harness.database.operations.insert(heldOperation({ name, session: `s${String(Math.floor(index / 3))}` }));
  }
  return names;
}

/** Any further read of this turn is refused. */
function fillReadQueue(): readonly Promise<unknown>[] {
  return Array.from({ length: READS_MAX }, (_, index) => harness.database.operations.get(`none-${index}`));
}

test('an expiry asks the database for no session that is alive', async () => {
  await harness.database.operations.renewSessions(['s0', 's1', 's2', 's3'], 1_000);
  const names = await insertHeld();
  expect(await expired()).toEqual([]);
  const reads = fillReadQueue();
  expect(await expired()).toEqual([]);
  await Promise.all(reads);
  await harness.clock.advance(1_000);
  expect(await expired()).toEqual(names);
});

test('sessions of an earlier process are all found, however small the pages', async () => {
  const names = await insertHeld();
  await harness.reopen();
  expect(await expired(5)).toEqual(names.slice(0, 5));
  expect(await expired()).toEqual(names.slice(5));
});

test('a page of an expiry ends with its bytes too', async () => {
  const names = await insertHeld();
  await harness.reopen({ expiryPageBytes: 1 });
  expect(await expired()).toEqual(names);
});

test('what an earlier process left is found by the next expiry when the first one cannot read', async () => {
  const names = await insertHeld();
  await harness.reopen();
  const reads = fillReadQueue();
  await expect(expired()).rejects.toMatchObject({ info: { reason: 'READ_QUEUE_FULL' } });
  await Promise.all(reads);
  expect(await expired()).toEqual(names);
});

test('sessions that an expiry could not read are met by the next one', async () => {
  const names = await insertHeld();
  await harness.database.operations.renewSessions(['s0', 's1', 's2', 's3'], 1_000);
  await expired();
  await harness.clock.advance(1_000);
  const reads = fillReadQueue();
  await expect(expired()).rejects.toMatchObject({ info: { reason: 'READ_QUEUE_FULL' } });
  await Promise.all(reads);
  expect(await expired()).toEqual(names);
});

test('owners of an earlier process keep their leases, for as long as these last', async () => {
  await harness.database.operations.insert(heldOperation({ name: 'o1', session: 'owner/1', owner: OWNER }));
  await harness.reopen();
  expect(await expired()).toEqual([]);
  await harness.clock.advance(OWNER.leaseDurationMs - 1);
  expect(await expired()).toEqual([]);
  await harness.clock.advance(1);
  expect(await expired()).toEqual(['o1']);
});

test('an expiry asks the database for no owner whose operation has ended', async () => {
  const { operations } = harness.database;
  for (let index = 0; index < 9; index++) {
    const held = heldOperation({ name: `o${String(index)}`, session: `owner/${String(index)}`, owner: OWNER });
    await operations.insert(held);
    await operations.renewSessions([`owner/${String(index)}`], OWNER.leaseDurationMs);
    await operations.update(held.name, requeue);
  }
  expect(await expired()).toEqual([]);
  await harness.clock.advance(OWNER.leaseDurationMs);
  const reads = fillReadQueue();
  expect(await expired()).toEqual([]);
  await Promise.all(reads);
});

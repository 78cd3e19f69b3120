import { afterEach, expect, test } from '@jest/globals';
import type { ClaimQuery } from '../../src/operations/operation-repository.ts';
import type { Operation } from '../../src/operations/operation.ts';
import type { SqliteLimits } from '../../src/repositories/sqlite-limits.ts';
import { heldOperation, sampleOperation } from '../operations/sample-operation.ts';
import { openHarness, type SqliteHarness } from './sqlite-harness.ts';

const CLAIM: ClaimQuery = { kinds: ['test'], limit: 2, deathCountAlone: 3, alone: false };

let harness: SqliteHarness;

afterEach(() => harness.dispose());

async function open(count: number, limits: Partial<SqliteLimits>, make: typeof sampleOperation): Promise<void> {
  harness = await openHarness(limits);
  for (let index = 0; index < count; index++) {
    await harness.database.operations.insert(make({ name: `o${String(index).padStart(3, '0')}` }));
  }
}

/** Keeps the next read from being accepted, once the commit of this turn is on its way. */
function fillReadQueue(): void {
  queueMicrotask(() => {
    for (let index = 0; index < 5; index++) harness.database.operations.get(`none-${index}`).catch(() => undefined);
  });
}

const run = (it: Operation): Operation => ({ ...it, state: 'RUNNING', session: 's1' });
const requeue = ({ session: _session, ...rest }: Operation): Operation => ({ ...rest, state: 'QUEUED' });

test('a claim whose next read fails returns what it has changed', async () => {
  await open(4, { queuedReadsMax: 5 }, sampleOperation);
  const claimed = await harness.database.operations.claim(CLAIM, (it) => {
    fillReadQueue();
    return it.name === 'o000' ? run(it) : it;
  });
  expect(claimed.map(({ name }) => name)).toEqual(['o000']);
});

test('an expiry whose next read fails returns what it has changed', async () => {
  await open(4, { queuedReadsMax: 5, expiryPageSize: 2 }, heldOperation);
  const expired = await harness.database.operations.expireSessions(3, (it) => {
    fillReadQueue();
    return it.name === 'o000' ? requeue(it) : it;
  });
  expect(expired.map(({ name }) => name)).toEqual(['o000']);
});

test('a claim on a full disk ends with the first page that cannot be written', async () => {
  await open(60, { filePagesMax: 150 }, sampleOperation);
  let changeCount = 0;
  const claiming = harness.database.operations.claim(CLAIM, (it) => {
    changeCount++;
    return { ...run(it), encoded: new Uint8Array(4096 * 1024) };
  });
  await expect(claiming).rejects.toMatchObject({ info: { reason: 'STORAGE_FULL' } });
  expect(changeCount).toBe(CLAIM.limit);
});

test('an expiry on a full disk ends with the first page, and returns what fitted', async () => {
  await open(60, { filePagesMax: 150, expiryPageSize: 2 }, heldOperation);
  let changeCount = 0;
  const expired = await harness.database.operations.expireSessions(50, (it) => {
    changeCount++;
    return it.name === 'o000' ? requeue(it) : { ...requeue(it), encoded: new Uint8Array(4096 * 1024) };
  });
  expect(expired.map(({ name }) => name)).toEqual(['o000']);
  expect(changeCount).toBe(2);
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
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

describe('a claim with shares that looks at few collections at a time', () => {
  const share = { surface: 'longrunning', leasedCountMax: 1 };
  const full = Array.from({ length: 9 }, (_, index) => `m${String(index)}`);

  /** @returns what each of so many claims has claimed. */
  async function claimEach(count: number, query: Partial<ClaimQuery>): Promise<readonly (readonly string[])[]> {
    const claims: (readonly string[])[] = [];
    for (let index = 0; index < count; index++) {
      const claimed = await harness.database.operations.claim({ ...CLAIM, share, ...query }, run);
      claims.push(claimed.map(({ name }) => name));
    }
    return claims;
  }

  beforeEach(async () => {
    harness = await openHarness({ shareCollectionsMax: 4 });
    for (const collection of full) {
      await harness.database.operations.insert(heldOperation({ name: `${collection}-held`, collection }));
      await harness.database.operations.insert(sampleOperation({ name: `${collection}-queued`, collection }));
    }
  });

  test('reaches what is behind many that have their share, in its next turns', async () => {
    await harness.database.operations.insert(sampleOperation({ name: 'z1', collection: 'z' }));

    expect(await claimEach(3, { limit: 1 })).toEqual([[], [], ['z1']]);
  });

  test('reaches it though one before them has always room', async () => {
    for (let index = 0; index < 9; index++) {
      await harness.database.operations.insert(sampleOperation({ name: `a${String(index)}`, collection: 'a' }));
    }
    await harness.database.operations.insert(sampleOperation({ name: 'z1', collection: 'z' }));
    const end = (it: Operation): Operation => ({ ...it, state: 'SUCCEEDED' });

    const claims: string[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const claimed = (await claimEach(1, { limit: 2 })).flat();
      claims.push(...claimed);
      for (const name of claimed) await harness.database.operations.update(name, end);
    }

    expect(claims).toContain('z1');
  });
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

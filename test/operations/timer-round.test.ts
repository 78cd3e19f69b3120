import { beforeEach, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { Leases } from '../../src/operations/leases.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { openMemoryDatabase } from '../../src/repositories/memory-database.ts';
import { DEFAULT_WORKER_LIMITS } from '../../src/workers/limits.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { sampleOperation } from './sample-operation.ts';

let clock: FakeClock;
let database: ReturnType<typeof openMemoryDatabase>;
let logger: RecordingLogger;
let leases: Leases;
/** The operation of which nothing can be written. */
let damaged: string;

beforeEach(() => {
  clock = new FakeClock();
  database = openMemoryDatabase({ clock });
  logger = new RecordingLogger();
  damaged = 'operations/1-damaged';
  const backoff = { initialMs: 1_000, maxMs: 1_000 };
  const policy = {
    failureBackoff: backoff,
    deathBackoff: backoff,
    deathCountAlone: 3,
    deathCountMax: 9,
    random: () => 0,
  };
  leases = new Leases({ database, encode, policy, leaseDurationMs: 10_000 });
});

function encode({ name }: Operation): Uint8Array {
  if (name !== damaged) return new Uint8Array(0);
  const options = { reason: 'OPERATION_TOO_LARGE', metadata: { operation: name } };
  throw new StatusError(Code.RESOURCE_EXHAUSTED, 'too large', options);
}

const add = (name: string, changes: Partial<Operation>): Promise<unknown> =>
  database.operations.insert(sampleOperation({ name, ...changes }));

const stateOf = async (name: string): Promise<string | undefined> => (await database.operations.get(name))?.state;

/** One round. */
const sweep = (): Promise<void> => {
  const interrupter = { interrupt: () => undefined };
  return leases.runTimers({ interrupter, clock, logger, limits: DEFAULT_WORKER_LIMITS }, new AbortController().signal);
};

test('a cascade whose end cannot be written keeps nothing else from being done', async () => {
  await add(damaged, { state: 'CANCELLED', endTimeMs: 1, cascading: true, hasChildren: true });
  await add('operations/2', { parent: { name: damaged, createTimeMs: sampleOperation().createTimeMs } });
  await add('operations/3', { deadlineTimeMs: 1 });
  await sweep();
  expect(await stateOf('operations/2')).toBe('CANCELLED');
  expect(await stateOf('operations/3')).toBe('CANCELLED');
  expect(logger.ofLevel('error').map(({ fields }) => fields['operation'])).toEqual([damaged]);
});

test('a cascade changes no more children at once than their values have bytes', async () => {
  const root = { name: 'operations/1', createTimeMs: sampleOperation().createTimeMs };
  await add(root.name, { state: 'CANCELLED', endTimeMs: 1, cascading: true, hasChildren: true });
  const request = { typeUrl: 't', value: new Uint8Array(3 * 1024 * 1024) };
  for (let index = 2; index < 9; index++) await add(`operations/${index}`, { parent: root, request });
  const { operations } = database;
  const counts: number[] = [];
  const updateMany = operations.updateMany.bind(operations);
  operations.updateMany = (updates) => {
    counts.push(updates.length);
    return updateMany(updates);
  };
  await sweep();
  expect(counts).toEqual([3, 3, 1, 1]);
  expect(await stateOf('operations/8')).toBe('CANCELLED');
});

test('an operation of which nothing can be done is tried, and told of, ever less often', async () => {
  await add(damaged, { deadlineTimeMs: 1 });
  for (let round = 0; round < 3_600; round++) {
    await sweep();
    await clock.advance(500);
  }
  // In half an hour: after 1, 2, 4 … 256 seconds, and then every five minutes.
  expect(logger.ofLevel('error')).toHaveLength(14);
});

test('an operation that was left alone is done when its time has come, and others meanwhile', async () => {
  await add(damaged, { deadlineTimeMs: 1 });
  await sweep();
  const mended = damaged;
  damaged = '';
  await add('operations/2', { deadlineTimeMs: 1 });
  await sweep();
  expect(await stateOf('operations/2')).toBe('CANCELLED');
  expect(await stateOf(mended)).toBe('QUEUED');
  await clock.advance(1_000);
  await sweep();
  expect(await stateOf(mended)).toBe('CANCELLED');
});

test('what is wrong with the storage ends the round', async () => {
  await add('operations/2', { deadlineTimeMs: 1 });
  const error = new StatusError(Code.DATA_LOSS, 'damaged', { reason: 'STORAGE_CORRUPT', metadata: { path: 'file' } });
  database.operations.updateMany = (updates) =>
    Promise.resolve(updates.map(() => ({ status: 'rejected' as const, reason: error })));
  await expect(sweep()).rejects.toBe(error);
});

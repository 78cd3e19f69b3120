import { beforeEach, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { Leases } from '../../src/operations/leases.ts';
import type { Operation } from '../../src/operations/operation.ts';
import type { TimerLimits } from '../../src/operations/timer-round.ts';
import { requestCancel } from '../../src/operations/transitions.ts';
import { openMemoryDatabase } from '../../src/repositories/memory-database.ts';
import { DEFAULT_WORKER_LIMITS } from '../../src/workers/limits.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { sampleOperation } from './sample-operation.ts';

const CANCEL = { reason: 'user', actor: '' } as const;

let clock: FakeClock;
let database: ReturnType<typeof openMemoryDatabase>;
let logger: RecordingLogger;
let leases: Leases;
/** The operation of which nothing can be written. */
let damaged: string;
/** Why nothing can be written of it. */
let refusal: Error;

beforeEach(() => {
  clock = new FakeClock();
  database = openMemoryDatabase({ clock });
  logger = new RecordingLogger();
  damaged = 'operations/1-damaged';
  const options = { reason: 'OPERATION_TOO_LARGE', metadata: { operation: damaged } };
  refusal = new StatusError(Code.RESOURCE_EXHAUSTED, 'too large', options);
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
  throw refusal;
}

const add = (name: string, changes: Partial<Operation>): Promise<unknown> =>
  database.operations.insert(sampleOperation({ name, ...changes }));

const stateOf = async (name: string): Promise<string | undefined> => (await database.operations.get(name))?.state;

/** One round. */
const sweep = (changes: Partial<TimerLimits> = {}): Promise<void> => {
  const interrupter = { interrupt: () => undefined };
  const limits = { ...DEFAULT_WORKER_LIMITS, ...changes };
  return leases.runTimers({ interrupter, clock, logger, limits }, new AbortController().signal);
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

test('an operation whose message cannot be made, for whatever reason, keeps no other from its own timer', async () => {
  refusal = new TypeError('a presenter of somebody’s own failed');
  await add(damaged, { deadlineTimeMs: 1 });
  await add('operations/2', { deadlineTimeMs: 1 });
  await sweep({ timerCountMax: 1 });
  expect(await stateOf('operations/2')).toBe('CANCELLED');
  expect(logger.ofLevel('error').map(({ fields }) => fields['error'])).toEqual([refusal]);
});

test('a cancel is carried on until no child is left that could be asked to end', async () => {
  const parent = { name: 'operations/0', createTimeMs: sampleOperation().createTimeMs };
  await add(parent.name, { state: 'CANCELLED', endTimeMs: 1, cascading: true, hasChildren: true });
  for (const name of [damaged, 'operations/2']) await add(name, { parent });
  await sweep();
  expect(await stateOf('operations/2')).toBe('CANCELLED');
  const mended = damaged;
  damaged = '';
  await sweep();
  expect(await stateOf(mended)).toBe('QUEUED');
  await clock.advance(1_000);
  await sweep();
  expect(await stateOf(mended)).toBe('CANCELLED');
  expect(await database.operations.get(parent.name)).not.toHaveProperty('cascading');
});

test('the grace of a parent’s owner ends though a child cannot be asked to end yet', async () => {
  const parent = { name: 'operations/0', createTimeMs: sampleOperation().createTimeMs };
  const cancel = { ...CANCEL, requestTimeMs: 1, deliverTimeMs: clock.now() };
  const owner = { leaseDurationMs: 90_000, cancelGraceMs: 500, abandonAfterMs: 90_000 };
  const held = { owner, session: 's1', fence: 1n, cancel };
  await add(parent.name, { state: 'CANCELLING', ...held, cascading: true, hasChildren: true });
  await add(damaged, { parent });
  await sweep();
  await clock.advance(500);
  await sweep();
  expect(await stateOf(parent.name)).toBe('CANCELLED');
  expect(await database.operations.get(parent.name)).toMatchObject({ cascading: true });
});

test('a child that has gone before its cancel came is not waited for', async () => {
  const parent = { name: 'operations/0', createTimeMs: sampleOperation().createTimeMs };
  await add(parent.name, { state: 'CANCELLED', endTimeMs: 1, cascading: true, hasChildren: true });
  await add('operations/2', { parent });
  const { index, operations } = database;
  const children = index.children.bind(index);
  index.children = async (query) => {
    const found = await children(query);
    await operations.update('operations/2', (it, now) => ({ ...requestCancel(it, now, CANCEL), deleted: true }));
    return found;
  };
  await sweep();
  expect(await database.operations.get(parent.name)).not.toHaveProperty('cascading');
  expect(logger.ofLevel('error')).toEqual([]);
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

test('what is wrong with the storage ends the round once all that was written is known', async () => {
  const interrupted: string[] = [];
  await add('operations/2', { deadlineTimeMs: 1, state: 'RUNNING', session: 's1' });
  await add('operations/3', { deadlineTimeMs: 1, state: 'RUNNING', session: 's1' });
  const error = new StatusError(Code.UNAVAILABLE, 'no', { reason: 'STORAGE_UNAVAILABLE' });
  const updateMany = database.operations.updateMany.bind(database.operations);
  database.operations.updateMany = async (updates) => [
    { status: 'rejected', reason: error },
    ...(await updateMany(updates.slice(1))),
  ];
  const interrupter = { interrupt: ({ name }: Operation) => interrupted.push(name) };
  const parts = { interrupter, clock, logger, limits: DEFAULT_WORKER_LIMITS };
  await expect(leases.runTimers(parts, new AbortController().signal)).rejects.toBe(error);
  expect(interrupted).toEqual(['operations/3']);
});

test('what is wrong with the storage ends the round', async () => {
  await add('operations/2', { deadlineTimeMs: 1 });
  const error = new StatusError(Code.DATA_LOSS, 'damaged', { reason: 'STORAGE_CORRUPT', metadata: { path: 'file' } });
  database.operations.updateMany = (updates) =>
    Promise.resolve(updates.map(() => ({ status: 'rejected' as const, reason: error })));
  await expect(sweep()).rejects.toBe(error);
});

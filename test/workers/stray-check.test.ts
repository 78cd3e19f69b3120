import { expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { settle } from '../support/fake-clock.ts';
import { WorkerProcess } from './worker-process.ts';

const LOST = new StatusError(Code.UNAVAILABLE, 'the answer was lost', { reason: 'STORAGE_UNAVAILABLE' });

/** Workers whose first claim that takes something is carried out, and its answer lost. */
async function loseClaim(): Promise<WorkerProcess> {
  const workers = await new WorkerProcess().start();
  workers.database.faultAfter = async (method) => {
    if (method !== 'claim' || (await workers.get()).state !== 'RUNNING') return;
    workers.database.faultAfter = () => undefined;
    throw LOST;
  };
  await workers.create('operations/1');
  expect(await workers.get()).toMatchObject({ state: 'RUNNING', attemptCount: 1 });
  expect(workers.runCount()).toBe(0);
  return workers;
}

test('an operation whose claim lost its answer is run, at no cost', async () => {
  const workers = await loseClaim();
  await workers.clock.advance(1_000);
  expect(workers.runCount()).toBe(1);
  expect(await workers.get()).toMatchObject({ state: 'RUNNING', deathCount: 0, failureCount: 0 });
});

test('a cancel of an operation whose claim lost its answer ends it, confirmed', async () => {
  const workers = await loseClaim();
  await workers.cancel();
  await workers.clock.advance(1_000);
  expect(await workers.get()).toMatchObject({ state: 'CANCELLED', cancel: { stopConfirmed: true } });
  expect(workers.runCount()).toBe(0);
});

test('a drain gives back what a claim took whose answer was lost', async () => {
  const workers = await loseClaim();
  const drained = workers.dispatcher.drain(1_000);
  await settle();
  expect(await drained).toEqual({ ignoredBy: [] });
  expect((await workers.get()).state).toBe('QUEUED');
});

test('what is claimed and not yet launched is no stray, however long the answer takes', async () => {
  const workers = await new WorkerProcess().start();
  workers.database.faultAfter = (method) => (method === 'claim' ? workers.clock.sleep(6_000) : undefined);
  await workers.create('operations/1');
  await workers.clock.advance(20_000);
  expect(workers.runCount()).toBe(1);
  expect(await workers.get()).toMatchObject({ state: 'RUNNING', attemptCount: 1 });
});

test('what runs here is left alone, check after check', async () => {
  const workers = await new WorkerProcess().start();
  await workers.running('operations/1');
  await workers.clock.advance(60_000);
  expect(workers.database.countOf('held')).toBeGreaterThan(5);
  expect(await workers.get()).toMatchObject({ state: 'RUNNING', attemptCount: 1 });
});

test('a stray that cannot be handed back keeps no other work waiting', async () => {
  const workers = await loseClaim();
  workers.database.fault = (method) => (method === 'update' ? Promise.reject(new Error('refused')) : undefined);
  await workers.create('operations/2');
  await workers.clock.advance(2_000);
  expect(workers.runCount('operations/2')).toBe(1);
  workers.database.fault = () => undefined;
  await workers.clock.advance(5_000);
  expect(workers.runCount('operations/1')).toBe(1);
});

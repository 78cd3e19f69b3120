import { describe, expect, test } from '@jest/globals';
import { settle } from '../support/fake-clock.ts';
import { WorkerProcess } from './worker-process.ts';

describe('a run timeout', () => {
  const runTimeoutMs = 2_000;

  test('stops the attempt, and another one follows after a backoff', async () => {
    const workers = await new WorkerProcess().start();
    await workers.create('operations/1', { runTimeoutMs });
    await workers.clock.advance(1_999);
    expect(workers.run().context.signal.aborted).toBe(false);
    await workers.clock.advance(1);
    expect(workers.run().context.signal.reason).toMatchObject({ kind: 'run-timeout', graceMs: 10_000 });
    workers.run().stop();
    await settle();
    expect(await workers.get()).toMatchObject({ state: 'QUEUED', failureCount: 1 });
    await workers.clock.advance(2_000);
    expect(workers.runCount()).toBe(2);
  });

  test('of the last attempt fails the operation with DEADLINE_EXCEEDED', async () => {
    const workers = await new WorkerProcess().start();
    await workers.create('operations/1', { runTimeoutMs, attemptCountMax: 1 });
    await workers.clock.advance(2_000);
    workers.run().stop();
    await settle();
    expect(await workers.get()).toMatchObject({
      state: 'FAILED',
      result: { error: { code: 4, info: { reason: 'RUN_TIMEOUT', metadata: { runTimeoutMs: '2000' } } } },
    });
  });

  test('takes the operation from a handler that does not stop within the grace', async () => {
    const workers = await new WorkerProcess().start();
    await workers.create('operations/1', { runTimeoutMs, attemptCountMax: 1 });
    await workers.clock.advance(12_000);
    expect(await workers.get()).toMatchObject({ state: 'FAILED' });
  });

  test('lets work that ends in time alone', async () => {
    const workers = await new WorkerProcess().start();
    await workers.create('operations/1', { runTimeoutMs });
    workers.run().finish();
    await workers.clock.advance(30_000);
    expect(await workers.get()).toMatchObject({ state: 'SUCCEEDED', failureCount: 0 });
  });

  test('gives way to a cancel', async () => {
    const workers = await new WorkerProcess().start();
    await workers.create('operations/1', { runTimeoutMs });
    await workers.clock.advance(2_000);
    await workers.cancel();
    workers.run().stop();
    await settle();
    expect(await workers.get()).toMatchObject({ state: 'CANCELLED', cancel: { stopConfirmed: true } });
  });
});

describe('a deadline', () => {
  test('interrupts the work, and ends the operation when that has stopped', async () => {
    const workers = await new WorkerProcess().start();
    await workers.create('operations/1', { deadlineTimeMs: workers.clock.now() + 3_000 });
    await workers.clock.advance(2_900);
    expect(workers.run().context.signal.aborted).toBe(false);
    await workers.clock.advance(600);
    expect(workers.run().context.signal.reason).toMatchObject({ kind: 'deadline' });
    workers.run().stop();
    await settle();
    expect(await workers.get()).toMatchObject({
      state: 'CANCELLED',
      cancel: { reason: 'deadline', stopConfirmed: true },
      result: { error: { code: 4 } },
    });
  });

  test('that passed while no process ran is kept by the next one', async () => {
    const first = new WorkerProcess();
    await first.create('operations/1', { deadlineTimeMs: first.clock.now() + 3_000 });
    await first.clock.advance(10_000);
    const next = await first.die().start();
    await next.clock.advance(500);
    expect(await next.get()).toMatchObject({ state: 'CANCELLED', cancel: { reason: 'deadline' } });
  });
});

describe("a parent's cancel", () => {
  test('that a dead process has left half-way is finished by the next one', async () => {
    const first = new WorkerProcess();
    await first.create('operations/1', {}, (it) => ({ ...it, hasChildren: true }));
    const { name, createTimeMs } = await first.get();
    const parent = { name, createTimeMs };
    for (let index = 0; index < 250; index++) {
      await first.create(`operations/child-${index}`, { kind: 'none' }, (it) => ({ ...it, parent }));
    }
    let writes = 0;
    first.database.fault = (method) =>
      method === 'updateMany' && ++writes > 1 ? new Promise(() => undefined) : undefined;
    await first.start();
    await first.cancel();
    await first.clock.advance(2_000);
    const live = async (process: WorkerProcess) =>
      (await process.memory.index.children({ parent, states: ['QUEUED'], after: '', limit: 999 })).length;
    expect(await live(first)).toBe(150);
    const next = await first.die().start();
    await next.clock.advance(1_000);
    expect(await live(next)).toBe(0);
    expect((await next.get()).cascading).toBeUndefined();
  });
});

test('standard progress is stored beside what clients see, and its rate computed', async () => {
  const workers = await new WorkerProcess().start();
  const run = await workers.running();
  const metadata = { typeUrl: 't/any', value: new Uint8Array([1]) };
  run.context.reportProgress(metadata, { items: { done: 0, total: 40, totalComplete: true } });
  await workers.clock.advance(2_000);
  run.context.reportProgress(metadata, { items: { done: 20, total: 40, totalComplete: true } });
  await settle();
  expect(await workers.get()).toMatchObject({
    metadata,
    progress: { items: { done: 20, perSecond: 10 }, timeLeftMs: 2_000 },
  });
  await run.context.saveCheckpoint(metadata, undefined, { items: { done: 30 } });
  expect((await workers.get()).progress).toMatchObject({ items: { done: 30 } });
  run.context.reportProgress(metadata, { items: { done: 40 } });
  run.finish();
  await settle();
  expect((await workers.get()).progress).toMatchObject({ items: { done: 40 } });
});

import { describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import type { Fault } from '../support/failing-database.ts';
import { settle } from '../support/fake-clock.ts';
import { bytes } from './behaviours.ts';
import { WorkerProcess } from './worker-process.ts';

const DOWN: Fault = () =>
  Promise.reject(new StatusError(Code.UNAVAILABLE, 'the database is down', { reason: 'STORAGE_UNAVAILABLE' }));
const HANGS: Fault = () => new Promise(() => undefined);

describe('an attempt whose lease is lost', () => {
  test('is aborted by the write that is refused, and reports nothing', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    workers.database.losesHints = true;
    await workers.write('operations/1', (operation) => ({
      ...operation,
      fence: operation.fence + 1n,
      session: 'other',
    }));
    const taken = await workers.get();
    await expect(run.context.saveCheckpoint(bytes('x'))).rejects.toMatchObject({ info: { reason: 'STALE_FENCE' } });
    expect(run.context.signal.reason).toMatchObject({ kind: 'lease-lost' });
    run.finish();
    await settle();
    expect(await workers.get()).toEqual(taken);
  });

  test.each([
    [
      'progress',
      (run: ReturnType<WorkerProcess['run']>) => {
        run.context.reportProgress(bytes('x'));
      },
    ],
    [
      'the journal',
      (run: ReturnType<WorkerProcess['run']>) => {
        run.context.journal.begin({ id: 'a', value: new Uint8Array(1) }).catch(() => undefined);
      },
    ],
  ])('is aborted by a refused write of %s too', async (_what, write) => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    workers.database.losesHints = true;
    await workers.write('operations/1', (operation) => ({
      ...operation,
      fence: operation.fence + 1n,
      session: 'other',
    }));
    write(run);
    await settle();
    expect(run.context.signal.reason).toMatchObject({ kind: 'lease-lost' });
  });

  test('is found by the backstop within 5 s when it writes nothing', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    workers.database.losesHints = true;
    await workers.write('operations/1', (operation) => ({
      ...operation,
      fence: operation.fence + 1n,
      session: 'other',
    }));
    await workers.clock.advance(5_000);
    expect(run.context.signal.reason).toMatchObject({ kind: 'lease-lost' });
  });

  test('is aborted when its record has gone', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.write('operations/1', (operation) => ({ ...operation, deleted: true, state: 'CANCELLED' }));
    await workers.clock.advance(5_000);
    expect(run.context.signal.reason).toMatchObject({ kind: 'lease-lost' });
    run.stop();
    await settle();
    expect(workers.registry.held()).toEqual([]);
  });

  test('is not disturbed by a record of an earlier fence', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    const record = await workers.get();
    workers.registry.interrupt({ ...record, fence: record.fence - 1n, state: 'CANCELLING' });
    expect(run.context.signal.aborted).toBe(false);
  });
});

describe('a process whose database does not answer', () => {
  test.each([
    ['is down', DOWN],
    ['hangs', HANGS],
  ])('stops all work before its leases run out when it %s', async (_how, fault) => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.clock.advance(3_000);
    workers.database.fault = fault;
    await workers.clock.advance(8_999);
    expect(run.context.signal.aborted).toBe(false);
    expect(workers.dispatcher.health().sessionAlive).toBe(true);
    await workers.clock.advance(1);
    expect(run.context.signal.reason).toMatchObject({ kind: 'lease-lost', graceMs: 1_000 });
    expect(workers.dispatcher.health().sessionAlive).toBe(false);
  });

  test('counts a lease from when its renewal was sent, not from its late answer', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    workers.database.faultAfter = (method) => (method === 'renewSessions' ? workers.clock.sleep(2_000) : undefined);
    await workers.clock.advance(5_500);
    workers.database.fault = DOWN;
    await workers.clock.advance(6_499);
    expect(run.context.signal.aborted).toBe(false);
    await workers.clock.advance(1);
    expect(run.context.signal.aborted).toBe(true);
  });

  test('goes on under another session when the database is back, and the work is done', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    const { session } = await workers.get();
    workers.database.fault = DOWN;
    await workers.clock.advance(20_000);
    run.stop();
    workers.database.fault = () => undefined;
    await workers.clock.advance(5_000);
    const again = await workers.get();
    expect(again).toMatchObject({ state: 'RUNNING', deathCount: 1, failureCount: 0 });
    expect(again.session).not.toBe(session);
    workers.run().finish();
    await settle();
    expect((await workers.get()).state).toBe('SUCCEEDED');
  });

  test('goes on when a renewal hung and was never answered', async () => {
    const workers = await new WorkerProcess().start();
    workers.database.fault = (method) => (method === 'renewSessions' ? HANGS(method) : undefined);
    await workers.clock.advance(10_000);
    workers.database.fault = () => undefined;
    await workers.clock.advance(15_000);
    expect(workers.dispatcher.health().sessionAlive).toBe(true);
    await workers.running();
  });

  test('survives a short outage without a trace', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    workers.database.fault = DOWN;
    run.context.reportProgress(bytes('during'));
    const saved = run.context.saveCheckpoint(bytes('during'));
    await workers.clock.advance(5_000);
    workers.database.fault = () => undefined;
    await workers.clock.advance(2_000);
    await saved;
    run.finish();
    await settle();
    expect(await workers.get()).toMatchObject({ state: 'SUCCEEDED', attemptCount: 1, deathCount: 0 });
  });

  test('does not say that a stop is confirmed while its own handler goes on', async () => {
    const workers = await new WorkerProcess().start();
    await workers.running();
    workers.database.fault = DOWN;
    await workers.write('operations/1', (operation, now) => ({
      ...operation,
      state: 'CANCELLING',
      cancel: { reason: 'user', actor: '', requestTimeMs: now },
    }));
    await workers.clock.advance(15_000);
    workers.database.fault = () => undefined;
    await workers.clock.advance(2_000);
    expect(await workers.get()).toMatchObject({ state: 'CANCELLED', cancel: { stopConfirmed: false } });
  });

  test('does not start an operation again while an earlier handler of it goes on here', async () => {
    const workers = await new WorkerProcess().start();
    const first = await workers.running();
    workers.database.fault = DOWN;
    await workers.clock.advance(20_000);
    workers.database.fault = () => undefined;
    await workers.clock.advance(5_000);
    expect((await workers.get()).attemptCount).toBe(2);
    expect(workers.runCount()).toBe(1);
    first.stop();
    await settle();
    expect(workers.runCount()).toBe(2);
  });

  test('can still cancel an operation that waits for an earlier handler', async () => {
    const workers = await new WorkerProcess().start();
    await workers.running();
    workers.database.fault = DOWN;
    await workers.clock.advance(20_000);
    workers.database.fault = () => undefined;
    await workers.clock.advance(5_000);
    await workers.cancel();
    expect((await workers.get()).state).toBe('CANCELLED');
  });

  test('keeps all of its loops alive', async () => {
    const workers = await new WorkerProcess().start();
    workers.database.fault = DOWN;
    await workers.clock.advance(300_000);
    for (const { intervalMs, sinceTurnMs, inRound } of workers.dispatcher.health().loops) {
      expect(inRound || sinceTurnMs <= 3 * intervalMs).toBe(true);
    }
    workers.database.fault = () => undefined;
    await workers.clock.advance(5_000);
    await workers.running();
    expect(workers.dispatcher.health().loops.every(({ failureCount }) => failureCount === 0)).toBe(true);
  });
});

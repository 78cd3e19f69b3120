import { describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { recordDamaged } from '../../src/repositories/repository-errors.ts';
import { settle } from '../support/fake-clock.ts';
import { bytes } from './behaviours.ts';
import { WorkerProcess } from './worker-process.ts';

describe('a cancel', () => {
  test('of running work aborts its signal at once, and ends it CANCELLED when it has stopped', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.cancel();
    expect(run.context.signal.reason).toMatchObject({ name: 'Interrupted', kind: 'user', graceMs: 10_000 });
    expect(await workers.get()).toMatchObject({ state: 'CANCELLING' });

    run.stop();
    await settle();
    expect(await workers.get()).toMatchObject({
      state: 'CANCELLED',
      result: { error: { code: Code.CANCELLED } },
      cancel: { stopConfirmed: true },
    });
  });

  test('records when it was delivered, acknowledged and done', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    const requestTimeMs = workers.clock.now();
    await workers.cancel();
    await workers.clock.advance(5);
    run.context.acknowledge();
    await workers.clock.advance(7);
    run.stop();
    await settle();
    expect((await workers.get()).cancel).toMatchObject({
      requestTimeMs,
      deliverTimeMs: requestTimeMs,
      acknowledgeTimeMs: requestTimeMs + 5,
      stopTimeMs: requestTimeMs + 12,
    });
  });

  test('before the claim ends the operation without an attempt', async () => {
    const workers = new WorkerProcess();
    await workers.create('operations/1');
    await workers.cancel();
    await workers.start();
    await workers.clock.advance(5_000);
    expect(await workers.get()).toMatchObject({ state: 'CANCELLED', attemptCount: 0 });
    expect(workers.runs).toEqual([]);
  });

  test('between the claim and the start ends the operation without starting its handler', async () => {
    const workers = await new WorkerProcess().start();
    workers.database.losesHints = true;
    // The attempt is registered and about to re-read: the last instant before the handler would start.
    workers.database.fault = (method) => (method === 'getMany' ? workers.cancel() : undefined);
    await workers.create('operations/1');
    await workers.clock.advance(1_000);
    await settle();
    await settle();
    expect(await workers.get()).toMatchObject({ state: 'CANCELLED', attemptCount: 1, cancel: { stopConfirmed: true } });
    expect(workers.runs).toEqual([]);
  });

  test('that told nobody is found though the record of another attempt is damaged, which goes on', async () => {
    const workers = await new WorkerProcess().start();
    const damaged = await workers.running('operations/1');
    const other = await workers.running('operations/2');
    workers.database.losesHints = true;
    workers.database.operations.getMany = (names, tell) => {
      if (names.includes('operations/1')) tell?.('operations/1', recordDamaged('operations/1', undefined));
      return workers.memory.operations.getMany(names.filter((name) => name !== 'operations/1'));
    };
    await workers.write('operations/2', (operation, now) => ({
      ...operation,
      state: 'CANCELLING',
      cancel: { reason: 'user', actor: '', requestTimeMs: now },
    }));
    await workers.clock.advance(5_000);
    expect([damaged, other].map(({ context }) => context.signal.aborted)).toEqual([false, true]);
  });

  test('that committed before the re-read and told nobody is seen by the re-read', async () => {
    const workers = await new WorkerProcess().start();
    workers.database.losesHints = true;
    workers.database.faultAfter = async (method) => {
      if (method !== 'claim' || (await workers.memory.operations.get('operations/1'))?.state !== 'RUNNING') return;
      await workers.write('operations/1', (operation, now) => ({
        ...operation,
        state: 'CANCELLING',
        cancel: { reason: 'admin', actor: '', requestTimeMs: now },
      }));
    };
    await workers.create('operations/1');
    await workers.clock.advance(1_000);
    expect(await workers.get()).toMatchObject({ state: 'CANCELLED', attemptCount: 1 });
    expect(workers.runs).toEqual([]);
  });

  test('asked for twice is delivered once, and keeps the first request', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.cancel();
    const reason: unknown = run.context.signal.reason;
    const first = workers.clock.now();
    await workers.clock.advance(50);
    await workers.cancel('operations/1', 'admin');
    expect(run.context.signal.reason).toBe(reason);
    run.stop();
    await settle();
    expect((await workers.get()).cancel).toMatchObject({ reason: 'user', requestTimeMs: first, deliverTimeMs: first });
  });

  test('that comes too late shows the success', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.cancel();
    run.finish(bytes('whole'));
    await settle();
    expect(await workers.get()).toMatchObject({ state: 'SUCCEEDED', result: { response: bytes('whole') } });
  });

  test('is not what a failure meanwhile is shown as', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.cancel();
    run.fail(new StatusError(Code.UNAVAILABLE, 'the sink went away', { reason: 'SINK_GONE' }));
    await settle();
    expect(await workers.get()).toMatchObject({
      state: 'FAILED',
      result: { error: { code: Code.UNAVAILABLE, message: 'the sink went away' } },
    });
  });

  test('of work that is being paused cancels it', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.pause();
    await workers.cancel();
    expect(run.context.signal.aborted).toBe(true);
    run.suspend();
    await settle();
    expect((await workers.get()).state).toBe('CANCELLED');
  });

  test('whose every hint was lost is found within 5 s', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    workers.database.losesHints = true;
    await workers.write('operations/1', (operation, now) => ({
      ...operation,
      state: 'CANCELLING',
      cancel: { reason: 'user', actor: '', requestTimeMs: now },
    }));
    expect(run.context.signal.aborted).toBe(false);
    await workers.clock.advance(5_000);
    expect(run.context.signal.aborted).toBe(true);
  });

  test('that was committed elsewhere is found by its hint', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.write('operations/1', (operation, now) => ({
      ...operation,
      state: 'CANCELLING',
      cancel: { reason: 'user', actor: '', requestTimeMs: now },
    }));
    expect(run.context.signal.aborted).toBe(true);
  });
});

describe('work that ignores its cancel', () => {
  test('loses the operation when the grace is over, its stop not confirmed', async () => {
    const workers = await new WorkerProcess().start();
    await workers.running();
    await workers.cancel();
    await workers.clock.advance(9_999);
    expect((await workers.get()).state).toBe('CANCELLING');
    await workers.clock.advance(1);
    expect(await workers.get()).toMatchObject({ state: 'CANCELLED', cancel: { stopConfirmed: false } });
    expect((await workers.get()).cancel).not.toHaveProperty('stopTimeMs');
  });

  test('has every later write and its late result refused', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.cancel();
    await workers.clock.advance(10_000);
    const ended = await workers.get();
    await expect(run.context.saveCheckpoint(bytes('late'))).rejects.toMatchObject({ info: { reason: 'STALE_FENCE' } });
    run.context.reportProgress(bytes('late'));
    run.finish();
    await workers.clock.advance(2_000);
    expect(await workers.get()).toEqual(ended);
  });

  test('holds nothing any more once it was given up on, though nobody is told', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.cancel();
    workers.database.losesHints = true;
    await workers.clock.advance(10_000);
    expect(workers.registry.held().map(({ holds }) => holds)).toEqual([false]);
    const before = workers.database.countOf('update');
    await expect(run.context.saveCheckpoint(bytes('late'))).rejects.toMatchObject({ info: { reason: 'STALE_FENCE' } });
    expect(workers.database.countOf('update')).toBe(before);
  });

  test('keeps its slot until it ends', async () => {
    const workers = await new WorkerProcess({ slotCount: 1 }).start();
    const run = await workers.running();
    await workers.cancel();
    await workers.clock.advance(10_000);
    await workers.create('operations/2');
    await workers.clock.advance(5_000);
    expect(workers.runCount('operations/2')).toBe(0);
    run.finish();
    await settle();
    expect(workers.runCount('operations/2')).toBe(1);
  });

  test('closes its worker to new work after another 60 s, until it ends', async () => {
    const workers = await new WorkerProcess({ slotCount: 4 }).start();
    const run = await workers.running();
    await workers.cancel();
    await workers.clock.advance(69_999);
    await workers.create('operations/2');
    expect(workers.runCount('operations/2')).toBe(1);
    await workers.clock.advance(1);
    expect(workers.dispatcher.health().quarantined).toEqual(['scripted']);
    await workers.create('operations/3');
    await workers.clock.advance(5_000);
    expect(workers.runCount('operations/3')).toBe(0);

    run.finish();
    await settle();
    expect(workers.runCount('operations/3')).toBe(1);
    expect(workers.dispatcher.health().quarantined).toEqual([]);
    expect(workers.logger.ofLevel('error')).toHaveLength(1);
  });

  test('loses the operation also when the storage fails at that moment', async () => {
    const workers = await new WorkerProcess().start();
    await workers.running();
    await workers.cancel();
    workers.database.fault = (method) => (method === 'update' ? Promise.reject(unavailable()) : undefined);
    await workers.clock.advance(12_000);
    expect((await workers.get()).state).toBe('CANCELLING');
    workers.database.fault = () => undefined;
    await workers.clock.advance(1_000);
    expect((await workers.get()).state).toBe('CANCELLED');
  });
});

function unavailable(): StatusError {
  return new StatusError(Code.UNAVAILABLE, 'the database is down', { reason: 'STORAGE_UNAVAILABLE' });
}

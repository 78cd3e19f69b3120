import { describe, expect, test } from '@jest/globals';
import { Interrupted } from '../../src/core/cancellation.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { settle } from '../support/fake-clock.ts';
import { bytes, text } from './behaviours.ts';
import { WorkerProcess } from './worker-process.ts';

function unavailable(): StatusError {
  return new StatusError(Code.UNAVAILABLE, 'the database is down', { reason: 'STORAGE_UNAVAILABLE' });
}

describe('an attempt', () => {
  test('hands over the task, and what the last attempt left', async () => {
    const workers = await new WorkerProcess().start();
    await workers.create('operations/1', { resource: 'things/7', request: bytes('do it') }, (operation) => ({
      ...operation,
      checkpoint: bytes('half'),
      attemptCount: 4,
    }));
    const { task, context } = workers.run();
    expect(task).toMatchObject({ kind: 'work', request: bytes('do it'), resource: 'things/7', attempt: 5, fence: 1n });
    expect(context.fence).toBe(1n);
    expect(text(context.checkpoint)).toBe('half');
  });

  test('that fails with a status that may pass is tried again after a backoff, until attempts run out', async () => {
    const workers = await new WorkerProcess().start();
    await workers.create('operations/1', { attemptCountMax: 3 });
    for (const runCount of [1, 2, 3]) {
      expect(workers.runCount()).toBe(runCount);
      workers.run().fail(new StatusError(Code.UNAVAILABLE, 'the sink is away', { reason: 'SINK_AWAY' }));
      await settle();
      const { state } = await workers.get();
      expect(state).toBe(runCount < 3 ? 'QUEUED' : 'FAILED');
      await workers.clock.advance(5_000);
    }
    expect(await workers.get()).toMatchObject({
      failureCount: 3,
      attemptCount: 3,
      result: { error: { message: 'the sink is away' } },
    });
  });

  test('that fails and is tried again says when in the log, and one that was the last says nothing of it', async () => {
    const workers = await new WorkerProcess().start();
    await workers.create('operations/1', { attemptCountMax: 2 });
    const waits = () => workers.logger.ofLevel('info').filter(({ message }) => message === 'waits for another attempt');
    const fail = async (): Promise<void> => {
      workers.run().fail(new StatusError(Code.UNAVAILABLE, 'the sink is away', { reason: 'SINK_AWAY' }));
      await settle();
    };
    await fail();
    const { dueTimeMs } = await workers.get();
    const nextAttemptTime = new Date(dueTimeMs).toISOString();
    expect(waits()).toMatchObject([{ fields: { operation: 'operations/1', failureCount: 1, nextAttemptTime } }]);
    await workers.clock.advance(5_000);
    await fail();
    expect(waits()).toHaveLength(1);
  });

  test('that waits for its backoff is not claimed before', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    run.fail(new StatusError(Code.UNAVAILABLE, 'the sink is away', { reason: 'SINK_AWAY' }));
    await workers.clock.advance(499);
    expect(workers.runCount()).toBe(1);
    await workers.clock.advance(1_001);
    expect(workers.runCount()).toBe(2);
  });

  test('that fails by a bug shows a bland error, and logs it whole, once', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    const bug = new TypeError('secret internals');
    run.fail(bug);
    await settle();
    const { result, state } = await workers.get();
    expect(state).toBe('FAILED');
    expect(JSON.stringify(result)).not.toContain('secret');
    expect(workers.logger.records.filter(({ fields }) => fields['error'] === bug)).toHaveLength(1);
  });

  test('refuses a checkpoint that is too large, with a clear error', async () => {
    const workers = await new WorkerProcess({ limits: { checkpointSizeMaxBytes: 4 } }).start();
    const { context } = await workers.running();
    await context.saveCheckpoint(bytes('1234'));
    await expect(context.saveCheckpoint(bytes('12345'))).rejects.toMatchObject({
      code: Code.INVALID_ARGUMENT,
      message: 'operations/1: a checkpoint of 5 bytes is too large; at most 4 fit',
    });
    expect(text((await workers.get()).checkpoint)).toBe('1234');
  });

  test('has a checkpoint durable before it resolves, also when the storage failed first', async () => {
    const workers = await new WorkerProcess().start();
    const { context } = await workers.running();
    let failures = 2;
    workers.database.fault = (method) =>
      method === 'update' && failures-- > 0 ? Promise.reject(unavailable()) : undefined;
    let stored: string | undefined = 'not resolved';
    const saved = context.saveCheckpoint(bytes('half')).then(async () => {
      stored = text((await workers.get()).checkpoint);
    });
    await settle();
    expect(stored).toBe('not resolved');
    await workers.clock.advance(1_000);
    await saved;
    expect(stored).toBe('half');
  });

  test('writes checkpoints in the order they were asked for, also when one must be repeated', async () => {
    const workers = await new WorkerProcess().start();
    const { context } = await workers.running();
    let failures = 1;
    workers.database.fault = (method) =>
      method === 'update' && failures-- > 0 ? Promise.reject(unavailable()) : undefined;
    const saved = Promise.all([context.saveCheckpoint(bytes('first')), context.saveCheckpoint(bytes('second'))]);
    await workers.clock.advance(1_000);
    await saved;
    expect(text((await workers.get()).checkpoint)).toBe('second');
  });

  test('settles its journal with the checkpoint', async () => {
    const workers = await new WorkerProcess().start();
    const { context } = await workers.running();
    await context.journal.begin({ id: 'a', value: new Uint8Array([1]) });
    await context.journal.begin({ id: 'b', value: new Uint8Array([2]) });
    await context.journal.commit(['a'], bytes('a settled'), bytes('1 done'));
    expect((await context.journal.open()).map(({ id }) => id)).toEqual(['b']);
    expect(await workers.get()).toMatchObject({ checkpoint: bytes('a settled'), metadata: bytes('1 done') });
  });

  test('may write nothing once its handler has ended', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    workers.database.fault = (method) => (method === 'update' ? Promise.reject(unavailable()) : undefined);
    run.finish();
    await settle();
    await expect(run.context.saveCheckpoint(bytes('late'))).rejects.toMatchObject({
      info: { reason: 'ATTEMPT_ENDED' },
    });
    workers.database.fault = () => undefined;
    await workers.clock.advance(1_000);
    expect((await workers.get()).state).toBe('SUCCEEDED');
  });

  test('reports its outcome again and again while the storage fails', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    workers.database.fault = (method) => (method === 'update' ? Promise.reject(unavailable()) : undefined);
    run.finish(bytes('whole'));
    await workers.clock.advance(60_000);
    expect((await workers.get()).state).toBe('RUNNING');
    workers.database.fault = () => undefined;
    await workers.clock.advance(1_000);
    expect(await workers.get()).toMatchObject({ state: 'SUCCEEDED', result: { response: bytes('whole') } });
  });

  test('whose report was stored but not answered ends once', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    let failures = 1;
    workers.database.faultAfter = (method) =>
      method === 'update' && failures-- > 0 ? Promise.reject(unavailable()) : undefined;
    run.finish();
    await workers.clock.advance(1_000);
    expect(await workers.get()).toMatchObject({ state: 'SUCCEEDED', attemptCount: 1 });
    expect(workers.registry.held()).toEqual([]);
  });

  test('whose outcome cannot be stored fails its operation instead of leaving it running', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    let refusals = 1;
    workers.database.fault = (method) =>
      method === 'update' && refusals-- > 0 ? Promise.reject(new TypeError('no encoder')) : undefined;
    run.finish();
    await settle();
    expect(await workers.get()).toMatchObject({ state: 'FAILED', result: { error: { code: Code.INTERNAL } } });
  });

  test('whose operation refuses every write gives its slot back after a bounded number of tries', async () => {
    const workers = await new WorkerProcess({ limits: { refusalCountMax: 5 } }).start();
    const run = await workers.running();
    const before = workers.database.countOf('update');
    workers.database.fault = (method) =>
      method === 'update' ? Promise.reject(new TypeError('no encoder')) : undefined;
    run.finish();
    await workers.clock.advance(3_000);
    expect(workers.registry.held()).toEqual([]);
    expect(workers.database.countOf('update') - before).toBeLessThanOrEqual(1 + 5 + 1);
    expect(workers.logger.ofLevel('error').map(({ message }) => message)).toContain(
      'the attempt could not report its outcome',
    );
  });

  test('writes no progress and logs no more of it once its lease is lost', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    workers.database.fault = (method) => (method === 'update' ? Promise.reject(unavailable()) : undefined);
    run.context.reportProgress(bytes('x'));
    await settle();
    for (const attempt of workers.registry.held()) attempt.lose(new Interrupted('lease-lost', 10_000));
    const progressLogs = (): number =>
      workers.logger.ofLevel('warn').filter(({ message }) => message.startsWith('progress')).length;
    const logged = progressLogs();
    await workers.clock.advance(5_000);
    run.context.reportProgress(bytes('y'));
    await workers.clock.advance(5_000);
    expect(progressLogs()).toBe(logged);
  });

  test('goes on when its operation is deleted, and its record goes with it', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.write('operations/1', (operation) => ({ ...operation, deleted: true }));
    await workers.clock.advance(10_000);
    expect(run.context.signal.aborted).toBe(false);
    run.finish();
    await settle();
    expect(await workers.memory.operations.get('operations/1')).toBeUndefined();
    expect(workers.logger.ofLevel('error')).toEqual([]);
  });
});

describe('a pause', () => {
  test('lets the work finish what is in flight, and leaves it PAUSED with its checkpoint', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.pause();
    expect(run.context.suspend.aborted).toBe(true);
    expect(run.context.signal.aborted).toBe(false);
    await run.context.saveCheckpoint(bytes('half'));
    run.suspend();
    await settle();
    expect(await workers.get()).toMatchObject({ state: 'PAUSED', checkpoint: bytes('half'), failureCount: 0 });
    await workers.clock.advance(60_000);
    expect(workers.runCount()).toBe(1);
  });

  test('that comes too late shows the success', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    await workers.pause();
    run.finish();
    await settle();
    expect((await workers.get()).state).toBe('SUCCEEDED');
  });
});

describe('progress', () => {
  test('is written once a second however often it is reported, the latest each time', async () => {
    const workers = await new WorkerProcess().start();
    const { context } = await workers.running();
    const before = workers.database.countOf('update');
    for (let tenth = 1; tenth <= 100; tenth++) {
      for (let count = 0; count < 100; count++) context.reportProgress(bytes(`${tenth}.${count}`));
      await workers.clock.advance(100);
    }
    // One at once, then one in each of the ten seconds.
    expect(workers.database.countOf('update') - before).toBe(11);
    expect(text((await workers.get()).metadata)).toBe('100.99');
  });

  test('that was last is written with the outcome', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    run.context.reportProgress(bytes('first'));
    await settle();
    run.context.reportProgress(bytes('last'));
    const before = workers.database.countOf('update');
    run.finish();
    await settle();
    expect(text((await workers.get()).metadata)).toBe('last');
    expect(workers.database.countOf('update') - before).toBe(1);
  });

  test('that was last is written with a failure, a stop and a revocation too', async () => {
    const workers = await new WorkerProcess().start();
    const ended: Record<string, (name: string) => void> = {
      'operations/fails': (name) => {
        workers.run(name).fail(new StatusError(Code.NOT_FOUND, 'gone', { reason: 'GONE' }));
      },
      'operations/stops': (name) => {
        workers.run(name).stop();
      },
      'operations/ignores': () => undefined,
    };
    for (const [name, end] of Object.entries(ended)) {
      const { context } = await workers.running(name);
      context.reportProgress(bytes('first'));
      await settle();
      context.reportProgress(bytes('last'));
      if (name !== 'operations/fails') await workers.cancel(name);
      end(name);
    }
    await workers.clock.advance(500);
    expect(text((await workers.get('operations/fails')).metadata)).toBe('last');
    expect(text((await workers.get('operations/stops')).metadata)).toBe('last');
    await workers.clock.advance(10_000);
    expect(text((await workers.get('operations/ignores')).metadata)).toBe('last');
  });

  test('rides along with a checkpoint', async () => {
    const workers = await new WorkerProcess().start();
    const { context } = await workers.running();
    context.reportProgress(bytes('1'));
    await settle();
    context.reportProgress(bytes('2'));
    await context.saveCheckpoint(bytes('half'));
    expect(text((await workers.get()).metadata)).toBe('2');
    const before = workers.database.countOf('update');
    await workers.clock.advance(5_000);
    expect(workers.database.countOf('update')).toBe(before);
  });

  test('that could not be written is written a second later', async () => {
    const workers = await new WorkerProcess().start();
    const { context } = await workers.running();
    let failures = 1;
    workers.database.fault = (method) =>
      method === 'update' && failures-- > 0 ? Promise.reject(unavailable()) : undefined;
    context.reportProgress(bytes('only'));
    await workers.clock.advance(999);
    expect(await workers.get()).not.toHaveProperty('metadata');
    await workers.clock.advance(1);
    expect(text((await workers.get()).metadata)).toBe('only');
  });

  test('that could not be written is written later, and older never over newer', async () => {
    const workers = await new WorkerProcess().start();
    const { context } = await workers.running();
    let failures = 1;
    workers.database.fault = (method) =>
      method === 'update' && failures-- > 0 ? Promise.reject(unavailable()) : undefined;
    context.reportProgress(bytes('old'));
    await settle();
    await context.saveCheckpoint(bytes('half'), bytes('new'));
    await workers.clock.advance(5_000);
    expect(text((await workers.get()).metadata)).toBe('new');
  });

  test('that is too large is dropped, and the work goes on', async () => {
    const workers = await new WorkerProcess({ limits: { messageSizeMaxBytes: 4 } }).start();
    const run = await workers.running();
    run.context.reportProgress(bytes('12345'));
    await settle();
    run.finish();
    await settle();
    expect(await workers.get()).not.toHaveProperty('metadata');
    expect((await workers.get()).state).toBe('SUCCEEDED');
  });
});

import { describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { requestCancel, requestSuspend } from '../../src/operations/transitions.ts';
import { settle } from '../support/fake-clock.ts';
import { bytes, text } from './behaviours.ts';
import { WorkerProcess } from './worker-process.ts';

const started = (workers: WorkerProcess): readonly string[] => workers.runs.map(({ task }) => task.name);

describe('hints', () => {
  test('of one held operation read that one alone', async () => {
    const workers = await new WorkerProcess().start();
    for (const number of [1, 2, 3]) await workers.running(`operations/${number}`);
    workers.database.namesRead.length = 0;
    await workers.write('operations/2', requestSuspend);
    expect(workers.run('operations/2').context.suspend.aborted).toBe(true);
    expect(workers.database.namesRead).toEqual([['operations/2']]);
  });

  test('that come as fast as one each second do not put off the check of all', async () => {
    const workers = await new WorkerProcess().start();
    for (const number of [1, 2]) await workers.running(`operations/${number}`);
    workers.database.namesRead.length = 0;
    for (let second = 0; second < 6; second++) {
      await workers.write('operations/1', (it) => ({ ...it, state: second % 2 === 0 ? 'SUSPENDING' : 'RUNNING' }));
      await workers.clock.advance(1_000);
    }
    expect(workers.database.namesRead).toContainEqual(['operations/1', 'operations/2']);
  });
});

describe('claims', () => {
  test('follow a hint at once', async () => {
    const workers = await new WorkerProcess().start();
    await workers.create('operations/1');
    expect(workers.runCount()).toBe(1);
  });

  test('come within a second when every hint is lost', async () => {
    const workers = await new WorkerProcess().start();
    workers.database.losesHints = true;
    await workers.create('operations/1');
    expect(workers.runCount()).toBe(0);
    await workers.clock.advance(1_000);
    expect(workers.runCount()).toBe(1);
  });

  test('never exceed the slots, and fill one that becomes free at once', async () => {
    const workers = await new WorkerProcess({ slotCount: 2 }).start();
    for (const number of [1, 2, 3]) await workers.create(`operations/${number}`);
    expect(started(workers)).toEqual(['operations/1', 'operations/2']);
    expect((await workers.get('operations/3')).state).toBe('QUEUED');
    workers.run('operations/1').finish();
    await settle();
    expect(started(workers)).toEqual(['operations/1', 'operations/2', 'operations/3']);
  });

  test('take the larger priority first, then the older', async () => {
    const workers = new WorkerProcess({ slotCount: 1 });
    await workers.create('operations/old');
    await workers.clock.advance(10);
    await workers.create('operations/new');
    await workers.create('operations/urgent', { priority: 5 });
    await workers.start();
    for (const name of ['operations/urgent', 'operations/old', 'operations/new']) {
      workers.run(name).finish();
      await settle();
    }
    expect(started(workers)).toEqual(['operations/urgent', 'operations/old', 'operations/new']);
  });

  test('leave a project its share: what is beyond it waits for one of its own to end, or is cancelled at once', async () => {
    const share = { surface: 'longrunning', leasedCountMax: 1 };
    const workers = new WorkerProcess({ slotCount: 4, share });
    for (const name of ['a1', 'a2', 'a3']) await workers.create(`operations/${name}`, { collection: 'a' });
    await workers.create('operations/b1', { collection: 'b' });
    await workers.start();
    expect(started(workers)).toEqual(['operations/a1', 'operations/b1']);

    await workers.write('operations/a2', (it, now) => requestCancel(it, now, { reason: 'user', actor: '' }));
    expect((await workers.get('operations/a2')).state).toBe('CANCELLED');
    workers.run('operations/a1').finish();
    await settle();

    expect(started(workers)).toEqual(['operations/a1', 'operations/b1', 'operations/a3']);
  });

  test('leave kinds that no worker here takes', async () => {
    const workers = await new WorkerProcess().start();
    await workers.create('operations/1', { kind: 'foreign' });
    await workers.clock.advance(5_000);
    expect((await workers.get()).state).toBe('QUEUED');
  });

  test('wait for the first sweep', async () => {
    const workers = new WorkerProcess();
    await workers.create('operations/1');
    workers.database.fault = (method) =>
      method === 'expireSessions'
        ? Promise.reject(new StatusError(Code.UNAVAILABLE, 'down', { reason: 'DOWN' }))
        : undefined;
    await workers.start();
    await workers.clock.advance(5_000);
    expect(workers.database.countOf('claim')).toBe(0);
    workers.database.fault = () => undefined;
    await workers.clock.advance(1_000);
    expect(workers.runCount()).toBe(1);
  });

  test('whose session was given up meanwhile are handed back unstarted', async () => {
    const workers = await new WorkerProcess().start();
    workers.database.losesHints = true;
    const answered = Promise.withResolvers<undefined>();
    workers.database.faultAfter = (method) => (method === 'claim' ? answered.promise : undefined);
    await workers.clock.advance(1_000);
    await workers.create('operations/1');
    workers.database.fault = (method) =>
      method === 'renewSessions'
        ? Promise.reject(new StatusError(Code.UNAVAILABLE, 'down', { reason: 'DOWN' }))
        : undefined;
    await workers.write('operations/1', (operation) => ({ ...operation, priority: 1 }));
    await workers.clock.advance(1_000);
    await workers.clock.advance(8_500);
    workers.database.fault = () => undefined;
    answered.resolve(undefined);
    await workers.clock.advance(2_000);
    expect(await workers.get()).toMatchObject({ state: 'RUNNING', deathCount: 0 });
    expect(workers.runCount()).toBe(1);
  });
});

describe('after a restart', () => {
  test('running work is claimed again from its checkpoint, its death counted', async () => {
    const before = await new WorkerProcess().start();
    const run = await before.running();
    await run.context.saveCheckpoint(bytes('half'));
    const after = await before.die().start();
    expect(await after.get()).toMatchObject({
      state: 'RUNNING',
      fence: 2n,
      attemptCount: 2,
      deathCount: 1,
      failureCount: 0,
    });
    expect(text(after.run().context.checkpoint)).toBe('half');
  });

  test('a cancel that was under way is done, without another attempt', async () => {
    const before = await new WorkerProcess().start();
    await before.running();
    await before.cancel();
    const after = await before.die().start();
    expect(await after.get()).toMatchObject({ state: 'CANCELLED', attemptCount: 1, cancel: { stopConfirmed: true } });
    expect(after.runs).toEqual([]);
  });

  test('paused work stays paused, and a pause that was under way is one', async () => {
    const before = await new WorkerProcess().start();
    const run = await before.running('operations/paused');
    await before.pause('operations/paused');
    run.suspend();
    await before.running('operations/pausing');
    await before.pause('operations/pausing');
    const after = await before.die().start();
    await after.clock.advance(60_000);
    expect((await after.get('operations/paused')).state).toBe('PAUSED');
    expect((await after.get('operations/pausing')).state).toBe('PAUSED');
    expect(after.runs).toEqual([]);
  });

  test('all that was left is recovered before the first claim, however much it is', async () => {
    const before = await new WorkerProcess({ slotCount: 50 }).start();
    for (let number = 0; number < 50; number++) await before.create(`operations/${number}`);
    const after = before.die({ slotCount: 1, limits: { sweepCountMax: 7 } });
    let claimedEarly = 0;
    after.database.fault = (method) => {
      if (method === 'claim' && after.database.countOf('expireSessions') < 8) claimedEarly += 1;
      return undefined;
    };
    await after.start();
    await after.clock.advance(1_000);
    expect(claimedEarly).toBe(0);
    expect(after.runs).toHaveLength(1);
    const recovered = await Promise.all(Array.from({ length: 50 }, (_, number) => after.get(`operations/${number}`)));
    expect(recovered.every(({ deathCount }) => deathCount === 1)).toBe(true);
  });

  test('deaths add up, and a durable checkpoint clears them', async () => {
    let workers = await new WorkerProcess().start();
    await workers.running();
    workers = await workers.die().start();
    workers = await workers.die().start();
    expect((await workers.get()).deathCount).toBe(2);
    await workers.run().context.saveCheckpoint(bytes('half'));
    expect((await workers.get()).deathCount).toBe(0);
  });
});

describe('a drain', () => {
  test('asks all work to suspend, and hands it back with its checkpoint and no attempt burnt', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    const drained = workers.dispatcher.drain(20_000);
    expect(run.context.suspend.aborted).toBe(true);
    await run.context.saveCheckpoint(bytes('half'));
    run.suspend();
    await expect(drained).resolves.toEqual({ ignoredBy: [] });
    expect(await workers.get()).toMatchObject({
      state: 'QUEUED',
      checkpoint: bytes('half'),
      failureCount: 0,
      deathCount: 0,
    });
  });

  test('claims nothing any more', async () => {
    const workers = await new WorkerProcess().start();
    await workers.dispatcher.drain(20_000);
    await workers.create('operations/1');
    await workers.clock.advance(60_000);
    expect((await workers.get()).state).toBe('QUEUED');
  });

  test('aborts what does not suspend as a shutdown, and hands it back', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    const drained = workers.dispatcher.drain(20_000);
    await workers.clock.advance(14_999);
    expect(run.context.signal.aborted).toBe(false);
    await workers.clock.advance(1);
    expect(run.context.signal.reason).toMatchObject({ kind: 'shutdown', graceMs: 5_000 });
    run.stop();
    await expect(drained).resolves.toEqual({ ignoredBy: [] });
    expect(await workers.get()).toMatchObject({ state: 'QUEUED', failureCount: 0, deathCount: 0 });
  });

  test('names what ignores it, within its time', async () => {
    const workers = await new WorkerProcess().start();
    await workers.running('operations/stubborn');
    const drained = workers.dispatcher.drain(20_000);
    await workers.clock.advance(20_000);
    await expect(drained).resolves.toEqual({ ignoredBy: ['operations/stubborn'] });
  });

  test.each([0, 16_000])('lets a cancel %d ms into it end CANCELLED', async (atMs) => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    const drained = workers.dispatcher.drain(20_000);
    await workers.clock.advance(atMs);
    await workers.cancel();
    run.stop();
    await drained;
    expect(await workers.get()).toMatchObject({ state: 'CANCELLED', cancel: { stopConfirmed: true } });
    expect((await workers.get()).cancel?.deliverTimeMs).toBe(workers.clock.now());
  });

  test('keeps the leases of work that takes its time', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    const drained = workers.dispatcher.drain(60_000);
    await workers.clock.advance(40_000);
    run.suspend();
    await drained;
    expect(await workers.get()).toMatchObject({ state: 'QUEUED', deathCount: 0 });
  });

  test('hands back what a claim under way brings, unstarted', async () => {
    const workers = await new WorkerProcess().start();
    const answered = Promise.withResolvers<undefined>();
    workers.database.faultAfter = (method) => (method === 'claim' ? answered.promise : undefined);
    await workers.create('operations/1');
    expect((await workers.get()).state).toBe('RUNNING');
    const drained = workers.dispatcher.drain(20_000);
    answered.resolve(undefined);
    await drained;
    expect(await workers.get()).toMatchObject({ state: 'QUEUED', deathCount: 0 });
    expect(workers.runs).toEqual([]);
  });
});

describe('the dispatcher', () => {
  test('purges what has expired', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    run.finish();
    await workers.clock.advance(200_000);
    expect(await workers.memory.operations.get('operations/1')).toBeUndefined();
  });

  test('leaves no timer and no listener behind when it is closed', async () => {
    const workers = await new WorkerProcess().start();
    const run = await workers.running();
    run.finish();
    await workers.clock.advance(10_000);
    await workers.dispatcher.drain(1_000);
    await workers.dispatcher.close();
    expect(workers.clock.sleeperCount).toBe(0);
  });

  test('keeps as few timers after 1,000 attempts as before', async () => {
    const workers = await new WorkerProcess({ slotCount: 50 }).start();
    await workers.clock.advance(10_000);
    const before = workers.clock.sleeperCount;
    for (let number = 0; number < 1_000; number++) {
      const name = `operations/${number}`;
      const run = await workers.running(name);
      run.context.reportProgress(bytes('1'));
      run.context.reportProgress(bytes('2'));
      if (number % 2 === 0) {
        await workers.cancel(name);
        run.stop();
      } else run.finish();
      await settle();
    }
    expect(workers.clock.sleeperCount).toBe(before);
    expect(workers.registry.held()).toEqual([]);
  });
});

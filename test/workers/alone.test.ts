import { describe, expect, test } from '@jest/globals';
import { settle } from '../support/fake-clock.ts';
import { bytes } from './behaviours.ts';
import { WorkerProcess } from './worker-process.ts';

/** An operation whose attempts died three times. */
async function createSuspect(workers: WorkerProcess, name = 'operations/suspect'): Promise<void> {
  await workers.create(name, {}, (operation) => ({ ...operation, deathCount: 3 }));
}

describe('work that may only run alone', () => {
  test('starts at once where nothing else runs', async () => {
    const workers = await new WorkerProcess().start();
    await createSuspect(workers);
    expect(workers.runCount('operations/suspect')).toBe(1);
  });

  test('keeps others from being claimed while it runs, and lets them in when it ends', async () => {
    const workers = await new WorkerProcess().start();
    await createSuspect(workers);
    await workers.create('operations/other');
    await workers.clock.advance(30_000);
    expect(workers.runCount('operations/other')).toBe(0);
    workers.run('operations/suspect').finish();
    await settle();
    expect(workers.runCount('operations/other')).toBe(1);
  });

  test('keeps others out no longer than its first durable checkpoint', async () => {
    const workers = await new WorkerProcess().start();
    await createSuspect(workers);
    await workers.create('operations/other');
    await workers.run('operations/suspect').context.saveCheckpoint(bytes('safe'));
    await settle();
    expect(workers.runCount('operations/other')).toBe(1);
  });

  test('keeps others out for a minute at most', async () => {
    const workers = await new WorkerProcess().start();
    await createSuspect(workers);
    await workers.create('operations/other');
    await workers.clock.advance(59_999);
    expect(workers.runCount('operations/other')).toBe(0);
    await workers.clock.advance(1);
    expect(workers.runCount('operations/other')).toBe(1);
  });

  test('is not started beside other work', async () => {
    const workers = await new WorkerProcess().start();
    await workers.running('operations/other');
    await createSuspect(workers);
    await workers.clock.advance(29_000);
    expect((await workers.get('operations/suspect')).state).toBe('QUEUED');
    await workers.clock.advance(5_000);
    expect(workers.runCount('operations/suspect')).toBe(0);
  });

  test('gets its turn in a busy process, whose work is suspended for it without burning an attempt', async () => {
    const workers = await new WorkerProcess({ slotCount: 1 }).start();
    const other = await workers.running('operations/other');
    await createSuspect(workers);
    await workers.clock.advance(31_000);
    expect(other.context.suspend.aborted).toBe(true);
    expect(workers.runCount('operations/suspect')).toBe(0);
    other.suspend();
    await settle();
    expect(workers.runCount('operations/suspect')).toBe(1);
    expect(await workers.get('operations/other')).toMatchObject({ state: 'QUEUED', failureCount: 0, deathCount: 0 });

    workers.run('operations/suspect').finish();
    await settle();
    expect(workers.runCount('operations/other')).toBe(2);
  });

  test('gives its turn up to work that does not suspend, and is handed back unharmed', async () => {
    const workers = await new WorkerProcess().start();
    await workers.running('operations/stubborn');
    await createSuspect(workers);
    await workers.clock.advance(31_000);
    await workers.create('operations/next');
    expect(workers.runCount('operations/next')).toBe(0);
    await workers.clock.advance(10_000);
    expect(workers.runCount('operations/next')).toBe(1);
    expect(workers.runCount('operations/suspect')).toBe(0);
    expect(await workers.get('operations/suspect')).toMatchObject({ state: 'QUEUED', deathCount: 3, failureCount: 0 });
  });

  test('is not starved by work that never suspends and never ceases to come, nor takes most of its time', async () => {
    const workers = await new WorkerProcess({ slotCount: 2 }).start();
    for (let number = 0; number < 40; number++) await workers.create(`operations/${number}`);
    await createSuspect(workers);
    // Each runs for 90 s, the first for 45 s: left to themselves the two slots are never empty at once.
    const endSeconds = new Map([[workers.runs[0], 45]]);
    let busySeconds = 0;
    let second = 0;
    for (; workers.runCount('operations/suspect') === 0 && second < 600; second++) {
      for (const run of workers.runs) if (!endSeconds.has(run)) endSeconds.set(run, second + 90);
      for (const [run, endSecond] of endSeconds) if (endSecond === second) run?.finish();
      busySeconds += [...endSeconds.values()].filter((endSecond) => endSecond > second).length;
      await workers.clock.advance(1_000);
    }
    expect(workers.runCount('operations/suspect')).toBe(1);
    expect(busySeconds).toBeGreaterThan(second);
  });

  test('can be cancelled while it waits for room', async () => {
    const workers = await new WorkerProcess().start();
    await workers.running('operations/stubborn');
    await createSuspect(workers);
    await workers.clock.advance(31_000);
    expect((await workers.get('operations/suspect')).state).toBe('RUNNING');
    await workers.cancel('operations/suspect');
    expect((await workers.get('operations/suspect')).state).toBe('CANCELLED');
    await workers.running('operations/next');
  });

  test('is run one after another', async () => {
    const workers = await new WorkerProcess().start();
    await createSuspect(workers, 'operations/a');
    await workers.clock.advance(1);
    await createSuspect(workers, 'operations/b');
    await workers.clock.advance(5_000);
    expect(workers.runs).toHaveLength(1);
    workers.run('operations/a').finish();
    await settle();
    expect(workers.runCount('operations/b')).toBe(1);
  });

  test('that kills its process each time takes no other work with it', async () => {
    let workers = await new WorkerProcess().start();
    await createSuspect(workers);
    for (let death = 4; death <= 12; death++) {
      await workers.create(`operations/other-${death}`);
      for (let second = 0; second < 120 && workers.runCount('operations/suspect') === 0; second++) {
        for (const run of workers.runs.filter(({ context }) => context.suspend.aborted)) run.suspend();
        await workers.clock.advance(1_000);
      }
      expect(workers.runCount('operations/suspect')).toBe(1);
      workers = await workers.die().start();
      expect((await workers.get('operations/suspect')).deathCount).toBe(death);
    }
    for (let death = 4; death <= 12; death++) {
      expect((await workers.get(`operations/other-${death}`)).deathCount).toBe(0);
    }
  });
});

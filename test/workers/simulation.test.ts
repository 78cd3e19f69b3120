import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { isDone, isLeased, type Operation } from '../../src/operations/operation.ts';
import { resume } from '../../src/operations/transitions.ts';
import { settle } from '../support/fake-clock.ts';
import { bytes } from './behaviours.ts';
import { WorkerProcess, type Run } from './worker-process.ts';

const NAMES = ['operations/a', 'operations/b', 'operations/c'];

const UNAVAILABLE = new StatusError(Code.UNAVAILABLE, 'try again', { reason: 'TRY_AGAIN' });

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constantFrom('cancel', 'pause', 'resume', 'finish', 'stop', 'suspend', 'fail', 'checkpoint', 'progress'),
      name: fc.constantFrom(...NAMES),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('wait'), ms: fc.constantFrom(1, 900, 5_000, 15_000, 80_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constantFrom('outage', 'hang'), ms: fc.constantFrom(500, 5_000, 12_000, 30_000) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('outage', 'hang', 'deafen', 'recover', 'die', 'drain') }) },
);

/** What calls wait for while the database hangs; they fail when it is back. */
function hang(): PromiseWithResolvers<undefined> {
  const hanging = Promise.withResolvers<undefined>();
  hanging.promise.catch(() => undefined);
  return hanging;
}

/** A process, or several after one another, that steps are done to; what must always hold is checked after each. */
class Simulation {
  workers = new WorkerProcess({ slotCount: 2 });
  readonly #last = new Map<string, Operation>();
  readonly #ended = new Set<Run>();
  /** Drained: it claims nothing any more until it is started anew. */
  #stopped = false;
  /** Then timers of a dead process are left on the clock. */
  #died = false;
  #hang = hang();

  async begin(): Promise<void> {
    for (const name of NAMES) await this.workers.create(name, { attemptCountMax: 4, retentionMs: 1e9 });
    await this.workers.start();
  }

  async take(taken: { does: string; name?: string; ms?: number }): Promise<void> {
    const { does, name = '', ms = 0 } = taken;
    if (does === 'wait') await this.workers.clock.advance(ms);
    else if (name === '') await this.#toProcess(does, ms);
    else if (does === 'cancel') await this.workers.cancel(name);
    else if (does === 'pause') await this.workers.pause(name).catch(() => undefined);
    else if (does === 'resume') await this.workers.write(name, resume).catch(() => undefined);
    else this.#toHandler(does, name);
    await settle();
    await this.check();
  }

  /** Everything is well again, and every handler heeds what it is told: then all must end. */
  async end(): Promise<void> {
    await this.#toProcess('recover');
    await this.workers.clock.advance(16_000);
    await this.#checkCalm();
    for (let second = 0; second < 400; second++) {
      for (const run of this.#live()) {
        if (run.context.signal.aborted) this.#toHandler('stop', run.task.name);
        else if (run.context.suspend.aborted) this.#toHandler('suspend', run.task.name);
        else this.#toHandler('finish', run.task.name);
      }
      await this.workers.clock.advance(1_000);
    }
    await this.check();
    for (const name of NAMES) {
      const operation = await this.workers.get(name);
      expect(isDone(operation) || operation.state === 'PAUSED').toBe(true);
    }
    expect(this.workers.registry.held()).toEqual([]);
    await this.workers.dispatcher.close();
    if (!this.#died) expect(this.workers.clock.sleeperCount).toBe(0);
  }

  async check(): Promise<void> {
    for (const name of NAMES) {
      const next = await this.workers.get(name);
      const last = this.#last.get(name) ?? next;
      if (isDone(last)) expect(next).toEqual(last);
      expect(next.fence).toBeGreaterThanOrEqual(last.fence);
      expect(next.failureCount).toBeLessThanOrEqual(4);
      this.#last.set(name, next);
      // No two handlers of one operation run in a process, and none that has been stopped counts.
      expect(this.#live().filter(({ task }) => task.name === name).length).toBeLessThanOrEqual(1);
    }
  }

  /** What holds once nothing has gone wrong for longer than every grace, though no handler has heeded anything yet. */
  async #checkCalm(): Promise<void> {
    for (const name of NAMES) expect((await this.workers.get(name)).state).not.toBe('CANCELLING');
    for (const { task, context } of this.#live()) {
      const operation = await this.workers.get(task.name);
      const holds = isLeased(operation) && operation.fence === task.fence;
      expect(holds || context.signal.aborted).toBe(true);
    }
  }

  #live(): readonly Run[] {
    return this.workers.runs.filter((run) => !this.#ended.has(run));
  }

  /** @param ms  how long it lasts; until something else happens when 0. */
  async #toProcess(does: string, ms = 0): Promise<void> {
    await this.#apply(does);
    if (ms === 0) return;
    await this.workers.clock.advance(ms);
    await this.#apply('recover');
    await this.workers.clock.advance(1_500);
  }

  async #apply(does: string): Promise<void> {
    const { database } = this.workers;
    if (does === 'outage') database.fault = () => Promise.reject(UNAVAILABLE);
    if (does === 'hang') database.fault = () => this.#hang.promise;
    if (does === 'deafen') database.losesHints = true;
    if (does === 'drain') void this.workers.dispatcher.drain(20_000);
    if (does === 'recover') {
      database.fault = () => undefined;
      this.#hang.reject(UNAVAILABLE);
      this.#hang = hang();
      database.losesHints = false;
    }
    if (does === 'die' || (does === 'recover' && this.#stopped)) await this.#restart();
    if (does === 'drain') this.#stopped = true;
  }

  async #restart(): Promise<void> {
    this.#stopped = false;
    const next = this.workers.die({ slotCount: 2 });
    for (const run of this.workers.runs) this.#ended.add(run);
    this.#died = true;
    this.workers = await next.start();
  }

  #toHandler(does: string, name: string): void {
    const run = this.#live().find(({ task }) => task.name === name);
    if (run === undefined) return;
    if (does === 'checkpoint') run.context.saveCheckpoint(bytes('saved')).catch(() => undefined);
    else if (does === 'progress') run.context.reportProgress(bytes('seen'));
    else this.#endHandler(does, run);
  }

  #endHandler(does: string, run: Run): void {
    if (does === 'stop' && !run.context.signal.aborted) return;
    if (does === 'suspend' && !run.context.suspend.aborted) return;
    this.#ended.add(run);
    if (does === 'finish') run.finish();
    if (does === 'stop') run.stop();
    if (does === 'suspend') run.suspend();
    if (does === 'fail') run.fail(UNAVAILABLE);
  }
}

test('whatever happens, every operation ends once, and no handler runs twice at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const simulation = new Simulation();
      await simulation.begin();
      for (const taken of steps) await simulation.take(taken);
      await simulation.end();
    }),
    { numRuns: 60 },
  );
});

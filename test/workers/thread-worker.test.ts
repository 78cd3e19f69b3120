import { afterEach, describe, expect, test } from '@jest/globals';
import { EMPTY, type Any } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { DEFAULT_WORKER_LIMITS } from '../../src/workers/limits.ts';
import type { ThreadCodec } from '../../src/workers/thread-run.ts';
import { ThreadWorker, type ThreadWorkerOptions } from '../../src/workers/thread-worker.ts';
import { describeWorker } from '../contract/worker.contract.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { BEHAVIOURS } from './behaviours.ts';
import { RecordingContext, taskOfKind } from './recording-context.ts';
import type { Hostility } from './threads/hostile.thread.ts';

const CODEC: ThreadCodec<string, Any, Any> = {
  input: (task) => task.kind,
  encodeCheckpoint: (checkpoint) => checkpoint,
  decodeCheckpoint: (encoded) => encoded,
  encodeProgress: (progress) => progress,
  response: () => EMPTY,
};

type Options = ThreadWorkerOptions<string, Any, Any>;

function threadWorker(options: Pick<Options, 'entry'> & Partial<Options>): ThreadWorker<string, Any, Any> {
  return new ThreadWorker({
    name: 'threads',
    kinds: Object.keys(BEHAVIOURS),
    slotCount: 1,
    codec: CODEC,
    logger: new RecordingLogger(),
    ...options,
  });
}

describeWorker('ThreadWorker', () => threadWorker({ entry: new URL('threads/behaviour.thread.ts', import.meta.url) }));

describeWorker('ThreadWorker with spare threads', () =>
  threadWorker({ entry: new URL('threads/behaviour.thread.ts', import.meta.url), spareThreadCount: 1 }),
);

describe('an attempt whose input has to be waited for', () => {
  const entry = new URL('threads/hostile.thread.ts', import.meta.url);
  const open = (hostility: Hostility) => {
    const asked = Promise.withResolvers<boolean>();
    const input = Promise.withResolvers<string>();
    const codec: typeof CODEC = {
      ...CODEC,
      input: () => {
        asked.resolve(true);
        return input.promise;
      },
    };
    const worker = threadWorker({ entry, codec });
    const context = new RecordingContext();
    const outcome = worker.run(taskOfKind(hostility), context);
    outcome.catch(() => undefined);
    return { worker, context, outcome, asked: asked.promise, input };
  };

  test('begins when it is there', async () => {
    const { worker, context, outcome, input } = open('sleepsOnTheWord');
    input.resolve('sleepsOnTheWord');
    await context.started;
    context.askToSuspend();
    await expect(outcome).resolves.toBe('suspended');
    await worker.close();
  });

  test('is cancelled in the meantime, and stops when it has begun', async () => {
    const { worker, context, outcome, asked, input } = open('readsTheWord');
    await asked;
    const reason = context.abort(3_600_000);
    input.resolve('readsTheWord');
    await expect(outcome).rejects.toBe(reason);
    await worker.close();
  });

  test('fails as the input does', async () => {
    const { worker, outcome, input } = open('readsTheWord');
    const failure = new StatusError(Code.FAILED_PRECONDITION, 'no key', { reason: 'NO_KEY' });
    input.reject(failure);
    await expect(outcome).rejects.toBe(failure);
    await worker.close();
  });

  test('ends with its thread when it never comes', async () => {
    const { worker, outcome, asked } = open('readsTheWord');
    await asked;
    await worker.close();
    await expect(outcome).rejects.toMatchObject({ info: { reason: 'THREAD_DIED' } });
  });
});

describe('a hostile thread', () => {
  const workers: ThreadWorker<string, Any, Any>[] = [];
  const run = (hostility: Hostility, options: Partial<Options> = {}) => {
    const worker = threadWorker({ entry: new URL('threads/hostile.thread.ts', import.meta.url), ...options });
    workers.push(worker);
    const context = new RecordingContext();
    return { worker, context, outcome: worker.run(taskOfKind(hostility), context) };
  };

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
  });

  test('that never looks at the word is terminated, which confirms its stop', async () => {
    const { context, outcome } = run('spins');
    await context.started;
    const reason = context.abort(20);
    await expect(outcome).rejects.toBe(reason);
  });

  test('that only looks at the word stops with the reason of the signal', async () => {
    const { context, outcome } = run('readsTheWord');
    await context.started;
    const reason = context.abort(3_600_000);
    await expect(outcome).rejects.toBe(reason);
  });

  test('that sleeps on the word is woken by a suspend', async () => {
    const { context, outcome } = run('sleepsOnTheWord');
    await context.started;
    context.askToSuspend();
    await expect(outcome).resolves.toBe('suspended');
  });

  test('that exits fails its attempt, and another may be tried', async () => {
    const { outcome } = run('exits');
    await expect(outcome).rejects.toMatchObject({
      code: Code.UNAVAILABLE,
      message: 'operations/1: its worker thread exited with code 3 before the work was done',
    });
  });

  test.each(['throwsLater', 'rejectsUnheard'] as const)('that %s fails its attempt as a bug', async (hostility) => {
    const { outcome } = run(hostility);
    await expect(outcome).rejects.toMatchObject({ name: 'RangeError' });
  });

  test('that runs out of memory fails its attempt, and another may be tried', async () => {
    const { outcome } = run('fillsHeap', { resourceLimits: { maxOldGenerationSizeMb: 32 } });
    await expect(outcome).rejects.toMatchObject({ code: Code.RESOURCE_EXHAUSTED, info: { reason: 'THREAD_DIED' } });
  });

  test('that throws what is no error fails with the text of it', async () => {
    const { outcome } = run('throwsNoError');
    await expect(outcome).rejects.toMatchObject({ message: 'thrown: a string' });
  });

  test('that floods progress sends little of it, and the last', async () => {
    const limits = { ...DEFAULT_WORKER_LIMITS, threadProgressIntervalMs: 3_600_000 };
    const { context, outcome } = run('floods', { limits });
    await outcome;
    expect(context.progress).toEqual(['1', '1000000']);
  });

  test('that leaves a timer behind ends with its attempt', async () => {
    const { outcome } = run('leavesATimer');
    await expect(outcome).resolves.toHaveProperty('response');
  });

  test('fails its attempt when its worker is closed', async () => {
    const { worker, context, outcome } = run('spins');
    await context.started;
    const closed = worker.close();
    await expect(outcome).rejects.toMatchObject({ code: Code.UNAVAILABLE, info: { reason: 'THREAD_DIED' } });
    await closed;
  });

  test('whose codec fails on what it sends fails its attempt, not the process', async () => {
    const encodeProgress = (): never => {
      throw new TypeError('no such progress');
    };
    const { outcome } = run('spins', { codec: { ...CODEC, encodeProgress } });
    await expect(outcome).rejects.toThrow('no such progress');
  });

  test('that crashes while it is a spare harms nobody, and is not used', async () => {
    const logger = new RecordingLogger();
    const crashed = Promise.withResolvers<undefined>();
    logger.error = () => {
      crashed.resolve(undefined);
    };
    const startCount = new Int32Array(new SharedArrayBuffer(4));
    const worker = threadWorker({
      entry: new URL('threads/second-crashes.thread.ts', import.meta.url),
      environment: { startCount },
      spareThreadCount: 1,
      logger,
    });
    workers.push(worker);
    await worker.run(taskOfKind('any'), new RecordingContext());
    await crashed.promise;
    await expect(worker.run(taskOfKind('any'), new RecordingContext())).resolves.toHaveProperty('response');
    expect(Atomics.load(startCount, 0)).toBeGreaterThanOrEqual(3);
  });

  test('whose entry does not load fails its attempt', async () => {
    const { outcome } = run('spins', { entry: new URL('threads/no-such.thread.ts', import.meta.url) });
    await expect(outcome).rejects.toMatchObject({ code: expect.stringContaining('MODULE_NOT_FOUND') });
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { EMPTY, type Any } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { ThreadWorker } from '../../src/workers/thread-worker.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { text } from './behaviours.ts';
import { WorkerProcess } from './worker-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'thread-attempt-'));
const fifo = join(directory, 'fifo');
execFileSync('mkfifo', [fifo]);

/** Workers of a process whose one worker runs hostile threads; a test's kind is what the thread does. */
async function hostile(kind: string): Promise<WorkerProcess> {
  const workers = new WorkerProcess({
    workers: (clock) => [
      new ThreadWorker<string, Any, Any>({
        name: 'hostile',
        kinds: [kind],
        slotCount: 1,
        entry: new URL('threads/hostile.thread.ts', import.meta.url),
        environment: { fifo },
        resourceLimits: { maxOldGenerationSizeMb: 32 },
        logger: new RecordingLogger(),
        clock,
        codec: {
          input: (task) => task.kind,
          encodeCheckpoint: (checkpoint) => checkpoint,
          decodeCheckpoint: (encoded) => encoded,
          encodeProgress: (progress) => progress,
          response: () => EMPTY,
        },
      }),
    ],
  });
  made.push(workers);
  await workers.start();
  await workers.create('operations/1', { kind, attemptCountMax: 1 });
  return workers;
}

const made: WorkerProcess[] = [];

/** Resolves with the record once it is as wanted: its writes come from another thread, at a time of their own. */
async function until(workers: WorkerProcess, wanted: (operation: Operation) => boolean): Promise<Operation> {
  for await (const _hint of changesAfter(workers)) {
    const operation = await workers.get();
    if (wanted(operation)) return operation;
  }
  throw new Error('the hints ended');
}

/** One turn now, then one for each change. */
async function* changesAfter(workers: WorkerProcess): AsyncGenerator<undefined> {
  const stop = new AbortController();
  const changes = workers.memory.operations.changes(stop.signal);
  try {
    yield undefined;
    for await (const _hint of changes) yield undefined;
  } finally {
    stop.abort();
  }
}

const reported = (what: string) => (operation: Operation) => text(operation.metadata) === what;
const isCancelled = ({ state }: Operation): boolean => state === 'CANCELLED';
const isFailed = ({ state }: Operation): boolean => state === 'FAILED';

afterAll(() => {
  rmSync(directory, { recursive: true });
});

test("a close without a drain hands a thread's work back, and burns no attempt", async () => {
  const workers = await hostile('spins');
  await until(workers, reported('spinning'));
  await workers.dispatcher.close();
  expect(await workers.get()).toMatchObject({ state: 'QUEUED', failureCount: 0, deathCount: 0 });
});

describe('an operation in a hostile thread', () => {
  afterEach(async () => {
    for (const workers of made.splice(0)) await workers.dispatcher.close();
  });

  test('that spins is terminated late in the grace: CANCELLED, its stop confirmed', async () => {
    const workers = await hostile('spins');
    await until(workers, reported('spinning'));
    await workers.cancel();
    await workers.clock.advance(7_999);
    expect((await workers.get()).state).toBe('CANCELLING');
    await workers.clock.advance(1);
    expect(await until(workers, isCancelled)).toMatchObject({ cancel: { stopConfirmed: true } });
  });

  test('that heeds the shared word stops without any of the grace', async () => {
    const workers = await hostile('readsTheWord');
    await until(workers, reported('reading'));
    await workers.cancel();
    expect(await until(workers, isCancelled)).toMatchObject({ cancel: { stopConfirmed: true } });
  });

  test('that is stuck in a system call loses the operation, its stop not confirmed, and ends with the call', async () => {
    const workers = await hostile('blocksInTheKernel');
    // A FIFO opens for writing once a reader is within its own open; then the reader waits for what is written.
    const writer = await open(fifo, 'w');
    await workers.cancel();
    await workers.clock.advance(10_000);
    expect(await until(workers, isCancelled)).toMatchObject({ cancel: { stopConfirmed: false } });
    const [attempt] = workers.registry.held();
    await writer.close();
    await attempt?.ended;
    expect(workers.registry.held()).toEqual([]);
  });

  test.each([
    ['exits', Code.UNAVAILABLE],
    ['throwsLater', Code.INTERNAL],
    ['fillsHeap', Code.RESOURCE_EXHAUSTED],
  ])('that %s fails the operation and harms nothing else', async (kind, code) => {
    const workers = await hostile(kind);
    expect(await until(workers, isFailed)).toMatchObject({
      result: { error: { code } },
      failureCount: 1,
      deathCount: 0,
    });
  });

  test('that floods progress costs few writes, and ends with the last of it', async () => {
    const workers = await hostile('floods');
    const before = workers.database.countOf('update');
    const done = await until(workers, ({ state }) => state === 'SUCCEEDED');
    expect(text(done.metadata)).toBe('1000000');
    expect(workers.database.countOf('update') - before).toBeLessThanOrEqual(2);
  });
});

import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import type { Worker } from '../../src/workers/worker.ts';
import { bytes, type BehaviourName } from '../workers/behaviours.ts';
import { RecordingContext, taskOfKind } from '../workers/recording-context.ts';

/**
 * What every Worker promises.
 *
 * @param make  a worker whose handler does what BEHAVIOURS has under the name of the task's kind.
 */
export function describeWorker(what: string, make: () => Worker): void {
  describe(what, () => {
    const made: Worker[] = [];
    const start = (behaviour: BehaviourName, context = new RecordingContext()) => {
      const worker = make();
      made.push(worker);
      return { worker, context, outcome: worker.run(taskOfKind(behaviour), context) };
    };

    afterEach(async () => {
      await Promise.all(made.splice(0).map((worker) => worker.close()));
    });

    test('resolves with the response of work that succeeds', async () => {
      const { outcome } = start('succeeds');
      await expect(outcome).resolves.toHaveProperty('response');
    });

    test('rejects with the very reason of the abort once the work has stopped', async () => {
      const { context, outcome } = start('waitsForAbort');
      await context.started;
      const reason = context.abort();
      await expect(outcome).rejects.toBe(reason);
    });

    test('rejects with the reason when the signal was aborted before the start', async () => {
      const context = new RecordingContext();
      const reason = context.abort();
      const { outcome } = start('waitsForAbort', context);
      await expect(outcome).rejects.toBe(reason);
      expect(context.progress).toEqual([]);
    });

    test('passes on that the interrupt was seen, and what is written while cleaning up', async () => {
      const { context, outcome } = start('acknowledgesThenStops');
      await context.started;
      const reason = context.abort();
      await expect(outcome).rejects.toBe(reason);
      expect(context.acknowledgeCount).toBe(1);
      expect(context.checkpoints).toEqual(['cleaned up']);
    });

    test('resolves when the work finished despite the abort', async () => {
      const { context, outcome } = start('finishesDespiteAbort');
      await context.started;
      context.abort();
      await expect(outcome).resolves.toHaveProperty('response');
    });

    test('shows a failure that happened after the abort, not the abort', async () => {
      const { context, outcome } = start('failsWhenAborted');
      await context.started;
      context.abort();
      await expect(outcome).rejects.toMatchObject({ code: Code.DATA_LOSS, message: 'the disk broke meanwhile' });
    });

    test('suspends work that was asked to, its checkpoint saved', async () => {
      const { context, outcome } = start('suspendsWhenAsked');
      await context.started;
      context.askToSuspend();
      await expect(outcome).resolves.toBe('suspended');
      expect(context.checkpoints).toEqual(['half']);
    });

    test('suspends work that was asked to before it started', async () => {
      const context = new RecordingContext();
      context.askToSuspend();
      await expect(start('suspendsWhenAsked', context).outcome).resolves.toBe('suspended');
    });

    test('rejects with the StatusError that the work failed with, whole', async () => {
      const error: unknown = await start('failsWithStatus').outcome.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StatusError);
      expect(error).toMatchObject({
        code: Code.NOT_FOUND,
        message: 'source not found',
        info: { reason: 'SOURCE_NOT_FOUND', metadata: { path: '/data' } },
        retryDelayMs: 7,
      });
    });

    test('rejects with any other error by its name, message and stack', async () => {
      const error = await start('failsWithBug').outcome.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'TypeError', message: 'undefined is not a plan' });
      expect((error as Error).stack).toContain('behaviours.ts');
    });

    test('hands the fence and the last checkpoint to the work, and its progress on', async () => {
      const context = new RecordingContext();
      context.checkpoint = bytes('the middle');
      await start('readsCheckpoint', context).outcome;
      expect(context.progress).toEqual(['fence 7 from the middle']);
    });

    test('gives the work its journal', async () => {
      const { context, outcome } = start('keepsJournal');
      await outcome;
      expect(context.checkpoints).toEqual(['a is settled']);
      expect(context.progress).toEqual(['1 of 2', 'open: b=2']);
    });

    test('tells the work of a write that was refused', async () => {
      const context = new RecordingContext();
      context.refusal = new StatusError(Code.ABORTED, 'operations/1 is no longer held', { reason: 'STALE_FENCE' });
      await expect(start('failsToSave', context).outcome).rejects.toMatchObject({ info: { reason: 'STALE_FENCE' } });
    });

    test('leaves no listener on the signals', async () => {
      const { context, outcome } = start('succeeds');
      await outcome;
      expect(getEventListeners(context.signal, 'abort')).toEqual([]);
      expect(getEventListeners(context.suspend, 'abort')).toEqual([]);
    });

    test('refuses work once closed, and closes twice', async () => {
      const { worker, outcome } = start('succeeds');
      await outcome;
      await worker.close();
      await worker.close();
      const refused = worker.run(taskOfKind('succeeds'), new RecordingContext());
      await expect(refused).rejects.toMatchObject({ code: Code.UNAVAILABLE });
    });
  });
}

import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { retryStorage, untilAborted, type StorageRetryOptions } from '../../src/workers/storage-retry.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

const FULL = noRoom('STORAGE_FULL');
const QUOTA = new StatusError(Code.RESOURCE_EXHAUSTED, 'the quota is used up', { reason: 'QUOTA' });

function noRoom(reason: string): StatusError {
  return new StatusError(Code.RESOURCE_EXHAUSTED, 'there is no room', { reason });
}

function retryOptions(clock: FakeClock, signal: AbortSignal): StorageRetryOptions & { readonly faults: unknown[] } {
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => {
    faults.push(error);
  };
  return { clock, signal, backoff: { initialMs: 100, maxMs: 1_000 }, random: () => 0.5, onFault, faults };
}

/** Rejects so many times, then resolves. */
function failing(count: number, error: Error): () => Promise<string> {
  let failures = count;
  return () => (failures-- > 0 ? Promise.reject(error) : Promise.resolve('written'));
}

describe('a write to a storage that fails', () => {
  test.each(['STORAGE_FULL', 'WRITE_QUEUE_FULL', 'READ_QUEUE_FULL'])(
    'is repeated until it goes through, each %s told',
    async (reason) => {
      const clock = new FakeClock();
      const options = retryOptions(clock, new AbortController().signal);
      const fault = noRoom(reason);
      const written = retryStorage(failing(3, fault), options);
      await clock.advance(10_000);
      await expect(written).resolves.toBe('written');
      expect(options.faults).toEqual([fault, fault, fault]);
    },
  );

  test('is not repeated when the storage is not at fault', async () => {
    const options = retryOptions(new FakeClock(), new AbortController().signal);
    await expect(retryStorage(failing(1, QUOTA), options)).rejects.toBe(QUOTA);
  });

  test('ends with the reason of the signal, between two tries and within one', async () => {
    for (const call of [failing(99, FULL), () => new Promise<string>(() => undefined)]) {
      const clock = new FakeClock();
      const stop = new AbortController();
      const written = retryStorage(call, retryOptions(clock, stop.signal));
      await settle();
      stop.abort(new Error('enough'));
      await expect(written).rejects.toThrow('enough');
      expect(clock.sleeperCount).toBe(0);
    }
  });

  test('leaves no listener on the signal', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const written = retryStorage(failing(2, FULL), retryOptions(clock, signal));
    await clock.advance(1_000);
    await written;
    await expect(untilAborted(Promise.reject(QUOTA), signal)).rejects.toBe(QUOTA);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

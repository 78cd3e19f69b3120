import { expect, test } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { TurnQueue } from '../../src/core/turn-queue.ts';

test('turns come in the order of waiting', async () => {
  const queue = new TurnQueue<string>();
  const { signal } = new AbortController();
  const order: string[] = [];
  const waits = ['a', 'b', 'c'].map((name) => queue.wait(name, signal).then(() => order.push(name)));
  expect([queue.first, queue.length]).toEqual(['a', 3]);
  for (const _ of waits) queue.letIn();
  await Promise.all(waits);
  expect([order, queue.first, queue.length]).toEqual([['a', 'b', 'c'], undefined, 0]);
});

test('many that wait with one signal listen to it once, and nobody when none waits', async () => {
  const queue = new TurnQueue();
  const { signal } = new AbortController();
  const waits = Array.from({ length: 100 }, () => queue.wait(undefined, signal));
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  for (const _ of waits) queue.letIn();
  await Promise.all(waits);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('an abort rejects those who wait with it, tells so, and leaves the others', async () => {
  let toldCount = 0;
  const queue = new TurnQueue<string>(() => (toldCount += 1));
  const [stays, leaves] = [new AbortController(), new AbortController()];
  const waits = [queue.wait('a', leaves.signal), queue.wait('b', stays.signal), queue.wait('c', leaves.signal)];
  leaves.abort(new Error('enough'));
  queue.letIn();
  const outcomes = await Promise.allSettled(waits);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  expect([toldCount, queue.length]).toEqual([1, 0]);
});

test('who comes with a signal that was aborted does not wait', async () => {
  const queue = new TurnQueue();
  await expect(queue.wait(undefined, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  expect(queue.length).toBe(0);
});

import { expect, test } from '@jest/globals';
import { interleave } from '../../bench/frame/interleave.ts';

test('subjects take turns, each goes first equally often, and the n-th runs of all were side by side', async () => {
  const order: string[] = [];
  const subject = (name: string) => async () => order.push(name);

  const runs = await interleave(3, { a: subject('a'), b: subject('b'), c: subject('c') });

  expect(order.join('')).toBe('abcbcacab');
  expect(runs).toEqual({ a: [1, 6, 8], b: [2, 4, 9], c: [3, 5, 7] });
});

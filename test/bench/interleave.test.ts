import { expect, test } from '@jest/globals';
import { interleave } from '../../bench/frame/interleave.ts';

test('subjects take turns, each goes first in turn, and each comes after another one each time', async () => {
  const order: string[] = [];
  const subject = (name: string) => async () => order.push(name);

  const runs = await interleave(3, { a: subject('a'), b: subject('b'), c: subject('c') });

  expect(order.join('')).toBe('abcbaccab');
  expect(runs).toEqual({ a: [1, 5, 8], b: [2, 4, 9], c: [3, 6, 7] });
});

test.each([1, 2, 4, 5, 8])('of %d subjects each is measured once a round', async (count) => {
  const names = Array.from({ length: count }, (_, index) => `subject-${String(index)}`);

  const runs = await interleave(7, Object.fromEntries(names.map((name) => [name, async () => name])));

  expect(runs).toEqual(Object.fromEntries(names.map((name) => [name, Array(7).fill(name)])));
});

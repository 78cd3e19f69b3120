import { expect, test } from '@jest/globals';
import { percentile, ratios, summarize } from '../../bench/frame/statistics.ts';

test('a summary holds the median, the extremes and the count, whatever the order', () => {
  expect(summarize([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9, count: 3 });
});

test('the median of an even count is the mean of the two in the middle', () => {
  expect(summarize([4, 1, 2, 9]).median).toBe(3);
});

test.each([
  { share: 0, expected: 1 },
  { share: 0.5, expected: 50.5 },
  { share: 0.99, expected: 99 },
  { share: 1, expected: 100 },
])('the percentile $share of 1 to 100 is $expected', ({ share, expected }) => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);

  expect(percentile(values, share)).toBe(expected);
});

test('a percentile of nothing is refused', () => {
  expect(() => percentile([], 0.5)).toThrow('of nothing');
});

test('ratios are taken run by run, so that a slow moment of the machine falls on both sides', () => {
  expect(ratios([10, 40], [20, 80])).toEqual([0.5, 0.5]);
});

test('runs that do not come in pairs have no ratios', () => {
  expect(() => ratios([1, 2], [1])).toThrow('pairs');
});

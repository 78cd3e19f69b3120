import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextProgress, type Progress, type ProgressReport } from '../../src/operations/progress.ts';

/** Reports one after the other, each so long after the one before. */
function follow(reports: readonly (readonly [afterMs: number, report: ProgressReport])[], sinceMs = 0): Progress {
  let now = 1_000;
  let previous: Progress | undefined;
  for (const [afterMs, report] of reports) {
    now += afterMs;
    previous = nextProgress(report, now, { previous, sinceMs });
  }
  return previous ?? { updateTimeMs: now };
}

const items = (done: number, rest: object = {}): ProgressReport => ({ items: { done, ...rest } });

describe('the rate of progress', () => {
  test('is not known from one report', () => {
    expect(follow([[0, items(5)]]).items).toEqual({ done: 5 });
  });

  test('is that of the time between two', () => {
    expect(
      follow([
        [0, items(0)],
        [2_000, items(10)],
      ]).items?.perSecond,
    ).toBeCloseTo(5);
  });

  test('of even work is even, however often it is reported', () => {
    const delays = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(delays, (afterMs) => {
        let atMs = 0;
        const reports = afterMs.map((ms) => [ms, items((atMs += ms) * 3)] as const);
        expect(follow([[0, items(0)], ...reports]).items?.perSecond).toBeCloseTo(3_000, 3);
      }),
    );
  });

  test('follows a change within some of its 10 seconds', () => {
    const fast = Array.from({ length: 60 }, (_, index) => [1_000, items((index + 1) * 100)] as const);
    const slow = Array.from({ length: 30 }, (_, index) => [1_000, items(6_000 + (index + 1) * 10)] as const);
    const rate = follow([[0, items(0)], ...fast, ...slow]).items?.perSecond ?? 0;
    expect(rate).toBeGreaterThan(10);
    expect(rate).toBeLessThan(16);
  });

  test('counts two reports close together as little as the time between them', () => {
    const rate =
      follow([
        [0, items(0)],
        [1, items(100)],
        [10_000, items(200)],
      ]).items?.perSecond ?? 0;
    expect(rate).toBeLessThan(30);
  });

  test('never spans two attempts', () => {
    expect(
      follow(
        [
          [0, items(0)],
          [5_000, items(10)],
        ],
        4_000,
      ).items?.perSecond,
    ).toBeUndefined();
  });

  test('is what the worker says when it says it', () => {
    expect(
      follow([
        [0, items(0)],
        [1_000, items(10, { perSecond: 77 })],
      ]).items?.perSecond,
    ).toBe(77);
  });

  test('stays when the clock was set back, or the count', () => {
    expect(
      follow([
        [0, items(0)],
        [1_000, items(5)],
        [-500, items(6)],
      ]).items?.perSecond,
    ).toBeCloseTo(5);
    expect(
      follow([
        [0, items(0)],
        [1_000, items(5)],
        [1_000, items(1)],
      ]).items?.perSecond,
    ).toBeCloseTo(5);
  });
});

describe('the time left', () => {
  const total = { total: 30, totalComplete: true };

  test('is that of the measure which takes longest', () => {
    const report = (done: number): ProgressReport => ({
      items: { done, ...total },
      bytes: { done: done * 10, total: 1_000, totalComplete: true },
    });
    expect(
      follow([
        [0, report(0)],
        [1_000, report(10)],
      ]).timeLeftMs,
    ).toBe(9_000);
  });

  test('is not told before the total is complete', () => {
    expect(
      follow([
        [0, items(0, { total: 30 })],
        [1_000, items(10, { total: 30 })],
      ]).timeLeftMs,
    ).toBeUndefined();
  });

  test('is nothing when all is done', () => {
    expect(follow([[0, items(30, total)]]).timeLeftMs).toBe(0);
  });

  test('is not told while nothing moves', () => {
    expect(
      follow([
        [0, items(1, total)],
        [1_000, items(1, total)],
      ]).timeLeftMs,
    ).toBeUndefined();
  });
});

test('texts and samples are kept within their bounds', () => {
  const sample = { code: 5, item: 'i'.repeat(5_000), message: 'm'.repeat(5_000) };
  const kept = follow([[0, { errorSamples: Array.from({ length: 30 }, () => sample), stage: 's'.repeat(999) }]]);
  expect(kept.errorSamples).toHaveLength(10);
  expect(kept.errorSamples?.[0]?.item).toHaveLength(1_024);
  expect(kept.errorSamples?.[0]?.message).toHaveLength(1_024);
  expect(kept.stage).toHaveLength(256);
});

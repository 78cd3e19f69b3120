import { expect, test } from '@jest/globals';
import { standardProgressOf } from '../../src/transfers/standard-progress.ts';

const counters = {
  objectsFoundFromSource: 10,
  bytesFoundFromSource: 1_000,
  objectsFromSourceSkippedBySync: 3,
  bytesFromSourceSkippedBySync: 300,
  objectsCopiedToSink: 4,
  bytesCopiedToSink: 400,
  objectsFromSourceFailed: 1,
  bytesFromSourceFailed: 50,
};

test('what is copied, skipped or failed is done, and staged bytes of large objects are', () => {
  const outlook = { isListed: true, stagedBytes: 25 };
  expect(standardProgressOf({ counters, errorBreakdowns: [], outlook })).toEqual({
    items: { done: 8, total: 13, totalComplete: true, skipped: 3, failed: 1 },
    bytes: { done: 775, total: 1_300, totalComplete: true, skipped: 300, failed: 50 },
    errorSamples: [],
  });
});

test('the total may grow while the walk goes on', () => {
  const { items } = standardProgressOf({ counters, errorBreakdowns: [] });
  expect(items).toEqual({ done: 8, total: 13, skipped: 3, failed: 1 });
});

test('failures are shown with the first of their details', () => {
  const errorBreakdowns = [{ code: 5, count: 9, samples: [{ url: 'file:///a', details: ['gone', 'more'] }] }] as const;
  expect(standardProgressOf({ counters: {}, errorBreakdowns }).errorSamples).toEqual([
    { code: 5, item: 'file:///a', message: 'gone' },
  ]);
});

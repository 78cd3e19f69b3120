import { expect, test } from '@jest/globals';
import { EndpointMeasures } from '../../../src/stores/decorators/endpoint-measures.ts';
import { measuringStore } from '../../../src/stores/decorators/measuring-store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FlakyStore, text, textOf, unavailable } from './flaky-store.ts';

const never = new AbortController().signal;

test('counts calls, bytes of both directions, and failures by code', async () => {
  const measures = new EndpointMeasures();
  const flaky = new FlakyStore();
  const store = measuringStore(flaky, { clock: new FakeClock(), measures });
  await store.write('k', text('he', 'llo'), { modifyTimeMs: 0, signal: never });
  await textOf(store.read('k', { offsetBytes: 1, signal: never }));
  for await (const _ of store.list('', { signal: never }));
  flaky.failures.push(unavailable(), new Error('bug'));
  await expect(store.stat('k', never)).rejects.toThrow();
  await expect(store.stat('k', never)).rejects.toThrow();
  expect(measures.snapshot()).toMatchObject({
    count: 5,
    writtenBytes: 5,
    readBytes: 4,
    failureCounts: { UNAVAILABLE: 1, UNKNOWN: 1 },
  });
});

test('counts a call by how long it took', () => {
  const measures = new EndpointMeasures();
  for (const durationMs of [0, 1, 2, 3, 4, 1000, 1e9]) measures.ended(durationMs);
  const { durationCounts } = measures.snapshot();
  expect(durationCounts.slice(0, 4)).toEqual([0, 2, 2, 1]);
  expect([durationCounts[10], durationCounts.at(-1)]).toEqual([1, 1]);
  expect(durationCounts).toHaveLength(18);
});

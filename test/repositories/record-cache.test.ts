import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sizeOf } from '../../src/repositories/record-size.ts';
import { RecordCache } from '../../src/repositories/record-cache.ts';
import { sampleOperation } from '../operations/sample-operation.ts';

const record = (name: string, bytes = 0) => sampleOperation({ name, encoded: new Uint8Array(bytes) });

test('what is asked for now and then stays while others come and go', () => {
  const cache = new RecordCache({ cacheRecordsMax: 10, cacheBytesMax: 1e9 });
  cache.put(record('kept'));
  for (let index = 0; index < 100; index += 1) {
    cache.put(record(`passing-${String(index)}`));
    if (index % 3 === 0) cache.get('kept');
  }
  expect(cache.get('kept')?.name).toBe('kept');
  expect(cache.get('passing-0')).toBeUndefined();
  expect(cache.get('passing-99')).toBeDefined();
});

test('the latest half of what may be kept is always there', () => {
  const cache = new RecordCache({ cacheRecordsMax: 10, cacheBytesMax: 1e9 });
  for (let index = 0; index < 100; index += 1) {
    cache.put(record(String(index)));
    const latest = Array.from({ length: Math.min(index + 1, 5) }, (_, back) => String(index - back));
    expect(latest.filter((name) => cache.get(name) === undefined)).toEqual([]);
  }
});

test('a record that is too large for its half never comes, and one that grew too large is forgotten', () => {
  const room = 2 * sizeOf(record('a', 1000));
  const cache = new RecordCache({ cacheRecordsMax: 100, cacheBytesMax: room });
  cache.put(record('a', 1000));
  expect(cache.get('a')).toBeDefined();
  cache.put(record('a', room));
  expect(cache.get('a')).toBeUndefined();
  expect(cache.size).toEqual({ records: 0, bytes: 0 });
});

test('a record that is put again counts once', () => {
  const cache = new RecordCache({ cacheRecordsMax: 4, cacheBytesMax: 100_000 });
  for (const bytes of [10, 20, 30]) cache.put(record('a', bytes));
  expect(cache.size).toEqual({ records: 1, bytes: sizeOf(record('a', 30)) });
});

test('whatever is put, asked for and deleted, both bounds hold and the latest record of a name is what is found', () => {
  const limits = { cacheRecordsMax: 6, cacheBytesMax: 12 * sizeOf(record('a', 500)) };
  const step = fc.record({
    kind: fc.constantFrom('put', 'get', 'delete'),
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    bytes: fc.integer({ min: 0, max: 4000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cache = new RecordCache(limits);
      const latest = new Map<string, unknown>();
      for (const { kind, name, bytes } of steps) {
        if (kind === 'put') {
          const put = record(name, bytes);
          latest.set(name, put);
          cache.put(put);
        } else if (kind === 'delete') {
          latest.delete(name);
          cache.delete(name);
        } else expect([undefined, latest.get(name)]).toContain(cache.get(name));
        expect(cache.size.records).toBeLessThanOrEqual(limits.cacheRecordsMax);
        expect(cache.size.bytes).toBeLessThanOrEqual(limits.cacheBytesMax);
      }
    }),
  );
});

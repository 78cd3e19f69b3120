import { expect, test } from '@jest/globals';
import { sizeOf } from '../../src/repositories/operation-row.ts';
import { RecordCache } from '../../src/repositories/record-cache.ts';
import { sampleOperation } from '../operations/sample-operation.ts';

const record = (name: string, bytes = 0) => sampleOperation({ name, encoded: new Uint8Array(bytes) });

test('the least recently used record goes first when there are too many', () => {
  const cache = new RecordCache({ cacheRecordsMax: 2, cacheBytesMax: 1e9 });
  cache.put(record('a'));
  cache.put(record('b'));
  cache.get('a');
  cache.put(record('c'));
  expect(['a', 'b', 'c'].map((name) => cache.get(name)?.name)).toEqual(['a', undefined, 'c']);
});

test('records go when they are too large together, and one that is too large alone never comes', () => {
  const size = sizeOf(record('a', 1000));
  const room = 2.5 * size;
  const cache = new RecordCache({ cacheRecordsMax: 100, cacheBytesMax: room });
  for (const name of ['a', 'b', 'c']) cache.put(record(name, 1000));
  cache.put(record('d', room));
  expect(['a', 'b', 'c', 'd'].map((name) => cache.get(name)?.name)).toEqual([undefined, 'b', 'c', undefined]);
  expect(cache.size).toEqual({ records: 2, bytes: 2 * size });
});

test('room is made for many at once, and the bound holds after each put', () => {
  const cache = new RecordCache({ cacheRecordsMax: 32, cacheBytesMax: 1e9 });
  const sizes = Array.from({ length: 100 }, (_, index) => {
    cache.put(record(`operation-${String(index)}`));
    return cache.size.records;
  });
  expect(Math.max(...sizes)).toBe(32);
  expect(Math.min(...sizes.slice(32))).toBe(30);
  expect(cache.get('operation-99')).toBeDefined();
});

test('a record that is put again counts once, and one that grew too large is forgotten', () => {
  const cache = new RecordCache({ cacheRecordsMax: 2, cacheBytesMax: 10_000 });
  for (const bytes of [10, 20, 30]) cache.put(record('a', bytes));
  expect(cache.size).toEqual({ records: 1, bytes: sizeOf(record('a', 30)) });
  cache.put(record('a', 20_000));
  expect(cache.get('a')).toBeUndefined();
  expect(cache.size).toEqual({ records: 0, bytes: 0 });
});

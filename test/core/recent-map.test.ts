import { expect, test } from '@jest/globals';
import { RecentMap } from '../../src/core/recent-map.ts';

test('what is asked for stays while others come and go', () => {
  const map = new RecentMap<string, number>(10);
  map.set('asked', 1, 1);
  map.set('left', 2, 1);
  for (let index = 0; index < 20; index += 1) {
    map.set(String(index), index, 1);
    map.get('asked');
  }
  expect([map.get('asked'), map.get('left')]).toEqual([1, undefined]);
});

test('its entries never need more than its room', () => {
  const map = new RecentMap<number, number>(100);
  for (let key = 0; key < 200; key += 1) map.set(key, key, 1 + (key % 7));
  const kept = Array.from({ length: 200 }, (_, key) => key).filter((key) => map.get(key) !== undefined);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.reduce((sum, key) => sum + 1 + (key % 7), 0)).toBeLessThanOrEqual(100);
});

test('an entry set again counts once', () => {
  const map = new RecentMap<string, number>(10);
  map.set('other', 0, 1);
  for (let value = 0; value < 100; value += 1) map.set('same', value, 2);
  expect([map.get('other'), map.get('same')]).toEqual([0, 99]);
});

test('an entry of more than half of the room is not kept, and pushes nothing out', () => {
  const map = new RecentMap<string, number>(10);
  map.set('small', 1, 1);
  map.set('large', 2, 6);
  expect([map.get('small'), map.get('large')]).toEqual([1, undefined]);
});

import { beforeEach, expect, test } from '@jest/globals';
import { READING_ABILITIES } from '../../../src/stores/s3/s3-abilities.ts';
import { S3AbilityCache } from '../../../src/stores/s3/s3-ability-cache.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const HOUR_MS = 3_600_000;
const ABILITIES = { ...READING_ABILITIES, writesOnlyIfAbsent: true, echoesStartAfter: true, listsInByteOrder: false };

let clock: FakeClock;
let shared: SharedArrayBuffer;
beforeEach(() => {
  clock = new FakeClock();
  shared = new SharedArrayBuffer(S3AbilityCache.SIZE_BYTES);
});

/** As each thread has one. */
const cache = (): S3AbilityCache => new S3AbilityCache(clock, HOUR_MS, shared);

test('what one thread finds out, all others know, each ability by itself', () => {
  cache().set('https://a bucket', ABILITIES);
  expect(cache().get('https://a bucket')).toEqual(ABILITIES);
  expect(cache().get('https://a other')).toBeUndefined();
});

test('a server is asked anew after a while', async () => {
  cache().set('a', ABILITIES);
  await clock.advance(HOUR_MS);
  expect(cache().get('a')).toEqual(ABILITIES);
  await clock.advance(1);
  expect(cache().get('a')).toBeUndefined();
});

test('disorder is remembered of endpoints that nobody has asked, and beyond their abilities', async () => {
  cache().noteDisorder('a');
  expect([cache().isDisordered('a'), cache().get('a')]).toEqual([true, undefined]);
  cache().set('a', ABILITIES);
  await clock.advance(2 * HOUR_MS);
  expect([cache().isDisordered('a'), cache().isDisordered('b')]).toEqual([true, false]);
});

test('of more endpoints than there is room for each is known as itself, or not at all', () => {
  const endpoints = Array.from({ length: 500 }, (_, index) => `https://${index} bucket`);
  const abilitiesOf = (index: number) => ({ ...READING_ABILITIES, writesOnlyIfAbsent: index % 2 === 0 });
  for (const [index, endpoint] of endpoints.entries()) cache().set(endpoint, abilitiesOf(index));
  const known = endpoints.flatMap((endpoint, index) => {
    const abilities = cache().get(endpoint);
    return abilities === undefined ? [] : [[abilities, abilitiesOf(index)]];
  });
  for (const [abilities, expected] of known) expect(abilities).toEqual(expected);
  expect(known.length).toBeGreaterThan(10);
});

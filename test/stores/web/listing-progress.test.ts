import { expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { ListingProgress } from '../../../src/stores/web/listing-progress.ts';

const info = expect.objectContaining({ reason: 'ANSWER_MALFORMED', metadata: { resource: 's3://b' } }) as unknown;
const still = expect.objectContaining({ code: Code.UNAVAILABLE, info }) as unknown as Error;

test.each([1, 2, 3, 7, 100])('finds tokens that repeat themselves after %i pages', (length) => {
  const progress = new ListingProgress('s3://b');
  const walk = (): void => {
    for (let page = 0; page < 10 + 3 * length; page += 1) progress.goesOn(`token-${page % length}`, `key-${page}`);
  };
  expect(walk).toThrow(still);
});

test('finds a listing that brings no new key, whatever its tokens', () => {
  for (const key of [undefined, 'k']) {
    const progress = new ListingProgress('s3://b', 5);
    const walk = (): void => {
      for (let page = 0; page < 7; page += 1) progress.goesOn(`token-${page}`, key);
    };
    expect(walk).toThrow(still);
  }
});

test('lets a listing go on that has as many empty pages as may be, again and again', () => {
  const progress = new ListingProgress('s3://b', 5);
  for (let page = 0; page < 1000; page += 1) {
    progress.goesOn(`token-${page}`, page % 6 === 0 ? `key-${page}` : undefined);
  }
});

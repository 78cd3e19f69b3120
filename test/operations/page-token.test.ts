import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { pageSizeOf } from '../../src/operations/page-size.ts';
import { PageTokens } from '../../src/operations/page-token.ts';

const DAY_MS = 86_400_000;
const tokens = new PageTokens(new Uint8Array(32).fill(7), 3 * DAY_MS);
const scope = { surface: 'storagetransfer', collection: 'transferOperations', filter: '{"projectId":"p"}' };
const cursor = { createTimeMs: 1234, name: 'transferOperations/ü/1' };
const NOW = 10_000;
const refusedWith = (reason: string) =>
  expect.objectContaining({ code: Code.INVALID_ARGUMENT, info: expect.objectContaining({ reason }) });

test('a token gives back its place', () => {
  expect(tokens.verify(scope, tokens.sign(scope, cursor, NOW), NOW)).toEqual(cursor);
});

test('a token is safe in a URL', () => {
  expect(tokens.sign(scope, cursor, NOW)).toMatch(/^[A-Za-z0-9_-]+$/);
});

describe('a token is refused', () => {
  const token = tokens.sign(scope, cursor, NOW);

  // AIP-158: "The user is expected to keep all other arguments to the RPC the same; if any arguments are different, the API should send an INVALID_ARGUMENT error."
  test.each([
    ['another filter', { ...scope, filter: '{"projectId":"q"}' }],
    ['another parent', { ...scope, collection: 'operations' }],
    ['another surface', { ...scope, surface: 'longrunning' }],
  ])('with %s', (_what, other) => {
    expect(() => tokens.verify(other, token, NOW)).toThrow(refusedWith('PAGE_TOKEN_MISMATCH'));
  });

  test('when it has expired', () => {
    expect(() => tokens.verify(scope, token, NOW + 3 * DAY_MS)).toThrow(refusedWith('PAGE_TOKEN_EXPIRED'));
    expect(tokens.verify(scope, token, NOW + 3 * DAY_MS - 1)).toEqual(cursor);
  });

  test('when another key signed it', () => {
    const foreign = new PageTokens(new Uint8Array(32).fill(8), DAY_MS).sign(scope, cursor, NOW);
    expect(() => tokens.verify(scope, foreign, NOW)).toThrow(refusedWith('PAGE_TOKEN_INVALID'));
  });

  test('when one character of it is another', () => {
    for (let index = 0; index < token.length; index += 1) {
      const forged = token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1);
      expect(() => tokens.verify(scope, forged, NOW)).toThrow(refusedWith('PAGE_TOKEN_INVALID'));
    }
  });

  test('whatever garbage it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.constant('x'.repeat(100_000))), (garbage) => {
        expect(() => tokens.verify(scope, garbage, NOW)).toThrow(StatusError);
      }),
    );
  });
});

describe('page size', () => {
  const defaults = { defaultPageSize: 100, maxPageSize: 1000 };

  test.each([
    [undefined, 100],
    [0, 100],
    [1, 1],
    [1000, 1000],
    // AIP-158: "If the user specifies a value greater than the maximum permitted by the API, the API should coerce down to the maximum permitted."
    [1001, 1000],
    [2_147_483_647, 1000],
  ])('%s gives %s', (asked, size) => {
    expect(pageSizeOf(asked, defaults)).toBe(size);
  });

  // AIP-158: "If the user specifies a negative value for page_size, the API must send an INVALID_ARGUMENT error."
  test.each([-1, -2_147_483_648])('%s is INVALID_ARGUMENT', (asked) => {
    expect(() => pageSizeOf(asked, defaults)).toThrow(expect.objectContaining({ code: Code.INVALID_ARGUMENT }));
  });
});

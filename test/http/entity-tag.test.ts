import { describe, expect, test } from '@jest/globals';
import { taggedAnswer, unlessKnown } from '../../src/http/entity-tag.ts';

const ANSWER = taggedAnswer({ status: 200, contentType: 'application/json', body: '{}' });
const { etag } = ANSWER.headers;

test('a tag is quoted, and of the bytes alone', () => {
  expect(etag).toMatch(/^"[\w-]+"$/);
  expect(taggedAnswer({ status: 200, contentType: 'x', body: Buffer.from('{}') }).headers.etag).toBe(etag);
  expect(taggedAnswer({ status: 200, contentType: 'application/json', body: '{ }' }).headers.etag).not.toBe(etag);
});

// RFC 9110, section 13.1.2: "A recipient MUST use the weak comparison function when comparing entity tags for If-None-Match".
describe('If-None-Match', () => {
  test.each([
    ['nothing', undefined, 200],
    ['the tag', etag, 304],
    ['the tag, weak', `W/${etag}`, 304],
    ['the tag behind others', `"a", W/"b",${etag}`, 304],
    ['any', '*', 304],
    ['any, with space', ' * ', 304],
    ['another tag', '"a"', 200],
    ['the tag without its quotes', etag.slice(1, -1), 200],
    ['a part of it', `${etag.slice(0, -3)}"`, 200],
    ['the text of any as a tag', '"*"', 200],
    ['an empty text', '', 200],
    ['a quote that is not closed', etag.slice(0, -1), 200],
  ])('%s', (_what, ifNoneMatch, status) => {
    const answer = unlessKnown(ANSWER, ifNoneMatch);
    expect([answer.status, answer.body, answer.headers]).toEqual([status, status === 200 ? '{}' : '', { etag }]);
  });
});

import { expect, test } from '@jest/globals';
import { listKeys, type KeyPage } from '../../bench/s3/list-keys.ts';

const KEYS = ['a', 'p/a/1', 'p/a/2', 'p/b', 'p/c/1', 'p/d', 'q'];

/** More pages than any listing here has. */
const PAGE_COUNT_MAX = 20;

/** All pages of a listing, as a client reads them. */
function pagesOf(prefix: string, delimiter: string, countMax: number): readonly KeyPage[] {
  const pages: KeyPage[] = [];
  let after: string | undefined = '';
  while (after !== undefined && pages.length < PAGE_COUNT_MAX) {
    const page = listKeys(KEYS, { prefix, delimiter, after, countMax });
    pages.push(page);
    after = page.next;
  }
  return pages;
}

test.each([1, 2, 3, 10])('a listing in pages of %d tells each key below the prefix once', (countMax) => {
  const pages = pagesOf('p/', '', countMax);

  expect(pages.flatMap(({ keys }) => keys)).toEqual(['p/a/1', 'p/a/2', 'p/b', 'p/c/1', 'p/d']);
});

test.each([1, 2, 3, 10])(
  'with a delimiter, pages of %d tell each common prefix once instead of its keys',
  (countMax) => {
    const pages = pagesOf('p/', '/', countMax);

    expect(pages.flatMap(({ keys }) => keys)).toEqual(['p/b', 'p/d']);
    expect(pages.flatMap(({ commonPrefixes }) => commonPrefixes)).toEqual(['p/a/', 'p/c/']);
  },
);

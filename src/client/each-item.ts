import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { Page } from './messages.ts';

/**
 * The items of all pages, each page asked for when the one before is used up. A page may be empty and still not be the last one
 * (AIP-158).
 *
 * @throws StatusError DATA_LOSS (ENDLESS_LIST) after `pageCountMax` pages.
 */
export async function* eachItem<Item>(
  list: (page: { readonly pageToken?: string }) => Promise<Page<Item>>,
  pageCountMax: number,
): AsyncGenerator<Item> {
  let page = await list({});
  for (let pageCount = 1; ; pageCount += 1) {
    yield* page.items;
    if (page.nextPageToken === '') return;
    if (pageCount === pageCountMax) {
      throw new StatusError(Code.DATA_LOSS, `the server had another page after ${pageCountMax}; narrow the list`, {
        reason: 'ENDLESS_LIST',
        metadata: { pageCountMax: String(pageCountMax) },
      });
    }
    page = await list({ pageToken: page.nextPageToken });
  }
}

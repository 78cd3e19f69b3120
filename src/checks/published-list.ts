import type { Clock } from '../core/clock.ts';
import type { MessageFilter } from '../operations/filter/message-filter.ts';
import type { ListCursor } from '../operations/operation-repository.ts';
import { pageSizeOf, type PageSizes } from '../operations/page-size.ts';
import type { PageScope, PageTokens } from '../operations/page-token.ts';
import type { Resource, ResourceRepository } from '../operations/resource.ts';
import { TurnBudget } from '../core/turn-budget.ts';
import type { ChecksCodec, ChecksMessage, ChecksType } from './checks-message.ts';
import type { ChecksLimits } from './limits.ts';

/** The paging members of a List request, as they came. */
export interface PageRequest {
  readonly pageSize?: number;
  readonly pageToken?: string;
}

export interface PublishedPage {
  readonly messages: readonly ChecksMessage[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

/** What is listed. */
export interface PublishedSelection {
  readonly type: ChecksType;
  /** Its parent's name. */
  readonly collection: string;
  /** All that decides on the list but the collection: a page token of another one is refused. */
  readonly filterText: string;
  readonly filter: MessageFilter;
  readonly pageSizes: PageSizes;
}

export interface PublishedListDependencies {
  readonly resources: ResourceRepository;
  readonly codec: ChecksCodec;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly nextTurn: () => Promise<void>;
  readonly limits: ChecksLimits;
}

interface Found {
  readonly messages: readonly ChecksMessage[];
  readonly next: ListCursor | undefined;
}

/** One page, the newest first. @throws StatusError INVALID_ARGUMENT for a page size or page token that is none. */
export async function listPublished(
  { pageSize, pageToken = '' }: PageRequest,
  selection: PublishedSelection,
  dependencies: PublishedListDependencies,
): Promise<PublishedPage> {
  const { pageTokens, clock } = dependencies;
  const limit = pageSizeOf(pageSize, selection.pageSizes);
  const { type, collection, filterText } = selection;
  const scope: PageScope = { surface: type.kind, collection, filter: filterText };
  const now = clock.now();
  const after = pageToken === '' ? undefined : pageTokens.verify(scope, pageToken, now);
  const { messages, next } = await fillPage(selection, { limit, after }, dependencies);
  return { messages, nextPageToken: next === undefined ? '' : pageTokens.sign(scope, next, now) };
}

/** Reads on until the page is full, by messages or by bytes, the list ends, or enough was looked at. */
async function fillPage(
  selection: PublishedSelection,
  page: { readonly limit: number; readonly after: ListCursor | undefined },
  { resources, codec, nextTurn, limits }: PublishedListDependencies,
): Promise<Found> {
  const { type, collection, filter } = selection;
  const { kind, typeName } = type;
  const messages: ChecksMessage[] = [];
  const turns = new TurnBudget(nextTurn, limits.listTurnBytes);
  let { after } = page;
  let bytes = 0;
  const readSize = filter.termCount === 0 ? Math.min(page.limit + 1, limits.listReadSize) : limits.listReadSize;
  for (let scanCount = 0; scanCount < limits.listScanCountMax; scanCount += readSize) {
    const records = await resources.list({
      kind,
      collection,
      ...(after === undefined ? {} : { after }),
      limit: readSize,
    });
    for (const record of records) {
      if (messages.length === page.limit) return { messages, next: after };
      await turns.spend(record.value.length * (1 + filter.termCount));
      const message = codec.decode(typeName, record.value);
      if (filter.matches(message)) {
        bytes += record.value.length;
        if (messages.length > 0 && bytes > limits.listBytesMax) return { messages, next: after };
        messages.push(message);
      }
      after = cursorOf(record);
    }
    if (records.length < readSize) return { messages, next: undefined };
  }
  return { messages, next: after };
}

function cursorOf({ createTimeMs, name }: Resource): ListCursor {
  return { createTimeMs, name };
}

import type { Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import { StatusError, unimplementedField } from '../core/status-error.ts';
import type { Database } from './database.ts';
import { readOperationFilter } from './filter/operation-filter.ts';
import type { FilterLimits } from './filter/parse-filter.ts';
import { isLastPage } from './list-page.ts';
import type { Operation } from './operation.ts';
import type { ListCursor, ListQuery } from './operation-repository.ts';
import { pageSizeOf } from './page-size.ts';
import type { PageScope, PageTokens } from './page-token.ts';
import type { AnyResolver } from './presenter.ts';
import type { Surface, SurfaceTable } from './surface.ts';
import { parseTransferFilter } from './transfer-filter.ts';
import { TurnBudget } from '../core/turn-budget.ts';

/** ListOperationsRequest, as it came. */
export interface ListRequest {
  readonly name: string;
  readonly filter: string;
  readonly pageSize?: number;
  readonly pageToken: string;
  readonly returnPartialSuccess: boolean;
}

export interface ListPage {
  readonly operations: readonly Operation[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

export interface ListLimits extends FilterLimits {
  /** Records that one List may look at to fill a page; a page may then be short. */
  readonly listScanCountMax: number;
  /** Records read at once while a filter leaves some of them out. */
  readonly listReadSize: number;
  /** Bytes of values read at once for a list: the read ends with the record that reaches them. */
  readonly listReadBytesMax: number;
  /** Bytes that a filter goes through before the event loop has another turn; those of a record count once for each term. */
  readonly listTurnBytes: number;
  /** Bytes of operations in one page: it ends short of them, so that it fits into one message. */
  readonly listBytesMax: number;
}

interface ListDependencies {
  readonly database: Database;
  readonly surfaces: SurfaceTable;
  readonly resolver: AnyResolver;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly nextTurn: () => Promise<void>;
  readonly limits: ListLimits;
}

/** What is listed: the part an index serves, and what is left to look at record by record. */
export interface Selection {
  readonly query: Omit<ListQuery, 'limit' | 'bytesMax' | 'after'>;
  readonly matches?: (operation: Operation) => boolean;
  /** What `matches` does for one record, as the restrictions that it tries. */
  readonly termCount: number;
}

export async function listOperations(request: ListRequest, dependencies: ListDependencies): Promise<ListPage> {
  const surface = dependencies.surfaces.ofList(request.name);
  assertPartialSuccess(request, surface);
  const pageSize = pageSizeOf(request.pageSize, surface);
  const selection = selectionOf(request, surface, dependencies);
  const scope: PageScope = { surface: surface.id, collection: request.name, filter: request.filter };
  const now = dependencies.clock.now();
  const after = request.pageToken === '' ? undefined : dependencies.pageTokens.verify(scope, request.pageToken, now);
  const { operations, next } = await fillPage(selection, { pageSize, after }, dependencies);
  return { operations, nextPageToken: next === undefined ? '' : dependencies.pageTokens.sign(scope, next, now) };
}

/** Reads on until the page is full, the list ends, or enough was looked at: a filter that matches little must not hold the call. */
async function fillPage(
  selection: Selection,
  page: { readonly pageSize: number; readonly after: ListCursor | undefined },
  { database, limits, nextTurn }: ListDependencies,
): Promise<{ operations: readonly Operation[]; next: ListCursor | undefined }> {
  const operations: Operation[] = [];
  let after = page.after;
  let bytes = 0;
  const turns = new TurnBudget(nextTurn, limits.listTurnBytes);
  // What is left out by a pattern is read too: in rounds that are worth one.
  const limit = Math.max(page.pageSize + 1, selection.matches === undefined ? 0 : limits.listReadSize);
  for (let scanned = 0; scanned < limits.listScanCountMax; scanned += limit) {
    const query: ListQuery = {
      ...selection.query,
      ...(after === undefined ? {} : { after }),
      limit,
      bytesMax: limits.listReadBytesMax,
    };
    const records = await database.operations.list(query);
    for (const record of records) {
      const isFull = operations.length === page.pageSize || bytes + record.encoded.length > limits.listBytesMax;
      if (isFull && operations.length > 0) return { operations, next: after };
      after = { createTimeMs: record.createTimeMs, name: record.name };
      await turns.spend(costOf(record, selection));
      if (selection.matches?.(record) === false) continue;
      operations.push(record);
      bytes += record.encoded.length;
    }
    if (isLastPage(records, query)) return { operations, next: undefined };
  }
  return { operations, next: after };
}

/** What looking at a record costs beside its bytes, as bytes. */
const RECORD_BYTES = 256;

/** What asking the selection's test of a record costs, bytes. */
export function costOf(record: Operation, { matches, termCount }: Selection): number {
  return matches === undefined ? 0 : (record.encoded.length + RECORD_BYTES) * termCount;
}

/** @throws StatusError INVALID_ARGUMENT for a filter that cannot be read. */
export function selectionOf(
  request: Pick<ListRequest, 'name' | 'filter'>,
  surface: Surface,
  { resolver, limits }: { readonly resolver: AnyResolver; readonly limits: FilterLimits },
): Selection {
  if (surface.filter === 'transfer-json') {
    const { matches, ...query } = parseTransferFilter(request.filter);
    return { query: { surface: surface.id, ...query }, ...(matches === undefined ? {} : { matches }), termCount: 1 };
  }
  const { query, isServed, matches, termCount } = readOperationFilter(request.filter, resolver, limits);
  const collection = collectionOf(request.name, surface);
  return { query: { surface: surface.id, collection, ...query }, termCount, ...(isServed ? {} : { matches }) };
}

/** The collection that a list name reads. `-` reads across all locations, and there is one (SURFACE.md §4.1). */
export function collectionOf(name: string, surface: Surface): string {
  if (surface.location === undefined) return name;
  const slash = name.lastIndexOf('/');
  const location = name.slice(slash + 1);
  if (location !== '-' && location !== surface.location) {
    throw new StatusError(Code.NOT_FOUND, `${name} not found; the one location is ${surface.location}`, {
      reason: 'LOCATION_NOT_FOUND',
      domain: surface.domain,
      metadata: { name, location },
    });
  }
  return `${name.slice(0, slash)}/${surface.location}`;
}

/** operations.proto: "not by default supported and will result in an UNIMPLEMENTED error if set unless documented otherwise". */
function assertPartialSuccess(request: ListRequest, surface: Surface): void {
  if (!request.returnPartialSuccess) return;
  if (surface.location !== undefined && request.name.endsWith('/-')) return;
  throw unimplementedField('return_partial_success', 'leave it out unless you read across locations');
}

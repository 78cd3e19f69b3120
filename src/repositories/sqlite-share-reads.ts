import { positionOf } from './operation-row.ts';
import { compareForClaim, compareText, type ClaimPosition } from './record-order.ts';
import type { Row, ShareRead, ShareRestRead } from './sqlite-protocol.ts';
import { FIRST_RANK, OPERATION_COLUMNS } from './sqlite-queries.ts';
import type { SqliteStatements } from './sqlite-statements.ts';

/**
 * What a shared claim may take: of each collection in turn, as many as it may still have leased, in the order of claims; at most as
 * many collections as the claim has slots. Before them where it stopped looking, as the protocol says.
 */
export function claimableByCollection(read: ShareRead, statements: SqliteStatements): readonly Row[] {
  const { query, begin, after, collectionsMax } = read;
  const rows: Row[] = [];
  let collection = after ?? begin;
  let foundCount = 0;
  let isWrapped = after !== undefined && compareText(after, begin) <= 0;
  for (let count = 0; foundCount < query.limit; count += 1) {
    if (count === collectionsMax) return [[collection], ...rows];
    const next = nextCollection(query.kinds, collection, statements);
    if (next === undefined && isWrapped) break;
    isWrapped ||= next === undefined;
    collection = next ?? '';
    if (next === undefined) continue;
    // Where the turns began they are over.
    if (isWrapped && compareText(next, begin) > 0) break;
    const heads = headsOf({ query, share: read.share, collection: next }, statements);
    if (heads.length > 0) foundCount += 1;
    rows.push(...heads);
  }
  return [[null], ...rows];
}

/** The first of one collection that may be leased beside what it has leased, or the first behind a position. */
export function headsOf(read: HeadsRead, statements: SqliteStatements): readonly Row[] {
  const { query, share, collection, after } = read;
  const leased = statements.first(LEASED_COUNT, share.surface, collection, share.leasedCountMax)?.[0] as number;
  const limit = Math.min(share.leasedCountMax - leased, query.limit);
  if (limit <= 0) return [];
  const { rank, createTimeMs, name } = after === undefined ? FIRST_RANK : { ...after, rank: 0 - after.priority };
  const ofKinds = query.kinds.flatMap((kind) =>
    statements.all(HEADS, kind, collection, query.deathCountAlone, rank, createTimeMs, name, limit),
  );
  return ofKinds.sort((left, right) => compareForClaim(positionOf(left), positionOf(right))).slice(0, limit);
}

type HeadsRead = Omit<ShareRestRead, 'after'> & { readonly after?: ClaimPosition };

function nextCollection(kinds: readonly string[], after: string, statements: SqliteStatements): string | undefined {
  const found = kinds.flatMap((kind) => statements.first(NEXT_COLLECTION, kind, after) ?? []) as string[];
  return found.sort(compareText)[0];
}

const NEXT_COLLECTION = `SELECT collection FROM operations INDEXED BY operations_by_share
  WHERE kind = ? AND state = 'QUEUED' AND waiting = 0 AND collection > ? ORDER BY collection LIMIT 1`;
const HEADS = `SELECT ${OPERATION_COLUMNS} FROM operations INDEXED BY operations_by_share
  WHERE kind = ? AND collection = ? AND state = 'QUEUED' AND waiting = 0 AND death_count < ?
  AND (claim_rank, create_time_ms, name) > (?, ?, ?) ORDER BY claim_rank, create_time_ms, name LIMIT ?`;
export const LEASED_COUNT = `SELECT COUNT(*) FROM (SELECT 1 FROM operations INDEXED BY operations_by_state
  WHERE surface = ? AND collection = ? AND deleted = 0 AND state IN ('RUNNING', 'SUSPENDING', 'CANCELLING') LIMIT ?)`;

/** Every statement above, for the test of their plans. */
export const SHARE_STATEMENTS: readonly string[] = [NEXT_COLLECTION, HEADS, LEASED_COUNT];

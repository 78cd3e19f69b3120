import { positionOf } from './operation-row.ts';
import { compareForClaim, compareText } from './record-order.ts';
import type { Row, ShareRead } from './sqlite-protocol.ts';
import { OPERATION_COLUMNS } from './sqlite-queries.ts';
import type { SqliteStatements } from './sqlite-statements.ts';

/** Collections that one claim looks at; the next one goes on behind them. */
const COLLECTIONS_MAX = 10_000;

/** Records read beyond the slots, so that damaged ones at the head of a collection do not keep the others from being found. */
const SPARE_COUNT = 16;

/**
 * What a shared claim may take: of each collection in turn, as many as it may still have leased, in the order of claims; at most as
 * many collections as the claim has slots.
 */
export function claimableByCollection(
  { query, share, after }: ShareRead,
  statements: SqliteStatements,
): readonly Row[] {
  const rows: Row[] = [];
  let collection = after;
  let foundCount = 0;
  let isWrapped = false;
  for (let count = 0; count < COLLECTIONS_MAX && foundCount < query.limit; count += 1) {
    const next = nextCollection(query.kinds, collection, statements);
    if (next === undefined && isWrapped) break;
    isWrapped ||= next === undefined;
    collection = next ?? '';
    if (next === undefined) continue;
    // Where the turns began they are over.
    if (isWrapped && compareText(next, after) > 0) break;
    const heads = headsOf(next, { query, share, after }, statements);
    if (heads.length > 0) foundCount += 1;
    rows.push(...heads);
  }
  return rows;
}

function nextCollection(kinds: readonly string[], after: string, statements: SqliteStatements): string | undefined {
  const found = kinds.flatMap((kind) => statements.first(NEXT_COLLECTION, kind, after) ?? []) as string[];
  return found.sort(compareText)[0];
}

function headsOf(collection: string, { query, share }: ShareRead, statements: SqliteStatements): readonly Row[] {
  const { surface, leasedCountMax } = share;
  const leased = statements.first(LEASED_COUNT, surface, collection, leasedCountMax)?.[0] as number;
  const limit = Math.min(leasedCountMax - leased, query.limit + SPARE_COUNT);
  if (limit <= 0) return [];
  const ofKinds = query.kinds.flatMap((kind) => statements.all(HEADS, kind, collection, query.deathCountAlone, limit));
  return ofKinds.sort((left, right) => compareForClaim(positionOf(left), positionOf(right))).slice(0, limit);
}

const NEXT_COLLECTION = `SELECT collection FROM operations INDEXED BY operations_by_share
  WHERE kind = ? AND state = 'QUEUED' AND waiting = 0 AND collection > ? ORDER BY collection LIMIT 1`;
const HEADS = `SELECT ${OPERATION_COLUMNS} FROM operations INDEXED BY operations_by_share
  WHERE kind = ? AND collection = ? AND state = 'QUEUED' AND waiting = 0 AND death_count < ?
  ORDER BY claim_rank, create_time_ms, name LIMIT ?`;
export const LEASED_COUNT = `SELECT COUNT(*) FROM (SELECT 1 FROM operations INDEXED BY operations_by_state
  WHERE surface = ? AND collection = ? AND deleted = 0 AND state IN ('RUNNING', 'SUSPENDING', 'CANCELLING') LIMIT ?)`;

/** Every statement above, for the test of their plans. */
export const SHARE_STATEMENTS: readonly string[] = [NEXT_COLLECTION, HEADS, LEASED_COUNT];

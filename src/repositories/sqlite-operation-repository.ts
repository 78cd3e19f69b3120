import type { Clock } from '../core/clock.ts';
import type {
  Change,
  ChangeHint,
  ClaimQuery,
  DamagedRecord,
  ClaimShare,
  InsertResult,
  InsertSideWrites,
  ListCursor,
  ListQuery,
  OperationRepository,
  OperationUpdate,
  OperationVersion,
  SideWrites,
} from '../operations/operation-repository.ts';
import { cutToBytes, valueBytesOf } from '../operations/list-page.ts';
import type { Operation } from '../operations/operation.ts';
import { ownOperation, ownSideWrites, sideBytes } from './byte-ownership.ts';
import { ChangedOperations } from './changed-operations.ts';
import { fromRow, positionOf, toRow, type Decoded } from './operation-row.ts';
import { sizeOf } from './record-size.ts';
import { compareForList, isBehind, isClaimedBy, isListed, type ClaimPosition } from './record-order.ts';
import { SessionExpiry } from './session-expiry.ts';
import type { SqliteLimits } from './sqlite-limits.ts';
import type { Row, Write, WriteResult } from './sqlite-protocol.ts';
import { SqliteSharedClaims } from './sqlite-shared-claims.ts';
import { expectKind, type SqliteStore } from './sqlite-store.ts';

/** Operations in a SQLite file. */
export class SqliteOperationRepository implements OperationRepository {
  readonly #store: SqliteStore;
  readonly #clock: Clock;
  readonly #expiry: SessionExpiry;
  readonly #sharedClaims: SqliteSharedClaims;
  /** The last claim: claims go one after another, or the second would find what the first is about to take. */
  #claims: Promise<unknown> = Promise.resolve();

  constructor(store: SqliteStore, clock: Clock, limits: SqliteLimits) {
    this.#store = store;
    this.#clock = clock;
    this.#expiry = new SessionExpiry(store, limits);
    this.#sharedClaims = new SqliteSharedClaims(store, clock, limits);
  }

  async insert(operation: Operation, also?: InsertSideWrites): Promise<InsertResult> {
    this.#store.assertOpen();
    const now = this.#clock.now();
    const record = ownOperation({ ...operation, revision: 1 });
    const { from, to } = also?.replaced ?? {};
    const next = from && to && ownOperation({ ...to, revision: from.revision + 1 });
    const write: Write = {
      kind: 'insert',
      row: toRow(record, now),
      ...(also === undefined ? {} : { also: ownSideWrites(also) }),
      ...(from && next && { replaced: { ...versionOf(from), row: toRow(next, now) } }),
    };
    const bytes = sizeOf(record) + (next === undefined ? 0 : sizeOf(next)) + sideBytes(also);
    return this.#store.write(write, bytes, (result) => {
      const inserted = this.#inserted(record, result);
      if (inserted.created && from && next) this.#store.replaced(next, from);
      return inserted;
    });
  }

  async get(name: string): Promise<Operation | undefined> {
    return this.peek(name) ?? allOf(await this.#find([name]))[0];
  }

  peek(name: string): Operation | undefined {
    this.#store.assertOpen();
    return this.#store.cache.get(name);
  }

  async getMany(names: readonly string[], damaged?: DamagedRecord): Promise<readonly Operation[]> {
    this.#store.assertOpen();
    const found = await this.#find(names);
    if (damaged === undefined) return allOf(found);
    for (const [name, error] of found.damaged) damaged(name, error);
    return found.records;
  }

  async update(name: string, change: Change, also?: SideWrites): Promise<Operation> {
    this.#store.assertOpen();
    return this.#store.lanes.update(name, change, also);
  }

  async updateMany(updates: readonly OperationUpdate[]): Promise<readonly PromiseSettledResult<Operation>[]> {
    this.#store.assertOpen();
    return Promise.allSettled(updates.map(({ name, change, also }) => this.#store.lanes.update(name, change, also)));
  }

  async list(query: ListQuery): Promise<readonly Operation[]> {
    this.#store.assertOpen();
    return query.names === undefined ? this.#list(query) : this.#listNamed(query, query.names);
  }

  async claim(query: ClaimQuery, change: Change): Promise<readonly Operation[]> {
    this.#store.assertOpen();
    const { share } = query;
    const isShared = share !== undefined && !query.alone;
    const turn = this.#claims.then(() =>
      isShared ? this.#claimShared(query, share, change) : this.#claim(query, change),
    );
    this.#claims = turn.catch(() => undefined);
    return turn;
  }

  async held(session: string, after: string, limit: number): Promise<readonly Operation[]> {
    this.#store.assertOpen();
    const read = { kind: 'held', sessions: [session], after, limit } as const;
    return this.#store.read(read, (rows) => this.#store.keep(rows).records);
  }

  async renewSessions(ids: readonly string[], leaseDurationMs: number): Promise<void> {
    this.#store.assertOpen();
    this.#store.sessions.renew(ids, leaseDurationMs);
    return Promise.resolve();
  }

  async expireSessions(limit: number, change: Change): Promise<readonly Operation[]> {
    this.#store.assertOpen();
    return this.#expiry.expire(limit, change);
  }

  async purge(limit: number): Promise<number> {
    this.#store.assertOpen();
    return this.#store.write({ kind: 'purge', now: this.#clock.now(), limit }, 0, (result) => {
      const { operations, count } = expectKind(result, 'purged');
      for (const operation of operations) this.#store.removed(operation);
      return count;
    });
  }

  changes(signal: AbortSignal): AsyncIterable<ChangeHint> {
    return this.#store.hints.subscribe(signal);
  }

  #inserted(record: Operation, result: WriteResult): InsertResult {
    if (result.kind === 'found') return { operation: fromRow(result.row), created: false };
    expectKind(result, 'written');
    this.#store.committed(record, undefined, false);
    return { operation: record, created: true };
  }

  /** Reads on while damaged records were passed by, so that the page is as full as it can be. */
  async #list(query: ListQuery): Promise<readonly Operation[]> {
    const found: Operation[] = [];
    let rest: ListQuery | undefined = query;
    while (rest !== undefined) {
      const asked: ListQuery = rest;
      rest = await this.#store.read({ kind: 'list', query: asked }, (rows) => {
        const { records, damaged } = this.#store.decode(rows);
        found.push(...records);
        const last = rows.at(-1);
        return damaged.size === 0 || last === undefined ? undefined : restOf(asked, records, positionOf(last));
      });
    }
    return found;
  }

  async #listNamed(query: ListQuery, names: readonly string[]): Promise<readonly Operation[]> {
    const listed = (await this.#find(names)).records
      .filter((it) => isListed(it, query) && isBehind(it, query.after))
      .sort(compareForList)
      .slice(0, query.limit);
    return cutToBytes(listed, query.bytesMax ?? Infinity);
  }

  async #find(names: readonly string[]): Promise<Decoded> {
    const found: Operation[] = [];
    const missing: string[] = [];
    for (const name of new Set(names)) {
      const cached = this.#store.cache.get(name);
      if (cached === undefined) missing.push(name);
      else found.push(cached);
    }
    if (missing.length === 0) return { records: found, damaged: new Map() };
    const read = await this.#store.read({ kind: 'operations', names: missing }, (rows) => this.#store.keep(rows));
    return { ...read, records: [...found, ...read.records] };
  }

  /** Damaged records have their place in a page, and are passed by: they must not keep what is behind them. */
  #page(rows: readonly Row[]): Page {
    const last = rows.at(-1);
    return { records: this.#store.keep(rows).records, last: last === undefined ? undefined : positionOf(last) };
  }

  #claim(query: ClaimQuery, change: Change): Promise<readonly Operation[]> {
    const guarded: Change = (current, now) => (isClaimedBy(current, query, now) ? change(current, now) : current);
    return ChangedOperations.collect(this.#store.lanes, async (changed) => {
      let after: ClaimPosition | undefined;
      while (changed.count < query.limit) {
        const rest = { ...query, limit: query.limit - changed.count };
        const { records, last } = await this.#store.read(
          { kind: 'claimable', query: rest, now: this.#clock.now(), ...(after === undefined ? {} : { after }) },
          (rows) => this.#page(rows),
        );
        if (last === undefined) break;
        after = last;
        await changed.changeAll(records, guarded);
      }
    });
  }

  #claimShared(query: ClaimQuery, share: ClaimShare, change: Change): Promise<readonly Operation[]> {
    const guarded: Change = (current, now) => (isClaimedBy(current, query, now) ? change(current, now) : current);
    return ChangedOperations.collect(this.#store.lanes, (changed) =>
      this.#sharedClaims.claim({ query, share, change: guarded, changed }),
    );
  }
}

/** Records of one read, and where its last row stands. */
interface Page {
  readonly records: readonly Operation[];
  readonly last: ClaimPosition | undefined;
}

function versionOf({ name, createTimeMs, revision }: Operation): OperationVersion {
  return { name, createTimeMs, revision };
}

/** Whoever asks for a damaged record by its name must learn that it is. */
function allOf({ records, damaged }: Decoded): readonly Operation[] {
  for (const error of damaged.values()) throw error;
  return records;
}

/** What a page that has passed damaged records by leaves of its query; undefined when it is full. */
function restOf(query: ListQuery, page: readonly Operation[], last: ListCursor): ListQuery | undefined {
  const limit = query.limit - page.length;
  const bytes = page.reduce((sum, record) => sum + valueBytesOf(record), 0);
  const bytesMax = query.bytesMax === undefined ? undefined : query.bytesMax - bytes;
  if (limit === 0 || (bytesMax !== undefined && bytesMax <= 0)) return undefined;
  const after = { name: last.name, createTimeMs: last.createTimeMs };
  return { ...query, after, limit, ...(bytesMax === undefined ? {} : { bytesMax }) };
}

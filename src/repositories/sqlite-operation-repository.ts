import type { Clock } from '../core/clock.ts';
import { StatusError } from '../core/status-error.ts';
import type {
  Change,
  ChangeHint,
  ClaimQuery,
  ClaimShare,
  InsertResult,
  ListCursor,
  ListQuery,
  OperationRepository,
  OperationUpdate,
  SideWrites,
} from '../operations/operation-repository.ts';
import { cutToBytes, valueBytesOf } from '../operations/list-page.ts';
import type { Operation } from '../operations/operation.ts';
import { ownOperation, ownSideWrites, sideBytes } from './byte-ownership.ts';
import { fromRow, positionOf, sizeOf, toRow, type Decoded } from './operation-row.ts';
import { compareForList, isBehind, isClaimedBy, isListed, type ClaimPosition } from './record-order.ts';
import type { SessionTable } from './session-table.ts';
import type { SqliteLimits } from './sqlite-limits.ts';
import type { Row, Write, WriteResult } from './sqlite-protocol.ts';
import { expectKind, type SqliteStore } from './sqlite-store.ts';

/** Operations in a SQLite file. */
export class SqliteOperationRepository implements OperationRepository {
  readonly #store: SqliteStore;
  readonly #clock: Clock;
  readonly #expiryPageSize: number;
  readonly #sessions: SessionTable;
  /** The last claim: claims go one after another, or the second would find what the first is about to take. */
  #claims: Promise<unknown> = Promise.resolve();
  /** The collection that had the last turn of a shared claim. */
  #lastTurn = '';

  constructor(store: SqliteStore, sessions: SessionTable, clock: Clock, limits: SqliteLimits) {
    this.#store = store;
    this.#clock = clock;
    this.#sessions = sessions;
    this.#expiryPageSize = limits.expiryPageSize;
  }

  async insert(operation: Operation, also?: SideWrites): Promise<InsertResult> {
    this.#store.assertOpen();
    const record = ownOperation({ ...operation, revision: 1 });
    const write: Write = {
      kind: 'insert',
      row: toRow(record, this.#clock.now()),
      ...(also === undefined ? {} : { also: ownSideWrites(also) }),
    };
    return this.#store.write(write, sizeOf(record) + sideBytes(also), (result) => this.#inserted(record, result));
  }

  async get(name: string): Promise<Operation | undefined> {
    return this.peek(name) ?? allOf(await this.#find([name]))[0];
  }

  peek(name: string): Operation | undefined {
    this.#store.assertOpen();
    return this.#store.cache.get(name);
  }

  async getMany(names: readonly string[]): Promise<readonly Operation[]> {
    this.#store.assertOpen();
    return allOf(await this.#find(names));
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
    return (await this.#held(session, after, limit)).records;
  }

  async renewSessions(ids: readonly string[], leaseDurationMs: number): Promise<void> {
    this.#store.assertOpen();
    this.#sessions.renew(ids, leaseDurationMs);
    return Promise.resolve();
  }

  async expireSessions(limit: number, change: Change): Promise<readonly Operation[]> {
    this.#store.assertOpen();
    return ChangedOperations.collect(async (changed) => {
      const sessions = await this.#holders();
      for (const session of sessions) await this.#adopt(session);
      for (const session of sessions) {
        if (changed.count >= limit) break;
        if (!this.#sessions.isAlive(session)) await this.#expire(session, limit, change, changed);
      }
      const holders = new Set(await this.#holders());
      this.#sessions.forget((id) => holders.has(id));
    });
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
    this.#store.committed(record, false);
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

  #held(session: string, after: string, limit: number): Promise<Page> {
    return this.#store.read({ kind: 'held', session, after, limit }, (rows) => this.#page(rows));
  }

  #claim(query: ClaimQuery, change: Change): Promise<readonly Operation[]> {
    const guarded: Change = (current, now) => (isClaimedBy(current, query, now) ? change(current, now) : current);
    return ChangedOperations.collect(async (changed) => {
      let after: ClaimPosition | undefined;
      while (changed.count < query.limit) {
        const rest = { ...query, limit: query.limit - changed.count };
        const { records, last } = await this.#store.read(
          { kind: 'claimable', query: rest, now: this.#clock.now(), ...(after === undefined ? {} : { after }) },
          (rows) => this.#page(rows),
        );
        if (last === undefined) break;
        after = last;
        await this.#changeAll(records, guarded, changed);
      }
    });
  }

  /** One of each collection in turn, beginning behind the one that had the last turn. */
  #claimShared(query: ClaimQuery, share: ClaimShare, change: Change): Promise<readonly Operation[]> {
    const guarded: Change = (current, now) => (isClaimedBy(current, query, now) ? change(current, now) : current);
    return ChangedOperations.collect(async (changed) => {
      const read = { query, share, after: this.#lastTurn };
      const records = await this.#store.read(
        { kind: 'shared', read, now: this.#clock.now() },
        (rows) => this.#store.keep(rows).records,
      );
      const queues = [...Map.groupBy(records, ({ collection }) => collection).values()];
      for (let round = 0; changed.count < query.limit; round += 1) {
        const turns = queues.flatMap((queue) => queue[round] ?? []).slice(0, query.limit - changed.count);
        if (turns.length === 0) return;
        await this.#changeAll(turns, guarded, changed);
        this.#lastTurn = turns.at(-1)?.collection ?? '';
      }
    });
  }

  #holders(): Promise<readonly string[]> {
    return this.#store.read({ kind: 'holders' }, (rows) => rows.map((row) => row[0] as string));
  }

  /** Takes in a session of an owner that began under an earlier process. */
  async #adopt(session: string): Promise<void> {
    if (this.#sessions.isKnown(session)) return;
    const [operation] = (await this.#held(session, '', 1)).records;
    if (operation?.owner !== undefined) this.#sessions.adopt(session, operation.owner.leaseDurationMs);
  }

  async #expire(session: string, limit: number, change: Change, changed: ChangedOperations): Promise<void> {
    const guarded: Change = (current, now) =>
      current.session === session && !this.#sessions.isAlive(session) ? change(current, now) : current;
    let after = '';
    while (changed.count < limit) {
      const page = Math.min(this.#expiryPageSize, limit - changed.count);
      const { records, last } = await this.#held(session, after, page);
      if (last === undefined) return;
      after = last.name;
      await this.#changeAll(records, guarded, changed);
    }
  }

  /**
   * Changes each on its own, and adds those that the change did not leave as they were.
   *
   * @throws what keeps the storage from writing: then the next operation would meet it too.
   */
  async #changeAll(candidates: readonly Operation[], change: Change, changed: ChangedOperations): Promise<void> {
    const outcomes = await Promise.allSettled(candidates.map(({ name }) => this.#changeOne(name, change, changed)));
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') changed.add(outcome.value);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async #changeOne(name: string, change: Change, changed: ChangedOperations): Promise<Operation | undefined> {
    const step = { changed: false, refused: false };
    try {
      const operation = await this.#store.lanes.update(name, (current, now) => {
        step.refused = true;
        const next = change(current, now);
        step.refused = false;
        step.changed = next !== current;
        return next;
      });
      return step.changed ? operation : undefined;
    } catch (error) {
      if (!step.refused && !concerns(error, name)) throw error;
      changed.skip(error);
      return undefined;
    }
  }
}

/** Records of one read, and where its last row stands. */
interface Page {
  readonly records: readonly Operation[];
  readonly last: ClaimPosition | undefined;
}

/** What a claim or an expiry has changed so far, and what kept it from more. */
class ChangedOperations {
  readonly #operations: Operation[] = [];
  readonly #errors: unknown[] = [];

  /**
   * What the work has changed, also when it ends by an error: that was committed, so it must reach its caller.
   *
   * @throws the first error when nothing was changed.
   */
  static async collect(work: (changed: ChangedOperations) => Promise<void>): Promise<readonly Operation[]> {
    const changed = new ChangedOperations();
    await work(changed).catch((error: unknown) => {
      changed.skip(error);
    });
    if (changed.count === 0 && changed.#errors.length > 0) throw changed.#errors[0];
    return changed.#operations;
  }

  get count(): number {
    return this.#operations.length;
  }

  add(operation: Operation | undefined): void {
    if (operation !== undefined) this.#operations.push(operation);
  }

  skip(error: unknown): void {
    if (this.#errors.length === 0) this.#errors.push(error);
  }
}

/** Whether an error is about this one operation, such as that it has gone meanwhile; others may still be written. */
function concerns(error: unknown, name: string): boolean {
  return error instanceof StatusError && error.info.metadata?.['operation'] === name;
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

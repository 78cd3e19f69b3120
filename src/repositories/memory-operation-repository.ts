/* eslint-disable @typescript-eslint/require-await -- all is done at once; async makes a rejection of what is thrown */
import type { Clock } from '../core/clock.ts';
import type {
  Change,
  ChangeHint,
  ClaimQuery,
  ClaimShare,
  InsertResult,
  InsertSideWrites,
  ListQuery,
  OperationRepository,
  OperationUpdate,
  SideWrites,
} from '../operations/operation-repository.ts';
import { cutToBytes } from '../operations/list-page.ts';
import { isDone, type Operation } from '../operations/operation.ts';
import type { HintHub } from './hint-hub.ts';
import type { MemoryTables } from './memory-tables.ts';
import {
  compareForClaim,
  compareForPurge,
  compareText,
  isClaimedBy,
  isListed,
  isOver,
  type ClaimPosition,
} from './record-order.ts';
import { databaseClosed, exclusiveKeyHeld, operationExists, operationNotFound } from './repository-errors.ts';
import type { SessionTable } from './session-table.ts';

/**
 * Operations in this process's memory: the model that the others are compared with.
 *
 * Every method does all its work before it returns its promise, so that nothing interleaves.
 */
export class MemoryOperationRepository implements OperationRepository {
  readonly #tables: MemoryTables;
  readonly #sessions: SessionTable;
  readonly #hints: HintHub;
  readonly #clock: Clock;
  #closed = false;
  /** The collection that a shared claim gave the last operation to. */
  #lastTurn = '';

  constructor(tables: MemoryTables, sessions: SessionTable, hints: HintHub, clock: Clock) {
    this.#tables = tables;
    this.#sessions = sessions;
    this.#hints = hints;
    this.#clock = clock;
  }

  async insert(operation: Operation, also?: InsertSideWrites): Promise<InsertResult> {
    this.#assertOpen();
    const first = this.#tables.findByRequestId(operation);
    if (first !== undefined) return { operation: first, created: false };
    if (this.#tables.operations.has(operation.name)) throw operationExists(operation.name);
    this.#assertKeyIsFree(operation);
    const before = also?.replaced && this.#tables.expect(also.replaced.from);
    this.#tables.applySide(also);
    if (before !== undefined && also?.replaced !== undefined)
      this.#store(before, { ...also.replaced.to, revision: before.revision + 1 });
    const created = { ...operation, revision: 1 };
    this.#store(undefined, created);
    return { operation: created, created: true };
  }

  async get(name: string): Promise<Operation | undefined> {
    return this.peek(name);
  }

  peek(name: string): Operation | undefined {
    this.#assertOpen();
    return this.#tables.operations.get(name);
  }

  async getMany(names: readonly string[]): Promise<readonly Operation[]> {
    this.#assertOpen();
    return this.#find(names);
  }

  async update(name: string, change: Change, also?: SideWrites): Promise<Operation> {
    this.#assertOpen();
    return this.#apply(name, change, also);
  }

  async updateMany(updates: readonly OperationUpdate[]): Promise<readonly PromiseSettledResult<Operation>[]> {
    this.#assertOpen();
    return updates.map((update) => this.#settle(update));
  }

  async list(query: ListQuery): Promise<readonly Operation[]> {
    this.#assertOpen();
    const page: Operation[] = [];
    for (const operation of this.#tables.listOf(query.surface, query.collection, query.after)) {
      if (!isListed(operation, query)) continue;
      page.push(operation);
      if (page.length >= query.limit) break;
    }
    return cutToBytes(page, query.bytesMax ?? Infinity);
  }

  async claim(query: ClaimQuery, change: Change): Promise<readonly Operation[]> {
    this.#assertOpen();
    if (query.share !== undefined && !query.alone) return this.#claimShared(query, query.share, change);
    return this.#applyToFirst(query.limit, (after) => this.#claimable(query, after), change);
  }

  async held(session: string, after: string, limit: number): Promise<readonly Operation[]> {
    this.#assertOpen();
    const behind = this.#tables.heldBy(session).filter(({ name }) => compareText(name, after) > 0);
    return behind.slice(0, limit);
  }

  async renewSessions(ids: readonly string[], leaseDurationMs: number): Promise<void> {
    this.#assertOpen();
    this.#sessions.renew(ids, leaseDurationMs);
  }

  async expireSessions(limit: number, change: Change): Promise<readonly Operation[]> {
    this.#assertOpen();
    const holders = this.#tables.holders();
    for (const session of holders) {
      if (this.#sessions.isKnown(session)) continue;
      const owner = this.#tables.heldBy(session)[0]?.owner;
      if (owner !== undefined) this.#sessions.adopt(session, owner.leaseDurationMs);
    }
    const ended = holders.filter((session) => !this.#sessions.isAlive(session));
    const orphaned = ended.flatMap((session) => this.#tables.heldBy(session));
    const changed = this.#applyToFirst(limit, (after) => (after === undefined ? orphaned : []), change);
    this.#sessions.forget((session) => this.#tables.holds(session));
    return changed;
  }

  async purge(limit: number): Promise<number> {
    this.#assertOpen();
    const now = this.#clock.now();
    const isExpired = (record: { readonly expireTimeMs?: number }): boolean => (record.expireTimeMs ?? Infinity) <= now;
    const operations = [...this.#tables.operations.values()].filter(
      (it) => isDone(it) && it.cascading === undefined && isExpired(it),
    );
    const removed = operations.sort(compareForPurge).slice(0, limit);
    for (const operation of removed) this.#store(operation, undefined);
    const resources = [...this.#tables.resources.values()].flatMap((ofKind) => [...ofKind.values()]).filter(isExpired);
    const removedToo = resources.sort(compareForPurge).slice(0, limit - removed.length);
    for (const resource of removedToo) this.#tables.removeResource(resource);
    return removed.length + removedToo.length;
  }

  changes(signal: AbortSignal): AsyncIterable<ChangeHint> {
    return this.#hints.subscribe(signal);
  }

  /** Every later call is refused. */
  close(): void {
    this.#closed = true;
    this.#hints.close();
  }

  #find(names: readonly string[]): readonly Operation[] {
    return [...new Set(names)].flatMap((name) => this.#tables.operations.get(name) ?? []);
  }

  /** The first claimable operations behind a position, as many as the query's limit. */
  #claimable(query: ClaimQuery, after: ClaimPosition | undefined): readonly Operation[] {
    const now = this.#clock.now();
    const found = [...new Set(query.kinds)].flatMap((kind) => {
      const ofKind: Operation[] = [];
      for (const operation of this.#tables.queueOf(kind, after)) {
        if (isClaimedBy(operation, query, now)) ofKind.push(operation);
        if (ofKind.length >= query.limit) break;
      }
      return ofKind;
    });
    return found.sort(compareForClaim).slice(0, query.limit);
  }

  /** One of each collection in turn, beginning behind the one that had the last turn. */
  #claimShared(query: ClaimQuery, share: ClaimShare, change: Change): readonly Operation[] {
    const changed: Operation[] = [];
    const waiting = this.#claimable({ ...query, limit: Infinity }, undefined);
    const names = [...new Set(waiting.map(({ collection }) => collection))].sort(compareText);
    const isBefore = (name: string): boolean => compareText(name, this.#lastTurn) <= 0;
    const turns = [...names.filter((name) => !isBefore(name)), ...names.filter(isBefore)].map((name) => ({
      room: share.leasedCountMax - this.#tables.leasedCount(share.surface, name),
      queue: waiting.filter(({ collection }) => collection === name),
    }));
    const errors: unknown[] = [];
    while (turns.some(({ room, queue }) => room > 0 && queue.length > 0)) {
      for (const turn of turns) {
        if (changed.length >= query.limit) return changed;
        const operation = turn.room > 0 ? this.#changeFirst(turn.queue, change, errors) : undefined;
        if (operation === undefined) continue;
        turn.room -= 1;
        this.#lastTurn = operation.collection;
        changed.push(operation);
      }
    }
    if (changed.length === 0 && errors.length > 0) throw errors[0];
    return changed;
  }

  /** Takes from the queue until one was changed: one that is passed by costs its collection no turn. */
  #changeFirst(queue: Operation[], change: Change, errors: unknown[]): Operation | undefined {
    for (let operation = queue.shift(); operation !== undefined; operation = queue.shift()) {
      const outcome = this.#settle({ name: operation.name, change });
      if (outcome.status === 'rejected') errors.push(outcome.reason);
      else if (outcome.value !== operation) return outcome.value;
    }
    return undefined;
  }

  /** Changes up to `limit` of the candidates, page by page; those that the change leaves as they were are skipped. */
  #applyToFirst(
    limit: number,
    pageAfter: (last: Operation | undefined) => readonly Operation[],
    change: Change,
  ): readonly Operation[] {
    const changed: Operation[] = [];
    const errors: unknown[] = [];
    let page = pageAfter(undefined);
    while (page.length > 0) {
      for (const operation of page) {
        if (changed.length >= limit) return changed;
        const outcome = this.#settle({ name: operation.name, change });
        if (outcome.status === 'rejected') errors.push(outcome.reason);
        else if (outcome.value !== operation) changed.push(outcome.value);
      }
      page = pageAfter(page.at(-1));
    }
    if (changed.length === 0 && errors.length > 0) throw errors[0];
    return changed;
  }

  #settle({ name, change, also }: OperationUpdate): PromiseSettledResult<Operation> {
    try {
      return { status: 'fulfilled', value: this.#apply(name, change, also) };
    } catch (reason) {
      return { status: 'rejected', reason };
    }
  }

  #apply(name: string, change: Change, also?: SideWrites): Operation {
    const current = this.#tables.operations.get(name);
    if (current === undefined) throw operationNotFound(name);
    const changed = change(current, this.#clock.now());
    if (changed !== current) this.#assertKeyIsFree(changed);
    this.#tables.applySide(also);
    if (changed === current) return current;
    const next = { ...changed, revision: current.revision + 1 };
    this.#store(current, next);
    return next;
  }

  #store(current: Operation | undefined, next: Operation | undefined): void {
    const stays = next !== undefined && !isOver(next);
    this.#tables.replace(current, stays ? next : undefined);
    this.#sessions.follow(current, next);
    const { name = '', surface = '', collection = '' } = next ?? current ?? {};
    this.#hints.publish({ name, surface, collection, ...(next === undefined ? {} : { state: next.state }) });
  }

  #assertKeyIsFree(operation: Operation): void {
    if (operation.exclusiveKey === undefined || isDone(operation)) return;
    const holder = this.#tables.holderOf(operation.exclusiveKey);
    if (holder === undefined || holder === operation.name) return;
    throw exclusiveKeyHeld(operation.name, operation.exclusiveKey, holder);
  }

  #assertOpen(): void {
    if (this.#closed) throw databaseClosed();
  }
}

/* eslint-disable @typescript-eslint/require-await -- all is done at once; async makes a rejection of what is thrown */
import type { Clock } from '../core/clock.ts';
import { cutToBytes, valueBytesOf } from '../operations/list-page.ts';
import { isDone, type Operation } from '../operations/operation.ts';
import type { ChildQuery, EndedQuery, Holder, OperationHead, OperationIndex } from '../operations/operation-index.ts';
import { timerOf, type TimerPosition } from '../operations/timers.ts';
import type { MemoryTables } from './memory-tables.ts';
import { compareForClaim, compareForTimer, compareText } from './record-order.ts';
import type { SessionTable } from './session-table.ts';

export interface MemoryIndexParts {
  readonly tables: MemoryTables;
  readonly sessions: SessionTable;
  readonly clock: Clock;
  readonly assertOpen: () => void;
}

/** Finds operations in this process's memory. Walks all of them where the others have an index: it is the model. */
export class MemoryOperationIndex implements OperationIndex {
  readonly #parts: MemoryIndexParts;

  constructor(parts: MemoryIndexParts) {
    this.#parts = parts;
  }

  async children(query: ChildQuery): Promise<readonly OperationHead[]> {
    const { parent, states, visibleOnly = false, after, limit } = query;
    this.#parts.assertOpen();
    return this.#parts.tables
      .childrenOf(parent)
      .filter((it) => compareText(it.name, after) > 0 && (states === undefined || states.includes(it.state)))
      .filter(({ deleted }) => !visibleOnly || !deleted)
      .sort((left, right) => compareText(left.name, right.name))
      .slice(0, limit)
      .map((it) => ({
        name: it.name,
        kind: it.kind,
        state: it.state,
        deleted: it.deleted,
        valueBytes: valueBytesOf(it),
      }));
  }

  async dueTimers(after: TimerPosition | undefined, limit: number, bytesMax = Infinity): Promise<readonly Operation[]> {
    const now = this.#parts.clock.now();
    const isDue = (it: Operation): boolean => (timerOf(it) ?? Infinity) <= now;
    return cutToBytes(this.#inOrder(isDue, timerOf, after).slice(0, limit), bytesMax);
  }

  async byRequestId(surface: string, collection: string, requestId: string): Promise<Operation | undefined> {
    this.#parts.assertOpen();
    return this.#parts.tables.findByRequestId({ surface, collection, requestId });
  }

  async ended({ surface, collection, after, limit, bytesMax = Infinity }: EndedQuery): Promise<readonly Operation[]> {
    const isOfIt = (it: Operation): boolean =>
      it.surface === surface && it.collection === collection && isDone(it) && !it.deleted;
    return cutToBytes(this.#inOrder(isOfIt, ({ endTimeMs }) => endTimeMs, after).slice(0, limit), bytesMax);
  }

  async countAhead(operation: Operation, among: 'all' | 'collection', limit: number): Promise<number> {
    this.#parts.assertOpen();
    const now = this.#parts.clock.now();
    let count = 0;
    for (const other of this.#parts.tables.queueOf(operation.kind)) {
      if (count >= limit || compareForClaim(other, operation) >= 0) break;
      const isRival = among === 'all' || other.collection === operation.collection;
      if (isRival && other.owner === undefined && other.dueTimeMs <= now) count++;
    }
    return count;
  }

  async leasedCount(surface: string, collection: string, limit: number): Promise<number> {
    this.#parts.assertOpen();
    return Math.min(limit, this.#parts.tables.leasedCount(surface, collection));
  }

  async holders(after: string, limit: number): Promise<readonly Holder[]> {
    this.#parts.assertOpen();
    const { tables, sessions } = this.#parts;
    const found = tables.holders().filter((session) => compareText(session, after) > 0);
    return found.slice(0, limit).flatMap((session) => {
      const leftMs = sessions.leftMs(session);
      return tables
        .heldBy(session)
        .slice(0, 1)
        .map(({ name, fence, attemptStartTimeMs, createTimeMs }) => ({
          session,
          lease: { name, fence },
          sinceMs: attemptStartTimeMs ?? createTimeMs,
          ...(leftMs === undefined ? {} : { leftMs }),
        }));
    });
  }

  async sessionLeftMs(session: string): Promise<number | undefined> {
    this.#parts.assertOpen();
    return this.#parts.sessions.leftMs(session);
  }

  #inOrder(
    matches: (operation: Operation) => boolean,
    timeOf: (operation: Operation) => number | undefined,
    after: TimerPosition | undefined,
  ): Operation[] {
    this.#parts.assertOpen();
    const positionOf = (it: Operation): TimerPosition => ({ timeMs: timeOf(it) ?? 0, name: it.name });
    return [...this.#parts.tables.operations.values()]
      .filter((it) => matches(it) && (after === undefined || compareForTimer(positionOf(it), after) > 0))
      .sort((left, right) => compareForTimer(positionOf(left), positionOf(right)));
  }
}

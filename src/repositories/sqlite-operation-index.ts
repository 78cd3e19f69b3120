import type { Clock } from '../core/clock.ts';
import { valueBytesOf } from '../operations/list-page.ts';
import type { Operation, State } from '../operations/operation.ts';
import type { ChildQuery, EndedQuery, Holder, OperationHead, OperationIndex } from '../operations/operation-index.ts';
import type { TimerPosition } from '../operations/timers.ts';
import { holderOf } from './holder-row.ts';
import { COLUMN_INDEX } from './operation-columns.ts';
import { fromRow } from './operation-row.ts';
import { isLastRead } from './row-values.ts';
import type { Row, TimedPage } from './sqlite-protocol.ts';
import type { SqliteStore } from './sqlite-store.ts';

/** Before every position. */
const FIRST: TimerPosition = { timeMs: -Number.MAX_SAFE_INTEGER, name: '' };

const TIMER_TIME = COLUMN_INDEX.timer_time_ms;
const END_TIME = COLUMN_INDEX.end_time_ms;

/** Finds operations in a SQLite file. */
export class SqliteOperationIndex implements OperationIndex {
  readonly #store: SqliteStore;
  readonly #clock: Clock;

  constructor(store: SqliteStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async children(query: ChildQuery): Promise<readonly OperationHead[]> {
    this.#store.assertOpen();
    return this.#store.read({ kind: 'children', query }, (rows) => rows.map(headOf));
  }

  async dueTimers(after = FIRST, limit: number, bytesMax = Infinity): Promise<readonly Operation[]> {
    const due = { kind: 'timers', now: this.#clock.now() } as const;
    return this.#page({ after, limit, bytesMax }, TIMER_TIME, (page) =>
      this.#store.read({ ...due, ...page }, (rows) => ({ rows, records: this.#store.keep(rows).records })),
    );
  }

  async byRequestId(surface: string, collection: string, requestId: string): Promise<Operation | undefined> {
    this.#store.assertOpen();
    const read = { kind: 'request', surface, collection, requestId } as const;
    return this.#store.read(read, (rows) => rows.map(fromRow)[0]);
  }

  async ended({ bytesMax = Infinity, ...query }: EndedQuery): Promise<readonly Operation[]> {
    return this.#page({ ...query, bytesMax }, END_TIME, (page) =>
      this.#store.read({ kind: 'ended', ...query, ...page }, (rows) => ({
        rows,
        records: this.#store.decode(rows).records,
      })),
    );
  }

  async countAhead(operation: Operation, among: 'all' | 'collection', limit: number): Promise<number> {
    this.#store.assertOpen();
    const { kind: operationKind, collection, name, priority, createTimeMs } = operation;
    const position = { name, priority, createTimeMs };
    const rivals = among === 'all' ? {} : { collection };
    const read = { kind: 'ahead', operationKind, ...rivals, now: this.#clock.now(), position, limit } as const;
    return this.#store.read(read, (rows) => Number(rows[0]?.[0] ?? 0));
  }

  async leasedCount(surface: string, collection: string, limit: number): Promise<number> {
    this.#store.assertOpen();
    const read = { kind: 'leased', surface, collection, limit } as const;
    return this.#store.read(read, (rows) => Number(rows[0]?.[0] ?? 0));
  }

  async holders(after: string, limit: number): Promise<readonly Holder[]> {
    this.#store.assertOpen();
    return this.#store.read({ kind: 'holders', after, limit }, (rows) =>
      rows.map(holderOf).map(({ session, lease, sinceMs }) => {
        const leftMs = this.#store.sessions.leftMs(session);
        return { session, lease, sinceMs, ...(leftMs === undefined ? {} : { leftMs }) };
      }),
    );
  }

  async sessionLeftMs(session: string): Promise<number | undefined> {
    this.#store.assertOpen();
    return Promise.resolve(this.#store.sessions.leftMs(session));
  }

  /** Damaged records have their place in a page, and are passed by: it reads on, so that they do not keep what is behind them. */
  async #page({ after, limit, bytesMax }: TimedPage, timeIndex: number, read: ReadPage): Promise<readonly Operation[]> {
    this.#store.assertOpen();
    const found: Operation[] = [];
    let bytes = 0;
    let position: TimerPosition | undefined = after;
    while (position !== undefined && found.length < limit && bytes < bytesMax) {
      const rest: TimedPage = { after: position, limit: limit - found.length, bytesMax: bytesMax - bytes };
      const { rows, records } = await read(rest);
      found.push(...records);
      for (const record of records) bytes += valueBytesOf(record);
      position = isLastRead(rows, rest) ? undefined : positionOf(rows.at(-1), timeIndex);
    }
    return found;
  }
}

/** Reads one page, and decodes it before later replies of the database are looked at. */
type ReadPage = (page: TimedPage) => Promise<{ readonly rows: readonly Row[]; readonly records: readonly Operation[] }>;

/** A row of HEAD_COLUMNS. */
function headOf([name, kind, state, deleted, valueBytes]: Row): OperationHead {
  return {
    name: name as string,
    kind: kind as string,
    state: state as State,
    deleted: deleted === 1,
    valueBytes: valueBytes as number,
  };
}

function positionOf(row: Row | undefined, timeIndex: number): TimerPosition | undefined {
  return row === undefined ? undefined : { timeMs: row[timeIndex] as number, name: row[0] as string };
}

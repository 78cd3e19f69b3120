import type { Change } from '../operations/operation-repository.ts';
import type { Operation } from '../operations/operation.ts';
import { ChangedOperations } from './changed-operations.ts';
import { COLUMN_INDEX } from './operation-columns.ts';
import { isLastRead } from './row-values.ts';
import { holderOf } from './holder-row.ts';
import type { SqliteLimits } from './sqlite-limits.ts';
import type { Row } from './sqlite-protocol.ts';
import type { SqliteStore } from './sqlite-store.ts';

const SESSION = COLUMN_INDEX.session;

/** How far an expiry has come: so many sessions are through, and of the next one the operations up to a name. */
interface Progress {
  readonly sessionCount: number;
  readonly after: string;
}

const START: Progress = { sessionCount: 0, after: '' };

/**
 * Ends what sessions hold that are past their time.
 *
 * Who holds something is read once; from then on commits tell it. A damaged record is told in the log, and keeps its session, which
 * is not asked for again.
 */
export class SessionExpiry {
  readonly #store: SqliteStore;
  readonly #limits: SqliteLimits;
  #isLearnt = false;

  constructor(store: SqliteStore, limits: SqliteLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** See OperationRepository.expireSessions. */
  expire(limit: number, change: Change): Promise<readonly Operation[]> {
    const { holders, lanes, sessions } = this.#store;
    return ChangedOperations.collect(lanes, async (changed) => {
      if (!this.#isLearnt) await this.#learn();
      await this.#expireAll(holders.takeEnded(), limit, change, changed);
      sessions.forget((session) => holders.has(session));
    });
  }

  /** Takes in who holds something since an earlier process. */
  async #learn(): Promise<void> {
    const limit = this.#limits.expiryPageSize;
    let after: string | undefined = '';
    while (after !== undefined) {
      const rows: readonly Row[] = await this.#store.read({ kind: 'holders', after, limit }, (found) => found);
      const found = rows.map(holderOf);
      for (const { session, leaseDurationMs } of found) this.#store.holders.add(session, leaseDurationMs);
      after = found.length < limit ? undefined : found.at(-1)?.session;
    }
    this.#isLearnt = true;
  }

  async #expireAll(ended: readonly string[], limit: number, change: Change, changed: ChangedOperations): Promise<void> {
    const { sessions, holders } = this.#store;
    const all = new Set(ended);
    const guarded: Change = (current, now) => {
      const { session } = current;
      return session !== undefined && all.has(session) && !sessions.isAlive(session) ? change(current, now) : current;
    };
    let done = START;
    try {
      while (done.sessionCount < ended.length && changed.count < limit) {
        const page = await this.#page(ended, done, limit - changed.count);
        for (const left of await changed.changeAll(page.records, guarded)) holders.note(left);
        done = page.done;
      }
    } finally {
      for (const session of ended.slice(done.sessionCount)) if (!holders.has(session)) holders.add(session, undefined);
    }
  }

  async #page(
    ended: readonly string[],
    from: Progress,
    limitMax: number,
  ): Promise<{ readonly records: readonly Operation[]; readonly done: Progress }> {
    const { expiryPageSize, expiryPageBytes } = this.#limits;
    const limit = Math.min(expiryPageSize, limitMax);
    const sessions = ended.slice(from.sessionCount, from.sessionCount + expiryPageSize);
    const read = { kind: 'held', sessions, after: from.after, limit, bytesMax: expiryPageBytes } as const;
    return this.#store.read(read, (rows) => {
      const { records } = this.#store.keep(rows);
      const last = rows.at(-1);
      if (last === undefined || isLastRead(rows, read)) {
        return { records, done: { sessionCount: from.sessionCount + sessions.length, after: '' } };
      }
      const sessionCount = from.sessionCount + sessions.indexOf(last[SESSION] as string);
      return { records, done: { sessionCount, after: last[0] as string } };
    });
  }
}

import { compareText } from './record-order.ts';
import type { Held, SessionTable } from './session-table.ts';

/**
 * Sessions that may hold operations: noted with each record that is committed, so that a sweep asks the database only about those
 * that are past their time.
 *
 * At most one for each operation under way, and one for each worker that held something since the last sweep.
 */
export class SessionHolders {
  readonly #sessions: SessionTable;
  /** How long the lease of its owner lasts, milliseconds; undefined for a worker's. */
  readonly #leases = new Map<string, number | undefined>();

  constructor(sessions: SessionTable) {
    this.#sessions = sessions;
  }

  /** The record is there: whoever holds it is noted. */
  note({ session, owner }: Held): void {
    if (session !== undefined) this.add(session, owner?.leaseDurationMs);
  }

  /** A write was committed: whoever holds the record now is noted, and an owner who does no more is forgotten. */
  follow(before: Held | undefined, after: Held): void {
    const forgotten = this.#sessions.follow(before, after);
    if (forgotten !== undefined) this.#leases.delete(forgotten);
    this.note(after);
  }

  /** @param leaseDurationMs  of an owner: unless its session is known, it is alive for so long from the next `takeEnded` on. */
  add(session: string, leaseDurationMs: number | undefined): void {
    this.#leases.set(session, leaseDurationMs);
  }

  has(session: string): boolean {
    return this.#leases.has(session);
  }

  /** Those past their time, in order. They are noted no longer: what still holds something afterwards is to be added again. */
  takeEnded(): readonly string[] {
    const ended: string[] = [];
    for (const [session, leaseDurationMs] of this.#leases) {
      if (leaseDurationMs !== undefined) this.#sessions.adopt(session, leaseDurationMs);
      if (!this.#sessions.isAlive(session)) ended.push(session);
    }
    for (const session of ended) this.#leases.delete(session);
    return ended.sort(compareText);
  }
}

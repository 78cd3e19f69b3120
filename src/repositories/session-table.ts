import type { Clock } from '../core/clock.ts';

/**
 * Which worker sessions are alive.
 *
 * Kept in memory where one process owns the database: whatever sessions an earlier owner had are over with it, so that an
 * unknown session is a dead one, and a heartbeat costs no write. Only the monotonic clock decides, as in the worker that
 * holds the session: a wall clock that is set ends none.
 */
export class SessionTable {
  readonly #clock: Clock;
  /** Monotonic times. */
  readonly #ends = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Creates or extends sessions: each is alive for so long, exclusively. */
  renew(ids: readonly string[], leaseDurationMs: number): void {
    for (const id of ids) this.#ends.set(id, this.#clock.monotonic() + leaseDurationMs);
  }

  isAlive(id: string): boolean {
    const end = this.#ends.get(id);
    return end !== undefined && this.#clock.monotonic() < end;
  }

  /** Drops the sessions that are over and hold nothing. */
  forget(holds: (id: string) => boolean): void {
    for (const id of [...this.#ends.keys()]) {
      if (!this.isAlive(id) && !holds(id)) this.#ends.delete(id);
    }
  }

  /** Forgets all, as a restart does. */
  clear(): void {
    this.#ends.clear();
  }
}

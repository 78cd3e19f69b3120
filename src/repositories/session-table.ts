import type { Clock } from '../core/clock.ts';
import type { Operation } from '../operations/operation.ts';

/** Who holds a record. */
export type Held = Pick<Operation, 'session' | 'owner'>;

/**
 * Which worker sessions are alive.
 *
 * Kept in memory where one process owns the database: whatever sessions an earlier owner had are over with it, so that an
 * unknown session is a dead one, and a heartbeat costs no write. Only the monotonic clock decides, as in the worker that
 * holds the session: a wall clock that is set ends none. Sessions of owners outside live on: see `adopt`.
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

  /**
   * Takes in a session that outlived the table which knew it: it is alive for so long from now on. One that is known stays as
   * it is.
   */
  adopt(id: string, leaseDurationMs: number): void {
    if (!this.#ends.has(id)) this.renew([id], leaseDurationMs);
  }

  /** Whether it was ever renewed here, and not forgotten since. */
  isKnown(id: string): boolean {
    return this.#ends.has(id);
  }

  /** How long it still lives, milliseconds; undefined when it is not known. */
  leftMs(id: string): number | undefined {
    const end = this.#ends.get(id);
    return end === undefined ? undefined : Math.max(0, end - this.#clock.monotonic());
  }

  /**
   * Follows a committed write of one record. A session of an owner is of one grant: it is forgotten with the write that takes the
   * operation from it, so that as many are kept as operations are held, however long their leases are.
   *
   * @returns the session that was forgotten.
   */
  follow(before: Held | undefined, after: Held | undefined): string | undefined {
    if (before?.owner === undefined || before.session === undefined || before.session === after?.session)
      return undefined;
    this.#ends.delete(before.session);
    return before.session;
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

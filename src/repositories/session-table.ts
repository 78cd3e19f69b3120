/**
 * Which worker sessions are alive.
 *
 * Kept in memory where one process owns the database: whatever sessions an earlier owner had are over with it, so that an
 * unknown session is a dead one, and a heartbeat costs no write.
 */
export class SessionTable {
  readonly #expireTimes = new Map<string, number>();

  /** Creates or extends sessions: each is alive until `expireTimeMs`, exclusively. */
  renew(ids: readonly string[], expireTimeMs: number): void {
    for (const id of ids) this.#expireTimes.set(id, expireTimeMs);
  }

  isAlive(id: string, now: number): boolean {
    const expireTimeMs = this.#expireTimes.get(id);
    return expireTimeMs !== undefined && now < expireTimeMs;
  }

  /** Drops the sessions that are over and hold nothing. */
  forget(now: number, holds: (id: string) => boolean): void {
    for (const id of [...this.#expireTimes.keys()]) {
      if (!this.isAlive(id, now) && !holds(id)) this.#expireTimes.delete(id);
    }
  }

  get size(): number {
    return this.#expireTimes.size;
  }

  /** Forgets all, as a restart does. */
  clear(): void {
    this.#expireTimes.clear();
  }
}

import type { Any } from '../core/any.ts';
import type { Status } from '../core/status-error.ts';
import type { Database } from './database.ts';
import { encoding } from './encoding.ts';
import type { JournalEntry } from './journal.ts';
import {
  claim,
  complete,
  fail,
  recordCheckpoint,
  recordProgress,
  recover,
  revoke,
  stop,
  assertHolds,
  withReport,
  type CancelLegs,
  type Lease,
  type Report,
  type RetryPolicy,
} from './lease.ts';
import type { Operation } from './operation.ts';
import type { Change, ClaimQuery, DamagedRecord, SideWrites } from './operation-repository.ts';
import type { OperationEncoder } from './presenter.ts';
import { RestingTimers } from './resting-timers.ts';
import { TimerRound, type TimerRoundOptions } from './timer-round.ts';

export interface LeasesOptions {
  readonly database: Database;
  readonly encode: OperationEncoder;
  readonly policy: RetryPolicy;
  /** How long a session lives without a renewal, milliseconds. */
  readonly leaseDurationMs: number;
}

/** What an outcome may bring along: the last report, which no throttle may lose. */
export type Outcome = Report;

/**
 * What workers do to operations: the rules of lease.ts, applied to the repository.
 *
 * Every method that takes a Lease throws ABORTED (STALE_FENCE) when it is no longer the operation's. All of them are durable
 * when they resolve.
 */
export class Leases {
  readonly #database: Database;
  readonly #encode: OperationEncoder;
  readonly #policy: RetryPolicy;
  readonly #leaseDurationMs: number;
  readonly #resting = { resting: new RestingTimers(), restingCascades: new RestingTimers() };

  constructor(options: LeasesOptions) {
    this.#database = options.database;
    this.#encode = options.encode;
    this.#policy = options.policy;
    this.#leaseDurationMs = options.leaseDurationMs;
  }

  /** Grants up to `limit` queued operations to the session; `alone` asks for one of those that may only run by themselves. */
  async claim(session: string, query: Omit<ClaimQuery, 'deathCountAlone'>): Promise<readonly Operation[]> {
    return this.#database.operations.claim(
      { ...query, deathCountAlone: this.#policy.deathCountAlone },
      this.#encoded((operation, now) => claim(operation, now, session)),
    );
  }

  /** The records as they are, see OperationRepository.getMany: for the backstop that finds what a lost hint would have told. */
  async read(names: readonly string[], damaged?: DamagedRecord): Promise<readonly Operation[]> {
    return this.#database.operations.getMany(names, damaged);
  }

  async recordProgress(lease: Lease, report: Report): Promise<Operation> {
    return this.#update(lease, (operation, now) => recordProgress(operation, now, lease, report));
  }

  /** Announces what is about to appear at a sink. */
  async beginJournal(lease: Lease, entry: Omit<JournalEntry, 'operation'>): Promise<void> {
    const put: JournalEntry = { ...entry, operation: lease.name };
    await this.#update(
      lease,
      (operation) => {
        assertHolds(operation, lease);
        return operation;
      },
      { journal: [{ put }] },
    );
  }

  /** Saves a checkpoint and settles journal entries with it, in one transaction. */
  async recordCheckpoint(
    lease: Lease,
    saved: Report & { readonly checkpoint: Any; readonly journalIds?: readonly string[] },
  ): Promise<Operation> {
    const journal = (saved.journalIds ?? []).map((id) => ({ remove: { operation: lease.name, id } }));
    return this.#update(lease, (operation, now) => recordCheckpoint(operation, now, lease, saved), { journal });
  }

  async openJournal(name: string): Promise<readonly JournalEntry[]> {
    return this.#database.journal.open(name);
  }

  async complete(lease: Lease, response: Any, outcome: Outcome = {}): Promise<Operation> {
    return this.#update(lease, (operation, now) => complete(withReport(operation, now, outcome), now, lease, response));
  }

  async fail(lease: Lease, status: Status, outcome: Outcome & { readonly retryable: boolean }): Promise<Operation> {
    const failure = { status, retryable: outcome.retryable, policy: this.#policy };
    return this.#update(lease, (operation, now) => fail(withReport(operation, now, outcome), now, lease, failure));
  }

  /** The work has stopped, or drained with its checkpoint saved: CANCELLED, PAUSED or queued again, as was asked for. */
  async stop(lease: Lease, outcome: Outcome & CancelLegs = {}): Promise<Operation> {
    return this.#update(lease, (operation, now) =>
      stop(withReport(operation, now, outcome), now, lease, legsOf(outcome)),
    );
  }

  /** The work did not stop in time: the lease is taken away from it. */
  async revoke(lease: Lease, outcome: Outcome & CancelLegs = {}): Promise<Operation> {
    return this.#update(lease, (operation, now) =>
      revoke(withReport(operation, now, outcome), now, lease, legsOf(outcome)),
    );
  }

  async renewSessions(ids: readonly string[]): Promise<void> {
    await this.#database.operations.renewSessions(ids, this.#leaseDurationMs);
  }

  /**
   * Recovers operations whose session is gone, at most `limit`.
   *
   * @param proven  whether the holders are known to be dead. By default what the database knows of the sessions found when
   *   it was opened; a session that began later and fell silent may be this process's own.
   * @returns what became of them.
   */
  async expireSessions(limit: number, proven = this.#database.exclusive): Promise<readonly Operation[]> {
    return this.#database.operations.expireSessions(
      limit,
      this.#encoded((operation, now) => recover(operation, now, this.#policy, proven)),
    );
  }

  /** Does what is due of operations by itself, see TimerRound. @throws StatusError when the storage fails. */
  async runTimers(
    parts: Pick<TimerRoundOptions, 'interrupter' | 'clock' | 'logger' | 'limits'>,
    signal: AbortSignal,
  ): Promise<void> {
    const own = { database: this.#database, encode: this.#encode, policy: this.#policy, ...this.#resting };
    const round = new TimerRound({ ...parts, ...own });
    await round.run(signal);
  }

  #update(lease: Lease, change: Change, also?: SideWrites): Promise<Operation> {
    return this.#database.operations.update(lease.name, this.#encoded(change), also);
  }

  #encoded(change: Change): Change {
    return encoding(change, this.#encode);
  }
}

function legsOf(legs: CancelLegs): CancelLegs {
  return {
    ...(legs.deliverTimeMs === undefined ? {} : { deliverTimeMs: legs.deliverTimeMs }),
    ...(legs.acknowledgeTimeMs === undefined ? {} : { acknowledgeTimeMs: legs.acknowledgeTimeMs }),
  };
}

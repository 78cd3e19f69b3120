import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { Database } from '../database.ts';
import type { Resource, ResourceChange } from '../resource.ts';
import type { CancelRequest } from '../transitions.ts';
import type { ControlLimits } from './limits.ts';
import { retryRaces } from './retry-races.ts';

/** Which create a cancel is for. */
export interface RequestKey {
  readonly surface: string;
  readonly collection: string;
  readonly requestId?: string;
}

export interface PendingCancel {
  readonly revision: number;
  /** Absent when its time is over: then it only has to go. */
  readonly request?: CancelRequest;
}

const KIND = 'pending-cancel';
/** All of them in one collection, as the database bounds collections. */
const COLLECTION = '';

/**
 * Cancels that came before the create they are for: durable, each kept for `pendingCancelMs`, at most `pendingCancelCountMax`.
 *
 * A create removes the one it meets within its own transaction, so that either the create sees the cancel or the cancel sees the
 * operation.
 */
export class PendingCancels {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #limits: ControlLimits;
  /** Until when nobody has to look whether there is room again, on the monotonic clock. */
  #fullUntilMs = -Infinity;

  constructor(database: Database, clock: Clock, limits: ControlLimits) {
    this.#database = database;
    this.#clock = clock;
    this.#limits = limits;
  }

  async find(key: RequestKey): Promise<PendingCancel | undefined> {
    if (key.requestId === undefined) return undefined;
    const found = await this.#database.resources.get(KIND, nameOf(key));
    if (found === undefined) return undefined;
    const isOver = (found.expireTimeMs ?? 0) <= this.#clock.now();
    return { revision: found.revision, ...(isOver ? {} : { request: { reason: 'user', actor: actorOf(found) } }) };
  }

  /** To go with the insert that it cancels; with none, it makes the insert fail should there be one. */
  removal(key: RequestKey, pending: PendingCancel | undefined): ResourceChange {
    return { kind: KIND, name: nameOf(key), revision: pending?.revision ?? 0 };
  }

  /**
   * Keeps a cancel, one that is kept already for longer.
   *
   * @returns until when.
   * @throws StatusError RESOURCE_EXHAUSTED (reason TOO_MANY_PENDING_CANCELS).
   */
  async add(key: RequestKey, actor: string): Promise<number> {
    return retryRaces(this.#limits.createTryCountMax, async () => {
      const current = await this.#database.resources.get(KIND, nameOf(key));
      if (current === undefined && this.#clock.monotonic() < this.#fullUntilMs) throw this.#full();
      const now = this.#clock.now();
      const expireTimeMs = now + this.#limits.pendingCancelMs;
      const next = { collection: COLLECTION, value: new TextEncoder().encode(actor), createTimeMs: now, expireTimeMs };
      await this.#write({ kind: KIND, name: nameOf(key), revision: current?.revision ?? 0, next });
      return expireTimeMs;
    });
  }

  /** Its operation was found after all. */
  async remove(key: RequestKey): Promise<void> {
    const current = await this.#database.resources.get(KIND, nameOf(key));
    if (current === undefined) return;
    try {
      await this.#database.resources.write([{ kind: KIND, name: nameOf(key), revision: current.revision }]);
    } catch (error) {
      // Somebody else removed it, or it goes with its time.
      if (!(error instanceof StatusError) || error.code !== Code.ABORTED) throw error;
    }
  }

  async #write(change: ResourceChange): Promise<void> {
    const { pendingCancelCountMax, retryDelayMs } = this.#limits;
    try {
      await this.#database.resources.write([{ ...change, collectionCountMax: pendingCancelCountMax }]);
    } catch (error) {
      if (!(error instanceof StatusError) || error.info.reason !== 'COLLECTION_FULL') throw error;
      this.#fullUntilMs = this.#clock.monotonic() + retryDelayMs;
      throw this.#full();
    }
  }

  #full(): StatusError {
    return new StatusError(
      Code.RESOURCE_EXHAUSTED,
      'too many cancels are kept for creates that have not come; try again later',
      { reason: 'TOO_MANY_PENDING_CANCELS', retryDelayMs: this.#limits.retryDelayMs },
    );
  }
}

function nameOf({ surface, collection, requestId = '' }: RequestKey): string {
  return `${surface}:${collection}:${requestId}`;
}

function actorOf({ value }: Resource): string {
  return new TextDecoder().decode(value);
}

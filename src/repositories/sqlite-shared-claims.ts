import type { Clock } from '../core/clock.ts';
import type { Change, ClaimQuery, ClaimShare } from '../operations/operation-repository.ts';
import type { Operation } from '../operations/operation.ts';
import type { ChangedOperations } from './changed-operations.ts';
import { COLUMN_INDEX } from './operation-columns.ts';
import { positionOf } from './operation-row.ts';
import type { ClaimPosition } from './record-order.ts';
import type { SqliteLimits } from './sqlite-limits.ts';
import type { Row } from './sqlite-protocol.ts';
import type { SqliteStore } from './sqlite-store.ts';

const COLLECTION = COLUMN_INDEX.collection;

/** One claim; only one is under way at a time. */
interface Claim {
  readonly query: ClaimQuery;
  readonly share: ClaimShare;
  readonly change: Change;
  readonly changed: ChangedOperations;
}

/** What is at hand of one collection, in the order of claims. */
interface Queue {
  readonly collection: string;
  readonly operations: readonly Operation[];
  /** The last that was read. */
  readonly last: ClaimPosition;
  /** Whether one was passed by, so that there may be room for what is behind the last. */
  readonly passedBy: boolean;
}

/** What one read has found. */
interface Found {
  readonly found: readonly Queue[];
  /** The collection at which it stopped with some still to be looked at. */
  readonly stoppedAt?: string;
}

/**
 * Claims that give their slots to collections in turn, one operation each, beginning behind the collection that had the last turn.
 *
 * An operation that is damaged, or that the change throws for or leaves as it is, costs its collection no turn, and a collection that
 * has no other no slot.
 */
export class SqliteSharedClaims {
  readonly #store: SqliteStore;
  readonly #clock: Clock;
  readonly #limits: Pick<SqliteLimits, 'shareCollectionsMax'>;
  /** The collection that had the last turn, or at which the last claim stopped looking. */
  #lastTurn = '';

  constructor(store: SqliteStore, clock: Clock, limits: Pick<SqliteLimits, 'shareCollectionsMax'>) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Goes through the collections until the slots are given or nothing is left. */
  async claim(claim: Claim): Promise<void> {
    const { given, stoppedAt } = await this.#firstRound(claim);
    let turns = given;
    while (turns.length > 0 && slotsOf(claim) > 0) turns = await this.#round(claim, turns);
    // Those that come next were not looked at yet: the next claim begins with them.
    if (stoppedAt !== undefined) this.#lastTurn = stoppedAt;
  }

  /** @returns what is left of the collections that were given one, and where it stopped, unless all were looked at. */
  async #firstRound(claim: Claim): Promise<{ readonly given: readonly Queue[]; readonly stoppedAt?: string }> {
    const begin = this.#lastTurn;
    const given: Queue[] = [];
    let after: string | undefined;
    while (slotsOf(claim) > 0) {
      const limit = slotsOf(claim);
      const { found, stoppedAt } = await this.#find(claim, limit, { begin, ...(after === undefined ? {} : { after }) });
      given.push(...(await this.#round(claim, found)));
      if (stoppedAt !== undefined) return { given, stoppedAt };
      if (found.length < limit) break;
      after = found.at(-1)?.collection;
    }
    return { given };
  }

  /** Gives one operation to each, as far as there are slots. @returns what is left of those that were given one. */
  async #round(claim: Claim, queues: readonly Queue[]): Promise<readonly Queue[]> {
    const given: Queue[] = [];
    let rest = queues;
    while (rest.length > 0 && slotsOf(claim) > 0) {
      const turns = rest.slice(0, slotsOf(claim));
      rest = rest.slice(turns.length);
      const left = await this.#giveEach(claim, turns);
      given.push(...left);
      this.#lastTurn = left.at(-1)?.collection ?? this.#lastTurn;
    }
    return given;
  }

  /** Gives one operation to each: at first those at the heads in one commit, then what takes the place of those passed by. */
  async #giveEach(claim: Claim, turns: readonly Queue[]): Promise<readonly Queue[]> {
    const given = new Map<string, Queue>();
    let waiting = turns;
    while (waiting.length > 0) {
      const filled = await Promise.all(waiting.map((queue) => this.#filled(claim, queue)));
      const tried = filled.filter(({ operations }) => operations.length > 0);
      const heads = tried.flatMap(({ operations }) => operations.slice(0, 1));
      const left = new Set(await claim.changed.changeAll(heads, claim.change));
      const behind = tried.map((queue) => ({ ...queue, operations: queue.operations.slice(1) }));
      for (const [index, queue] of behind.entries()) {
        const head = heads[index];
        if (head !== undefined && !left.has(head)) given.set(queue.collection, queue);
      }
      waiting = behind
        .filter(({ collection }) => !given.has(collection))
        .map((queue) => ({ ...queue, passedBy: true }));
    }
    return turns.flatMap(({ collection }) => given.get(collection) ?? []);
  }

  /** The queue with something at hand, where there is more of it that its collection has room for. */
  async #filled({ query, share }: Claim, queue: Queue): Promise<Queue> {
    let filled = queue;
    while (filled.operations.length === 0 && filled.passedBy) {
      const { collection, last } = filled;
      const read = { query, share, collection, after: last };
      const [more] = await this.#store.read({ kind: 'sharedRest', read }, (rows) => this.#queuesOf(rows));
      if (more === undefined) return { ...filled, passedBy: false };
      filled = more;
    }
    return filled;
  }

  #find({ query, share }: Claim, limit: number, from: { begin: string; after?: string }): Promise<Found> {
    const read = { query: { ...query, limit }, share, ...from, collectionsMax: this.#limits.shareCollectionsMax };
    return this.#store.read({ kind: 'shared', read, now: this.#clock.now() }, ([stop, ...rows]) => {
      const stoppedAt = stop?.[0];
      return { found: this.#queuesOf(rows), ...(typeof stoppedAt === 'string' ? { stoppedAt } : {}) };
    });
  }

  #queuesOf(rows: readonly Row[]): readonly Queue[] {
    const records = new Map(this.#store.keep(rows).records.map((record) => [record.name, record]));
    return [...Map.groupBy(rows, (row) => row[COLLECTION] as string)].flatMap(([collection, found]) => {
      const last = found.at(-1);
      if (last === undefined) return [];
      const operations = found.flatMap((row) => records.get(row[0] as string) ?? []);
      return { collection, operations, last: positionOf(last), passedBy: operations.length < found.length };
    });
  }
}

function slotsOf({ query, changed }: Claim): number {
  return query.limit - changed.count;
}

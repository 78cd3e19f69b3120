import { backoffDelayMs } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import { concerns } from '../concerns.ts';
import type { Operation } from '../operation.ts';
import type { ChangeHint, OperationRepository } from '../operation-repository.ts';
import type { Change, ChangeLog } from './change-log.ts';
import type { DamagedRecords } from './damaged-records.ts';
import type { WatchLimits } from './limits.ts';
import type { TurnShares } from './turn-shares.ts';
import type { WatchEvent } from './watch-event.ts';
import type { WatchGroup } from './watch-group.ts';
import type { Mark } from './watch-source.ts';
import type { WatchTable } from './watch-table.ts';

export interface ChangeOffersOptions {
  readonly operations: Pick<OperationRepository, 'get' | 'getMany'>;
  readonly table: WatchTable;
  readonly log: ChangeLog;
  readonly damaged: DamagedRecords;
  /** The share of a turn that offering takes. */
  readonly turns: TurnShares;
  /** Makes the message that the many who wake by a change will ask for. */
  readonly prepare: (event: WatchEvent, group: WatchGroup, change: Change) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: WatchLimits;
  /** Aborts when nobody is to be told any more. */
  readonly stopping: AbortSignal;
}

/**
 * Offers each change to those whom it concerns, in order: a changed operation is read once, and decided upon once for each filter.
 *
 * Changes of one operation that come together are one. It takes its share of each turn and no more, and an operation that cannot be
 * read keeps no other.
 */
export class ChangeOffers {
  readonly #options: ChangeOffersOptions;
  /** Changes that are not read yet, by name, in the order of their numbers. */
  readonly #dirty = new Map<string, Change>();
  #offered: Mark;
  #offering: Promise<void> | undefined;
  #era = 0;
  #readCount: number;

  constructor(options: ChangeOffersOptions) {
    this.#options = options;
    this.#readCount = Math.min(options.limits.firstReadCount, options.limits.readCountMax);
    this.#offered = { number: 0, timeMs: options.clock.now() };
  }

  /** Counts how often all was forgotten: what is under way then is void. */
  get era(): number {
    return this.#era;
  }

  /** All changes up to here were offered. */
  get mark(): Mark {
    const { log, clock } = this.#options;
    return this.#offering === undefined ? { number: log.last, timeMs: clock.now() } : this.#offered;
  }

  /** Whether so much waits to be offered that it is not remembered any more. */
  get isFull(): boolean {
    return this.#dirty.size >= this.#options.limits.changeLogCountMax;
  }

  note(hint: ChangeHint): void {
    const { log, table, clock } = this.#options;
    // Before it is noted: all up to the last one were offered then.
    const { mark } = this;
    const change = log.note(hint, clock.now());
    if (!table.isWatched(hint.name)) return;
    this.#dirty.delete(change.name);
    this.#dirty.set(change.name, change);
    if (this.#offering !== undefined) return;
    this.#offered = mark;
    this.#offering = this.#offerAll();
  }

  /** Nobody knows what has changed: nothing of what waits is told any more. */
  forgetAll(): void {
    const { log, clock } = this.#options;
    this.#era += 1;
    log.forgetAll();
    this.#dirty.clear();
    this.#offered = { number: log.last, timeMs: clock.now() };
  }

  /** Resolves when nothing is offered any more. */
  async whenIdle(): Promise<void> {
    await this.#offering;
  }

  async #offerAll(): Promise<void> {
    const { limits, clock, logger, stopping } = this.#options;
    const backoff = { initialMs: limits.retryDelayMs, maxMs: limits.retryDelayMaxMs };
    // What comes in this turn of the event loop is read together.
    await Promise.resolve();
    for (let failureCount = 0; this.#dirty.size > 0 && !stopping.aborted;) {
      try {
        await this.#offerSome();
        failureCount = 0;
      } catch (error) {
        failureCount += 1;
        logger.warn({ error, failureCount }, 'changes were not told to watches; they are later');
        const delayMs = backoffDelayMs(failureCount, backoff, () => 1);
        await clock.sleep(delayMs, stopping).catch(() => undefined);
      }
    }
    // In the very turn that saw nothing left: what is noted from now on begins anew.
    this.#offering = undefined;
  }

  async #offerSome(): Promise<void> {
    const { limits } = this.#options;
    const era = this.#era;
    const changes = first(this.#dirty.values(), this.#readCount);
    const records = await this.#read(changes.map(({ name }) => name));
    if (era !== this.#era) return;
    const bytes = [...records.values()].reduce((sum, record) => sum + (record?.encoded.byteLength ?? 0), 0);
    this.#readCount =
      bytes > limits.readBytesMax ? Math.ceil(changes.length / 2) : Math.min(limits.readCountMax, this.#readCount * 2);
    for (const change of changes) {
      // Noted again meanwhile: its newer change comes in its turn.
      if (this.#dirty.get(change.name) === change) this.#dirty.delete(change.name);
      if (records.has(change.name)) await this.#offer(change, records.get(change.name), era);
      if (era !== this.#era) return;
      this.#offered = change;
    }
  }

  /** What there is of each name; those whose record is damaged are left out, and those who watch them alone are told so. */
  async #read(names: readonly string[]): Promise<ReadonlyMap<string, Operation | undefined>> {
    const { operations, damaged, table } = this.#options;
    try {
      const records = await operations.getMany(names);
      const byName = new Map<string, Operation | undefined>(names.map((name) => [name, undefined]));
      for (const record of records) byName.set(record.name, record);
      return byName;
    } catch (error) {
      if (!names.some((name) => concerns(error, name))) throw error;
    }
    const outcomes = await Promise.allSettled(names.map((name) => operations.get(name)));
    const readable = new Map<string, Operation | undefined>();
    for (const [index, outcome] of outcomes.entries()) {
      const name = names[index] ?? '';
      if (outcome.status === 'fulfilled') {
        readable.set(name, outcome.value);
        continue;
      }
      damaged.passBy(outcome.reason, name);
      // They read it themselves, and end with what is wrong.
      for (const watcher of table.ofName(name)) watcher.restart();
    }
    return readable;
  }

  async #offer(change: Change, operation: Operation | undefined, era: number): Promise<void> {
    const { table, turns, prepare, stopping } = this.#options;
    const isOver = (): boolean => era !== this.#era || stopping.aborted;
    // Awaited at each step, also when there is nothing to wait for: who wakes goes on before the next one is woken, and what that
    // takes is seen by the clock of the share.
    for (const watcher of table.ofName(change.name)) {
      await turns.ready();
      watcher.offer(change);
    }
    for (const group of table.groupsOf(change, operation)) {
      await turns.ready();
      if (isOver()) return;
      if (!group.concerns(change, operation)) continue;
      // Now, so that the many who wake by it find it made.
      const event = group.eventOf(change, operation);
      if (event !== undefined) prepare(event, group, change);
      for (const watcher of group.watchers) {
        await turns.ready();
        if (isOver()) return;
        watcher.offer(change);
      }
    }
  }
}

function first<T>(values: Iterable<T>, count: number): readonly T[] {
  const found: T[] = [];
  for (const value of values) {
    if (found.length >= count) break;
    found.push(value);
  }
  return found;
}

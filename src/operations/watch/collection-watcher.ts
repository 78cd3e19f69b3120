import { isLastPage } from '../list-page.ts';
import type { Operation } from '../operation.ts';
import type { ListCursor } from '../operation-repository.ts';
import type { TimerPosition } from '../timers.ts';
import type { Change } from './change-log.ts';
import { walkRecords, type RecordWalkOptions } from './record-walk.ts';
import type { WatchEvent } from './watch-event.ts';
import { isSelected, type WatchGroup } from './watch-group.ts';
import { WatchPause } from './watch-pause.ts';
import { draining, type Watcher, type WatcherOptions } from './watcher.ts';

export interface CollectionWatcherOptions extends WatcherOptions {
  readonly group: WatchGroup;
}

/**
 * A watch of all that match: tells the current state, then what the hub offers, latest state only.
 *
 * A reader that stands still costs the names of some changes and no more: when it is further behind, the watch takes no offers, and
 * goes through the changes that the hub remembers for all. Where these are forgotten, all is told anew.
 */
export class CollectionWatcher implements Watcher {
  readonly #options: CollectionWatcherOptions;
  readonly #pause: WatchPause;
  /** Changes to be told, by name, in the order of their numbers. */
  readonly #pending = new Map<string, Change>();
  /** It takes no offers, and goes through the changes that come after `#position`. */
  #isBehind = true;
  /** While it is behind: all changes up to this number are told, or are none of its business. */
  #position = 0;
  /** What it was to go through is forgotten. */
  #needsReset = false;
  /** See WatchSource.era: of another one than this it has missed changes. */
  #era: number;
  /** When it told all there was: from there a new start asks for what has ended. */
  #toldTimeMs: number;

  constructor(options: CollectionWatcherOptions) {
    this.#options = options;
    const { cursor, clock, signal, source } = options;
    this.#era = source.era;
    this.#toldTimeMs = cursor?.timeMs ?? clock.now();
    this.#pause = new WatchPause({ clock, signal, quietMs: source.limits.heartbeatMs });
  }

  offer(change: Change): void {
    // One that it has read ahead of the hub is taken too: the hub may have seen a later state, of which it tells but once.
    if (this.#isBehind) return;
    this.#pending.delete(change.name);
    this.#pending.set(change.name, change);
    if (this.#pending.size > this.#options.source.limits.pendingCountMax) this.#fallBehind();
    this.#pause.wake();
  }

  /** Only wakes it: that hints were lost it sees by itself, before it tells anything more, however long it takes to tell all watches. */
  restart(): void {
    this.#pause.wake();
  }

  stop(): void {
    this.#pause.end(draining(this.#options.source.limits.retryDelayMs));
  }

  async *messages(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#begin();
      for (;;) {
        yield* this.#tellChanges();
        yield* this.#rest();
      }
    } finally {
      this.#pause.close();
    }
  }

  /** Goes on from the cursor where the changes since then are known, and tells the current state where they are not. */
  async *#begin(): AsyncGenerator<Uint8Array> {
    const { source, group, cursor } = this.#options;
    const number = cursor === undefined ? undefined : source.numberOf(cursor);
    if (number === undefined) {
      yield* this.#tellAll(cursor !== undefined);
      return;
    }
    this.#position = number;
    yield* this.#catchUp();
    const mark = { number: this.#position, timeMs: this.#toldTimeMs };
    if (!this.#mustRestart()) yield source.encode({ kind: 'synced' }, group.scope, mark);
  }

  /** All there is, until nothing is left. */
  async *#tellChanges(): AsyncGenerator<Uint8Array> {
    while (this.#hasNews()) {
      if (this.#mustRestart()) yield* this.#tellAll(true);
      else if (this.#isBehind) yield* this.#catchUp();
      else yield* this.#tellPending();
    }
  }

  async *#tellPending(): AsyncGenerator<Uint8Array> {
    while (!this.#mustRestart() && !this.#isBehind) {
      await this.#turn();
      const next = this.#pending.values().next();
      if (next.done === true) break;
      this.#pending.delete(next.value.name);
      yield* this.#tell(next.value);
    }
    if (!this.#mustRestart() && !this.#isBehind) this.#toldTimeMs = this.#options.source.mark.timeMs;
  }

  /**
   * Goes through the changes that are remembered, those too that are still to be offered: of a name that has changed again only the
   * last one is known, and whether the hub offers that one depends on whether it has offered one before.
   */
  async *#catchUp(): AsyncGenerator<Uint8Array> {
    const { source } = this.#options;
    for (;;) {
      await this.#turn();
      const changes = source.since(this.#position, source.limits.readCountMax);
      if (changes === undefined) this.#needsReset = true;
      if (this.#mustRestart() || changes === undefined) return;
      // In the very turn that saw none left: what comes from now on is offered.
      this.#isBehind = changes.length > 0;
      if (!this.#isBehind) return;
      for (const change of changes) {
        await this.#turn();
        yield* this.#tell(change);
        this.#position = change.number;
        this.#toldTimeMs = change.timeMs;
      }
    }
  }

  async *#tell(change: Change): AsyncGenerator<Uint8Array> {
    const { source, group } = this.#options;
    if (change.home !== undefined && !group.mayHold(change, undefined)) return;
    const small = this.#madeSmall(change);
    if (small !== undefined) {
      yield small;
      return;
    }
    const make = async (): Promise<Uint8Array | undefined> =>
      source.encoded(group, change) ?? (await this.#encode(change));
    const { made, leave } = await source.untaken.place(make, (message) => message?.byteLength ?? 0, this.#options);
    try {
      if (made !== undefined) yield made;
    } finally {
      leave();
    }
  }

  /** What is made already and needs no room: so almost every message. */
  #madeSmall(change: Change): Uint8Array | undefined {
    const { source, group } = this.#options;
    const made = source.encoded(group, change);
    return made !== undefined && source.untaken.isSmall(made.byteLength) ? made : undefined;
  }

  /** @returns nothing where the change is of another collection, or the record cannot be read. */
  async #encode(change: Change): Promise<Uint8Array | undefined> {
    const { source, group } = this.#options;
    try {
      const operation = await source.read(change.name);
      const made = source.encoded(group, change);
      if (made !== undefined) return made;
      const event = group.eventOf(change, operation);
      return event === undefined ? undefined : source.encodeShared(this.#telling(event), group, change);
    } catch (error) {
      source.passBy(error, change.name);
      return undefined;
    }
  }

  /** The state of all that match, and of what ended since it told something last and matches no more; then what has changed meanwhile. */
  async *#tellAll(isRestart: boolean): AsyncGenerator<Uint8Array> {
    const { source, group } = this.#options;
    const { mark } = source;
    this.#era = source.era;
    this.#needsReset = false;
    this.#isBehind = true;
    this.#position = mark.number;
    this.#pending.clear();
    if (isRestart) yield source.encodeUnnumbered({ kind: 'reset' });
    yield* this.#tellWalk(this.#selected());
    if (isRestart) yield* this.#tellWalk(this.#ended());
    if (this.#mustRestart()) return;
    this.#toldTimeMs = mark.timeMs;
    // As mostly: then it takes offers, however long its reader stands at this message.
    this.#isBehind = source.since(this.#position, 1)?.length !== 0;
    yield source.encode({ kind: 'synced' }, group.scope, mark);
  }

  async *#tellWalk<Position>(walk: RecordWalkOptions<Position>): AsyncGenerator<Uint8Array> {
    const { source, clock } = this.#options;
    let toldMs = clock.monotonic();
    for await (const messages of walkRecords(walk)) {
      this.#pause.throwIfEnded();
      const isQuiet = messages.length === 0 && clock.monotonic() - toldMs >= source.limits.heartbeatMs;
      if (isQuiet) yield source.encodeUnnumbered({ kind: 'heartbeat' });
      yield* messages;
      if (isQuiet || messages.length > 0) toldMs = clock.monotonic();
      if (this.#mustRestart()) return;
    }
  }

  #selected(): RecordWalkOptions<ListCursor> {
    const { source, group } = this.#options;
    const { query } = group.selection;
    return {
      ...this.#options,
      start: undefined,
      read: async (after, limit) => {
        const bytesMax = source.limits.readBytesMax;
        const page = { ...query, ...(after === undefined ? {} : { after }), limit, bytesMax };
        const records = await source.list(page);
        return { records, isLast: isLastPage(records, page) };
      },
      positionOf: ({ createTimeMs, name }) => ({ createTimeMs, name }),
      encode: (operation) =>
        isSelected(operation, group.selection)
          ? source.encodeUnnumbered(this.#telling({ kind: 'changed', operation }))
          : undefined,
    };
  }

  #ended(): RecordWalkOptions<TimerPosition> {
    const { source, group } = this.#options;
    const { surface, collection } = group.selection.query;
    const start = { timeMs: this.#toldTimeMs - source.limits.endMarginMs, name: '' };
    return {
      ...this.#options,
      start,
      read: async (after = start, limit) => {
        const page = { surface, collection, after, limit, bytesMax: source.limits.readBytesMax };
        const records = await source.ended(page);
        return { records, isLast: isLastPage(records, page) };
      },
      positionOf: ({ endTimeMs = 0, name }) => ({ timeMs: endTimeMs, name }),
      encode: (operation) => this.#encodeEnded(operation),
    };
  }

  #encodeEnded(operation: Operation): Uint8Array | undefined {
    const { source, group } = this.#options;
    if (isSelected(operation, group.selection)) return undefined;
    return source.encodeUnnumbered({ kind: 'removed', name: operation.name, last: operation });
  }

  /** Waits for something to tell, and says that it is alive when there was nothing for long. */
  async *#rest(): AsyncGenerator<Uint8Array> {
    const { source, group } = this.#options;
    if (this.#hasNews() || (await this.#pause.rest())) return;
    await this.#turn();
    // Its cursor must not pass by what was offered meanwhile.
    if (this.#hasNews()) return;
    const { mark } = source;
    this.#toldTimeMs = mark.timeMs;
    yield source.encode({ kind: 'heartbeat' }, group.scope, mark);
  }

  /** The hub must know what is told from a record that the watch has read itself. */
  #telling(event: WatchEvent): WatchEvent {
    if (event.kind === 'changed') this.#options.group.tells(event.operation.name);
    return event;
  }

  #fallBehind(): void {
    const oldest = this.#pending.values().next();
    if (oldest.done !== true) this.#position = oldest.value.number - 1;
    this.#pending.clear();
    this.#isBehind = true;
  }

  /** @throws why the watch is to end. */
  async #turn(): Promise<void> {
    this.#pause.throwIfEnded();
    const wait = this.#options.source.turns.ready();
    if (wait === undefined) return;
    await wait;
    this.#pause.throwIfEnded();
  }

  #hasNews(): boolean {
    return this.#mustRestart() || this.#isBehind || this.#pending.size > 0;
  }

  /** A method, as both change while messages are taken. */
  #mustRestart(): boolean {
    return this.#needsReset || this.#era !== this.#options.source.era;
  }
}

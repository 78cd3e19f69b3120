import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import type { Logger } from '../../core/logger.ts';
import { invalidArgument, StatusError } from '../../core/status-error.ts';
import type { Database } from '../database.ts';
import type { FilterLimits } from '../filter/parse-filter.ts';
import { selectionOf } from '../list.ts';
import type { Operation } from '../operation.ts';
import type { AnyResolver } from '../presenter.ts';
import type { SurfaceTable } from '../surface.ts';
import { ChangeLog } from './change-log.ts';
import type { WatchLimits } from './limits.ts';
import { SharedMessages } from './shared-messages.ts';
import { readCursor, watchScope, writeCursor } from './watch-cursor.ts';
import type { WatchEncoder, WatchEvent } from './watch-event.ts';
import type { ChangeTaker } from './change-taker.ts';
import type { WatchSource } from './watch-source.ts';
import { WatchGroup } from './watch-group.ts';
import { Watcher } from './watcher.ts';

/** WatchOperationsRequest, as it came. */
export interface WatchRequest {
  readonly name: string;
  readonly parent: string;
  readonly filter: string;
  readonly cursor: string;
}

export interface WatchHubOptions {
  readonly database: Database;
  readonly surfaces: SurfaceTable;
  readonly resolver: AnyResolver;
  readonly encode: WatchEncoder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** An id that no other process has: the numbers of changes are this one's. */
  readonly epoch: string;
  readonly limits: WatchLimits;
  readonly filterLimits: FilterLimits;
}

/**
 * Offers each change to those who watch it.
 *
 * Hints number the changes; a changed operation is read once, decided upon once for each filter, and encoded once for all watches
 * of that filter. Nothing is kept for a watch but names. When hints were lost, all numbers are void and every watch starts anew.
 */
export class WatchHub {
  readonly #options: WatchHubOptions;
  readonly #groups = new Map<string, WatchGroup>();
  readonly #byName = new Map<string, Set<ChangeTaker>>();
  readonly #shared: SharedMessages;
  readonly #source: WatchSource;
  /** Changed names that were not offered yet, in the order of their numbers. */
  readonly #dirty = new Map<string, number>();
  #log: ChangeLog;
  #era = 0;
  #count = 0;
  #offered = 0;
  #offering: Promise<void> | undefined;
  readonly #stopping = new AbortController();

  constructor(options: WatchHubOptions) {
    this.#options = options;
    this.#log = new ChangeLog(options.limits.changeLogCountMax);
    this.#shared = new SharedMessages(options.limits.encodedBytesMax);
    this.#source = this.#createSource();
  }

  /** Watches under way. */
  get count(): number {
    return this.#count;
  }

  /**
   * Encoded messages of one watch, as fast as they are taken.
   *
   * @throws StatusError as OperationControl.WatchOperations says; the iteration rejects with the signal's reason.
   */
  async *watch(request: WatchRequest, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const watcher = this.#join(request, signal);
    try {
      yield* watcher.messages();
    } finally {
      this.#leave(request, watcher);
    }
  }

  /** Follows the repository's hints until the signal aborts; then every watch ends. */
  async run(signal: AbortSignal): Promise<void> {
    for await (const { name } of this.#options.database.operations.changes(signal)) {
      if (name === '') this.#restart();
      else this.#note(name);
    }
    this.#stopping.abort();
    for (const watcher of this.#watchers()) watcher.stop();
    await this.#offering;
  }

  #join(request: WatchRequest, signal: AbortSignal): Watcher {
    const { clock, limits } = this.#options;
    if (this.#count >= limits.watchCountMax) throw tooMany(limits);
    const target = this.#targetOf(request);
    const scope = 'group' in target ? target.group.scope : target.scope;
    const cursor = request.cursor === '' ? undefined : readCursor(scope, request.cursor);
    const watcher = new Watcher({ source: this.#source, clock, target, cursor, signal });
    if ('group' in target) this.#groups.set(scope, target.group);
    const peers = 'group' in target ? target.group.watchers : this.#watchersOf(target.name);
    peers.add(watcher);
    this.#count += 1;
    if (this.#stopping.signal.aborted) watcher.stop();
    return watcher;
  }

  #targetOf({ name, parent, filter }: WatchRequest): { group: WatchGroup } | { name: string; scope: string } {
    const { surfaces, resolver, filterLimits, limits } = this.#options;
    if ((name === '') === (parent === '')) throw invalidArgument('name', 'or parent must be given, and not both');
    const scope = watchScope([name, parent, filter]);
    if (name !== '') {
      if (filter !== '') throw invalidArgument('filter', 'is for collections; leave it out to watch one operation');
      surfaces.ofOperation(name, 'get');
      return { name, scope };
    }
    const surface = surfaces.ofList(parent);
    const selection = selectionOf({ name: parent, filter }, surface, { resolver, limits: filterLimits });
    return { group: this.#groups.get(scope) ?? new WatchGroup(scope, selection, limits.outsideCountMax) };
  }

  #leave({ name, parent, filter }: WatchRequest, watcher: Watcher): void {
    this.#count -= 1;
    const scope = watchScope([name, parent, filter]);
    const group = this.#groups.get(scope);
    group?.watchers.delete(watcher);
    if (group?.watchers.size === 0) this.#groups.delete(scope);
    const ofName = this.#byName.get(name);
    ofName?.delete(watcher);
    if (ofName?.size === 0) this.#byName.delete(name);
  }

  #watchersOf(name: string): Set<ChangeTaker> {
    const found = this.#byName.get(name) ?? new Set<ChangeTaker>();
    this.#byName.set(name, found);
    return found;
  }

  #watchers(): readonly ChangeTaker[] {
    return [...this.#groups.values(), ...[...this.#byName.values()].map((watchers) => ({ watchers }))].flatMap(
      ({ watchers }) => [...watchers],
    );
  }

  #note(name: string): void {
    const change = this.#log.note(name);
    const isWatched = this.#groups.size > 0 || this.#byName.has(name);
    if (isWatched) {
      this.#dirty.delete(name);
      this.#dirty.set(name, change);
      this.#offering ??= this.#offerAll();
    } else if (this.#dirty.size === 0) this.#offered = change;
  }

  /** Hints were lost: nobody knows what has changed. */
  #restart(): void {
    this.#era += 1;
    this.#log = new ChangeLog(this.#options.limits.changeLogCountMax);
    this.#dirty.clear();
    this.#offered = 0;
    for (const watcher of this.#watchers()) watcher.restart();
  }

  async #offerAll(): Promise<void> {
    const { limits, clock, logger } = this.#options;
    // What comes in this turn of the event loop is read together.
    await Promise.resolve();
    while (this.#dirty.size > 0 && !this.#stopping.signal.aborted) {
      const batch = [...this.#dirty].slice(0, limits.readCountMax);
      try {
        await this.#offer(batch);
      } catch (error) {
        logger.warn({ error }, 'changes were not told to watches; they are later');
        await clock.sleep(limits.retryDelayMs, this.#stopping.signal).catch(() => undefined);
      }
    }
    if (this.#dirty.size === 0) this.#offered = this.#log.last;
    // In the very turn that saw nothing left: what is noted from now on begins anew.
    this.#offering = undefined;
  }

  async #offer(batch: readonly (readonly [name: string, change: number])[]): Promise<void> {
    const era = this.#era;
    const names = batch.map(([name]) => name);
    const records = await this.#options.database.operations.getMany(names);
    if (era !== this.#era) return;
    const byName = new Map(records.map((record) => [record.name, record]));
    for (const [name, change] of batch) {
      // Noted again meanwhile: its newer change comes in its turn.
      if (this.#dirty.get(name) === change) this.#dirty.delete(name);
      this.#tell(name, change, byName.get(name));
      this.#offered = change;
    }
  }

  #tell(name: string, change: number, operation: Operation | undefined): void {
    for (const watcher of this.#byName.get(name) ?? []) watcher.offer(name, change);
    for (const group of this.#groups.values()) {
      if (!mayConcern(group, name, operation, this.#options.surfaces)) continue;
      if (!group.concerns(name, operation)) continue;
      // Now, so that the many who wake by it find it made.
      const event = group.eventOf(name, operation);
      if (event !== undefined) this.#source.encodeShared(event, group, change);
      for (const watcher of group.watchers) watcher.offer(name, change);
    }
  }

  #createSource(): WatchSource {
    const { database, limits, encode } = this.#options;
    const offered = (): number => this.#offered;
    const encodeNumbered = (event: WatchEvent, scope: string, change: number): Uint8Array =>
      encode(event, this.#cursor(scope, change));
    return {
      limits,
      get change() {
        return offered();
      },
      since: (cursor) => (cursor.epoch === this.#epoch ? this.#log.since(cursor.change) : undefined),
      read: async (name) => database.operations.peek(name) ?? (await database.operations.get(name)),
      list: (query) => database.operations.list(query),
      ended: (query) => database.index.ended(query),
      encoded: (group, name, change) => this.#shared.get(group.scope, name, change),
      encodeShared: (event, group, change) => {
        const message = encodeNumbered(event, group.scope, change);
        const name = event.kind === 'changed' ? event.operation.name : event.kind === 'removed' ? event.name : '';
        this.#shared.put(group.scope, name, { change, message });
        return message;
      },
      encode: encodeNumbered,
      encodeUnnumbered: (event) => encode(event, ''),
    };
  }

  get #epoch(): string {
    return `${this.#options.epoch}.${String(this.#era)}`;
  }

  #cursor(scope: string, change: number): string {
    return writeCursor(scope, { epoch: this.#epoch, change, timeMs: this.#options.clock.now() });
  }
}

/** Of a record that is gone only its name is left: a collection's name is the start of it, where the surface has such names. */
function mayConcern(
  group: WatchGroup,
  name: string,
  operation: Operation | undefined,
  surfaces: SurfaceTable,
): boolean {
  const { surface, collection } = group.selection.query;
  if (operation !== undefined) return operation.surface === surface && operation.collection === collection;
  if (surfaces.byId(surface).makesItsOwn === true) return surfaces.domainOf(name) === surfaces.byId(surface).domain;
  return name.startsWith(`${collection}/`);
}

function tooMany({ watchCountMax, retryDelayMs }: WatchLimits): StatusError {
  return new StatusError(Code.RESOURCE_EXHAUSTED, `${String(watchCountMax)} watches are under way; try again later`, {
    reason: 'TOO_MANY_WATCHES',
    metadata: { watchCountMax: String(watchCountMax) },
    retryDelayMs,
  });
}

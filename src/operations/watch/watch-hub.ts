import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import type { Logger } from '../../core/logger.ts';
import { invalidArgument, renamingField, StatusError } from '../../core/status-error.ts';
import type { Database } from '../database.ts';
import type { FilterLimits } from '../filter/parse-filter.ts';
import { selectionOf } from '../list.ts';
import type { AnyResolver } from '../presenter.ts';
import type { SurfaceTable } from '../surface.ts';
import { ChangeLog } from './change-log.ts';
import type { ChangeTaker } from './change-taker.ts';
import { ChangeOffers } from './change-offers.ts';
import { ClientWatches } from './client-watches.ts';
import { CollectionWatcher } from './collection-watcher.ts';
import { DamagedRecords } from './damaged-records.ts';
import type { WatchLimits } from './limits.ts';
import { OperationWatcher } from './operation-watcher.ts';
import { OutsideNames } from './outside-names.ts';
import { ReadLine } from './read-line.ts';
import { SharedMessages } from './shared-messages.ts';
import { TurnShares } from './turn-shares.ts';
import { UntakenMessages, type MessageReader } from './untaken-messages.ts';
import { readCursor, watchScope, writeCursor } from './watch-cursor.ts';
import type { WatchEncoder, WatchEvent } from './watch-event.ts';
import { WatchGroup } from './watch-group.ts';
import type { Mark, WatchSource } from './watch-source.ts';
import { WatchTable, type WatchTarget } from './watch-table.ts';
import { draining, type Watcher } from './watcher.ts';

/** WatchOperationsRequest, as it came. */
export interface WatchRequest {
  readonly name: string;
  readonly parent: string;
  readonly filter: string;
  readonly cursor: string;
}

/** Who watches. */
export interface WatchCaller extends MessageReader {
  /** Undefined where the transport cannot tell callers apart. */
  readonly client?: string | undefined;
}

export interface WatchHubOptions {
  readonly database: Database;
  readonly surfaces: SurfaceTable;
  readonly resolver: AnyResolver;
  readonly encode: WatchEncoder;
  readonly clock: Clock;
  /** Resolves in a later turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
  readonly logger: Logger;
  /** An id that no other process has: the numbers of changes are this one's. */
  readonly epoch: string;
  readonly limits: WatchLimits;
  readonly filterLimits: FilterLimits;
}

/**
 * Everybody who watches operations, and what they are told.
 *
 * Hints number the changes; a changed operation is read once, decided upon once for each filter, and encoded once for all watches
 * of that filter. Nothing is kept for a watch but names. When hints were lost, all numbers before are void and every watch starts
 * anew.
 */
export class WatchHub {
  readonly #options: WatchHubOptions;
  readonly #table = new WatchTable();
  readonly #clients: ClientWatches;
  readonly #log: ChangeLog;
  readonly #shared: SharedMessages;
  readonly #outside: OutsideNames;
  readonly #damaged: DamagedRecords;
  readonly #turns: TurnShares;
  readonly #offers: ChangeOffers;
  readonly #untaken: UntakenMessages;
  readonly #source: WatchSource;
  readonly #stopping = new AbortController();
  #groupCount = 0;

  constructor(options: WatchHubOptions) {
    this.#options = options;
    const { limits, clock, logger, nextTurn, database } = options;
    const shares = { clock, nextTurn, turnMs: limits.turnMs };
    this.#clients = new ClientWatches(limits);
    this.#log = new ChangeLog(limits.changeLogCountMax);
    this.#shared = new SharedMessages(limits.encodedBytesMax);
    this.#outside = new OutsideNames(limits.outsideCountMax);
    this.#damaged = new DamagedRecords(logger, limits.damagedCountMax);
    this.#turns = new TurnShares(shares);
    this.#untaken = new UntakenMessages({ limits, clock, stopping: this.#stopping.signal });
    this.#source = this.#createSource(new TurnShares(shares));
    this.#offers = new ChangeOffers({
      ...{ clock, logger, limits, table: this.#table, log: this.#log, damaged: this.#damaged, turns: this.#turns },
      operations: database.operations,
      prepare: (event, group, change) => this.#source.encodeShared(event, group, change),
      stopping: this.#stopping.signal,
    });
  }

  /** Watches under way. */
  get count(): number {
    return this.#table.count;
  }

  /**
   * Encoded messages of one watch, as fast as they are taken.
   *
   * @throws StatusError as OperationControl.WatchOperations says; the iteration rejects with the signal's reason.
   */
  async *watch(request: WatchRequest, caller: WatchCaller): AsyncGenerator<Uint8Array> {
    const { client } = caller;
    const { limits } = this.#options;
    if (this.count >= limits.watchCountMax) throw tooMany(limits);
    const target = this.#targetOf(request);
    this.#clients.add(client);
    try {
      yield* this.#messagesOf(target, this.#createWatcher(target, request, caller));
    } finally {
      this.#clients.remove(client);
    }
  }

  async *#messagesOf(target: WatchTarget, watcher: Watcher): AsyncGenerator<Uint8Array> {
    this.#table.add(target, watcher);
    try {
      if (this.#stopping.signal.aborted) watcher.stop();
      yield* watcher.messages();
    } finally {
      this.#table.remove(target, watcher);
    }
  }

  /** Follows the repository's hints until the signal aborts; then every watch ends. */
  async run(signal: AbortSignal): Promise<void> {
    for await (const hint of this.#options.database.operations.changes(signal)) {
      if (hint.name !== '') this.#offers.note(hint);
      if (hint.name === '' || this.#offers.isFull) await this.#restart();
    }
    this.#stopping.abort(draining(this.#options.limits.retryDelayMs));
    await this.#tellEach((watcher) => {
      watcher.stop();
    });
    await this.#offers.whenIdle();
  }

  /** Nobody knows what has changed. */
  async #restart(): Promise<void> {
    this.#offers.forgetAll();
    await this.#tellEach((watcher) => {
      watcher.restart();
    });
  }

  async #tellEach(tell: (watcher: ChangeTaker) => void): Promise<void> {
    for (const watcher of this.#table.all()) {
      await this.#turns.ready();
      tell(watcher);
    }
  }

  #targetOf({ name, parent, filter }: WatchRequest): WatchTarget {
    const { surfaces, resolver, filterLimits } = this.#options;
    if ((name === '') === (parent === ''))
      throw invalidArgument('name', 'exactly one of name and parent must be given');
    if (name !== '') {
      if (filter !== '') throw invalidArgument('filter', 'is for collections; leave it out to watch one operation');
      surfaces.ofOperation(name, 'get');
      return { name };
    }
    const surface = renamingField('name', 'parent', () => surfaces.ofCollection(parent));
    // Before its scope: a filter that is too long is not to be hashed.
    const selection = selectionOf({ name: parent, filter }, surface, { resolver, limits: filterLimits });
    const scope = watchScope([name, parent, filter]);
    const found = this.#table.group(scope);
    if (found !== undefined) return { group: found };
    this.#groupCount += 1;
    const namesTellCollection = surface.makesItsOwn !== true;
    const group = new WatchGroup({
      ...{ id: this.#groupCount, scope, selection, namesTellCollection, outside: this.#outside },
    });
    return { group };
  }

  #createWatcher(target: WatchTarget, request: WatchRequest, { signal, cutOff }: WatchCaller): Watcher {
    const { clock } = this.#options;
    const scope = 'group' in target ? target.group.scope : watchScope([target.name, '', '']);
    const cursor = request.cursor === '' ? undefined : readCursor(scope, request.cursor);
    const parts = { source: this.#source, clock, cursor, signal, cutOff };
    return 'group' in target
      ? new CollectionWatcher({ ...parts, group: target.group })
      : new OperationWatcher({ ...parts, name: target.name, scope });
  }

  #createSource(turns: TurnShares): WatchSource {
    const { database, limits, encode, epoch } = this.#options;
    const offers = (): ChangeOffers => this.#offers;
    const encodeMarked = (event: WatchEvent, scope: string, { number, timeMs }: Mark): Uint8Array =>
      encode(event, writeCursor(scope, { epoch, change: number, timeMs }));
    return {
      limits,
      turns,
      readLine: new ReadLine(limits.readerCountMax),
      untaken: this.#untaken,
      get era() {
        return offers().era;
      },
      get mark() {
        return offers().mark;
      },
      numberOf: (cursor) => (cursor.epoch === epoch ? cursor.change : undefined),
      since: (number, limit) => this.#log.since(number, limit),
      read: async (name) => database.operations.peek(name) ?? (await database.operations.get(name)),
      list: (query) => database.operations.list(query),
      ended: (query) => database.index.ended(query),
      passBy: (error, name) => {
        this.#damaged.passBy(error, name);
      },
      encoded: (group, { name, number }) => this.#shared.get(group.scope, name, number),
      encodeShared: (event, { scope }, change) => {
        const message = encodeMarked(event, scope, change);
        this.#shared.put(scope, change.name, { version: change.number, message });
        return message;
      },
      encodeState: (operation, scope) => {
        const { name, createTimeMs, revision } = operation;
        const version = `${String(createTimeMs)}.${String(revision)}`;
        const made = this.#shared.get(scope, name, version);
        if (made !== undefined) return made;
        const message = encodeMarked({ kind: 'changed', operation }, scope, offers().mark);
        this.#shared.put(scope, name, { version, message });
        return message;
      },
      encode: encodeMarked,
      encodeUnnumbered: (event) => encode(event, ''),
    };
  }
}

function tooMany({ watchCountMax, retryDelayMs }: WatchLimits): StatusError {
  return new StatusError(Code.RESOURCE_EXHAUSTED, `${String(watchCountMax)} watches are under way; try again later`, {
    reason: 'TOO_MANY_WATCHES',
    metadata: { watchCountMax: String(watchCountMax) },
    retryDelayMs,
  });
}

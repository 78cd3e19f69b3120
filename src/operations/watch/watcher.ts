import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { isDone } from '../operation.ts';
import type { ListCursor } from '../operation-repository.ts';
import { notFound } from '../operations.ts';
import type { WatchCursor } from './watch-cursor.ts';
import { isSelected, type WatchGroup } from './watch-group.ts';
import type { ChangeTaker } from './change-taker.ts';
import type { WatchSource } from './watch-source.ts';

export interface WatcherOptions {
  readonly source: WatchSource;
  readonly clock: Clock;
  /** What it watches: a group's collection, or one operation. */
  readonly target: { readonly group: WatchGroup } | { readonly name: string; readonly scope: string };
  readonly cursor: WatchCursor | undefined;
  readonly signal: AbortSignal;
}

/** Why a watcher stops waiting. */
type Wake = 'pending' | 'quiet' | 'ended';

/**
 * One watch: tells the current state, then what the hub offers, latest state only.
 *
 * What waits to be told is names, so that a reader that stands still costs their memory and no more; too many of them, and all is
 * told anew.
 */
export class Watcher implements ChangeTaker {
  readonly #options: WatcherOptions;
  /** Names to be told, with the numbers of their changes, in the order of these. */
  readonly #pending = new Map<string, number>();
  #needsReset = false;
  #wake: (() => void) | undefined;
  #end: Error | undefined;
  #toldRevision = 0;
  /** When it told all there was: from there a new start asks for what has ended. */
  #toldTimeMs: number;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#toldTimeMs = options.cursor?.timeMs ?? options.clock.now();
  }

  offer(name: string, change: number): void {
    this.#pending.delete(name);
    this.#pending.set(name, change);
    if (this.#pending.size > this.#options.source.limits.pendingCountMax) this.restart();
    this.#wake?.();
  }

  restart(): void {
    this.#pending.clear();
    this.#needsReset = true;
    this.#wake?.();
  }

  stop(): void {
    this.#end = draining();
    this.#wake?.();
  }

  /** Encoded messages. Ends with the final state of one operation; rejects with the signal's reason, or when the server stops. */
  async *messages(): AsyncGenerator<Uint8Array> {
    const { signal, target } = this.#options;
    const onAbort = (): void => {
      this.#end = signal.reason as Error;
      this.#wake?.();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      yield* 'name' in target ? this.#followOne(target.name, target.scope) : this.#followGroup(target.group);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async *#followOne(name: string, scope: string): AsyncGenerator<Uint8Array> {
    const { source, cursor } = this.#options;
    for (let isFirst = true; ; isFirst = false) {
      const change = source.change;
      this.#pending.clear();
      this.#needsReset = false;
      const operation = await source.read(name);
      if (operation === undefined || operation.deleted) {
        if (isFirst && cursor === undefined) throw notFound(name);
        yield source.encode({ kind: 'removed', name }, scope, change);
        return;
      }
      if (operation.revision !== this.#toldRevision) {
        this.#toldRevision = operation.revision;
        yield source.encode({ kind: 'changed', operation }, scope, change);
        if (isDone(operation)) return;
      }
      if (isFirst) yield source.encode({ kind: 'synced' }, scope, change);
      // A quiet watch reads again, in case a hint was lost.
      if ((await this.#waits()) === 'quiet') yield source.encode({ kind: 'heartbeat' }, scope, change);
    }
  }

  async *#followGroup(group: WatchGroup): AsyncGenerator<Uint8Array> {
    const { source } = this.#options;
    yield* this.#begin(group);
    for (;;) {
      yield* this.#tellPending(group);
      if (this.#needsReset) yield* this.#tellAll(group, true);
      const wake = await this.#waits();
      // Its cursor must not pass by what was offered in this very turn.
      const isQuiet = wake === 'quiet' && this.#pending.size === 0 && !this.#needsReset;
      if (isQuiet) yield source.encode({ kind: 'heartbeat' }, group.scope, source.change);
    }
  }

  /** Goes on from the cursor where the changes since then are known, and tells the current state where they are not. */
  async *#begin(group: WatchGroup): AsyncGenerator<Uint8Array> {
    const { source, cursor } = this.#options;
    const change = source.change;
    const missed = cursor === undefined ? undefined : source.since(cursor);
    if (missed === undefined) {
      yield* this.#tellAll(group, cursor !== undefined);
      return;
    }
    for (const [name, number] of missed) this.offer(name, number);
    yield* this.#tellPending(group);
    if (!this.#needsReset) yield source.encode({ kind: 'synced' }, group.scope, change);
  }

  async *#tellPending(group: WatchGroup): AsyncGenerator<Uint8Array> {
    const { source } = this.#options;
    while (!this.#needsReset) {
      this.#throwIfEnded();
      const next = this.#pending.entries().next();
      if (next.done === true) break;
      const [name, change] = next.value;
      this.#pending.delete(name);
      const message = source.encoded(group, name, change) ?? (await this.#encode(group, name, change));
      if (message !== undefined) yield message;
    }
    if (!this.#needsReset) this.#toldTimeMs = this.#options.clock.now();
  }

  /** @returns nothing where the change is of another collection. */
  async #encode(group: WatchGroup, name: string, change: number): Promise<Uint8Array | undefined> {
    const { source } = this.#options;
    const operation = await source.read(name);
    const event = group.eventOf(name, operation);
    return event === undefined ? undefined : source.encodeShared(event, group, change);
  }

  /** The state of all that match, and of what ended since it told something last and matches no more. */
  async *#tellAll(group: WatchGroup, isRestart: boolean): AsyncGenerator<Uint8Array> {
    const { source, clock } = this.#options;
    this.#needsReset = false;
    this.#pending.clear();
    const change = source.change;
    const timeMs = clock.now();
    if (isRestart) yield source.encodeUnnumbered({ kind: 'reset' });
    yield* this.#tellSelected(group);
    if (isRestart) yield* this.#tellEnded(group);
    if (this.#mustRestart()) return;
    this.#toldTimeMs = timeMs;
    yield source.encode({ kind: 'synced' }, group.scope, change);
  }

  async *#tellSelected(group: WatchGroup): AsyncGenerator<Uint8Array> {
    const { source, clock } = this.#options;
    const { query } = group.selection;
    const limit = source.limits.readCountMax;
    let after: ListCursor | undefined;
    let toldMs = clock.monotonic();
    for (;;) {
      this.#throwIfEnded();
      const page = await source.list({ ...query, ...(after === undefined ? {} : { after }), limit });
      for (const operation of page) {
        if (!isSelected(operation, group.selection)) continue;
        toldMs = clock.monotonic();
        yield source.encodeUnnumbered({ kind: 'changed', operation });
      }
      after = page.at(-1);
      if (after === undefined || page.length < limit || this.#needsReset) return;
      if (clock.monotonic() - toldMs < source.limits.heartbeatMs) continue;
      toldMs = clock.monotonic();
      yield source.encodeUnnumbered({ kind: 'heartbeat' });
    }
  }

  async *#tellEnded(group: WatchGroup): AsyncGenerator<Uint8Array> {
    const { source } = this.#options;
    const { surface, collection } = group.selection.query;
    const limit = source.limits.readCountMax;
    let after = { timeMs: this.#toldTimeMs - source.limits.endMarginMs, name: '' };
    for (;;) {
      this.#throwIfEnded();
      const page = await source.ended({ surface, collection, after, limit });
      for (const operation of page) {
        if (isSelected(operation, group.selection)) continue;
        yield source.encodeUnnumbered({ kind: 'removed', name: operation.name, last: operation });
      }
      const last = page.at(-1);
      if (last === undefined || page.length < limit || this.#needsReset) return;
      after = { timeMs: last.endTimeMs ?? 0, name: last.name };
    }
  }

  /** Waits for something to tell, at most as long as a watch may be quiet. @throws why it ends. */
  async #waits(): Promise<Wake> {
    this.#throwIfEnded();
    if (this.#pending.size > 0 || this.#needsReset) return 'pending';
    const { promise, resolve } = Promise.withResolvers<Wake>();
    const cancel = this.#options.clock.after(this.#options.source.limits.heartbeatMs, () => {
      resolve('quiet');
    });
    this.#wake = () => {
      resolve('pending');
    };
    const wake = await promise;
    this.#wake = undefined;
    cancel();
    this.#throwIfEnded();
    return wake;
  }

  /** A method, as the flag changes while messages are taken. */
  #mustRestart(): boolean {
    return this.#needsReset;
  }

  #throwIfEnded(): void {
    if (this.#end !== undefined) throw this.#end;
  }
}

function draining(): StatusError {
  return new StatusError(Code.UNAVAILABLE, 'the server stops; watch again with the last cursor', {
    reason: 'SERVER_DRAINING',
    retryDelayMs: 1_000,
  });
}

import type { Operation } from '../../../src/operations/operation.ts';
import type { ChangeHint } from '../../../src/operations/operation-repository.ts';
import { SurfaceTable } from '../../../src/operations/surface.ts';
import { DEFAULT_OPERATIONS_LIMITS } from '../../../src/operations/limits.ts';
import { DEFAULT_WATCH_LIMITS, type WatchLimits } from '../../../src/operations/watch/limits.ts';
import type { WatchEvent } from '../../../src/operations/watch/watch-event.ts';
import { WatchHub } from '../../../src/operations/watch/watch-hub.ts';
import { openMemoryDatabase } from '../../../src/repositories/memory-database.ts';
import { HintHub } from '../../../src/repositories/hint-hub.ts';
import { protoAnyResolver } from '../../../src/schema/resolver.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { sampleOperation } from '../sample-operation.ts';

/** A message of a watch, as the harness encodes it. */
export interface Told {
  readonly kind: string;
  readonly name?: string;
  readonly priority?: number;
  readonly cursor: string;
}

/** A clock on which everything takes its time. */
class TickingClock extends FakeClock {
  /** What each look at it takes, milliseconds. */
  tickMs = 0;
  #ticked = 0;

  override monotonic(): number {
    this.#ticked += this.tickMs;
    return super.monotonic() + this.#ticked;
  }
}

/** A hub over a database in memory and a fake clock. What it tells is JSON. */
export class WatchHarness {
  readonly clock = new TickingClock();
  readonly database = openMemoryDatabase({ clock: this.clock });
  readonly logger = new RecordingLogger();
  /** Messages that were made so far. */
  encodedCount = 0;
  /** Turns of the event loop that the hub has left to others so far. */
  turnCount = 0;
  readonly #hints = new HintHub(1_000);
  readonly #limits: WatchLimits;
  #hub: WatchHub;
  #stop = new AbortController();
  #stopped: Promise<unknown>;

  constructor(limits: Partial<WatchLimits> = {}) {
    this.#limits = { ...DEFAULT_WATCH_LIMITS, ...limits };
    const { operations } = this.database;
    const changes = operations.changes.bind(operations);
    operations.changes = (signal) => {
      void this.#pass(changes(signal));
      return this.#hints.subscribe(signal);
    };
    this.#hub = this.#createHub('first');
    this.#stopped = this.#hub.run(this.#stop.signal);
  }

  watch(request: { name?: string; parent?: string; filter?: string; cursor?: string }): WatchReader {
    return new WatchReader(this.#hub, { name: '', parent: '', filter: '', cursor: '', ...request });
  }

  /** Adds an operation; its priority is what tests tell its states apart by. */
  async add(id: string, changes: Partial<Operation> = {}): Promise<void> {
    await this.database.operations.insert(sampleOperation({ name: `operations/${id}`, ...changes }));
  }

  async set(id: string, changes: Partial<Operation>): Promise<void> {
    await this.database.operations.update(`operations/${id}`, (operation) => ({ ...operation, ...changes }));
  }

  /** A hint that says no more than a name. */
  hint(name: string): void {
    this.#hints.publish({ name });
  }

  loseHints(): void {
    this.#hints.publish({ name: '' });
  }

  /** What has changed is not read for watches until the returned function is called. */
  holdOffers(): () => void {
    const { operations } = this.database;
    const getMany = operations.getMany.bind(operations);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    operations.getMany = (names) => promise.then(() => getMany(names));
    return () => {
      resolve(undefined);
    };
  }

  /** Watches do not read single operations until the returned function is called. */
  holdReads(): () => void {
    const { operations } = this.database;
    const peek = operations.peek.bind(operations);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    operations.peek = () => undefined;
    operations.get = (name) => promise.then(() => peek(name));
    return () => {
      resolve(undefined);
    };
  }

  /** Another process over the same database. */
  async restart(): Promise<void> {
    await this.stop();
    this.#stop = new AbortController();
    this.#hub = this.#createHub('second');
    this.#stopped = this.#hub.run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#stopped;
  }

  #createHub(epoch: string): WatchHub {
    const { database, clock, logger } = this;
    return new WatchHub({
      ...{ database, clock, logger, epoch, limits: this.#limits },
      surfaces: new SurfaceTable(),
      resolver: protoAnyResolver,
      encode: (event, cursor) => this.#encode(event, cursor),
      nextTurn: () => {
        this.turnCount += 1;
        return new Promise((resolve) => setImmediate(resolve));
      },
      filterLimits: DEFAULT_OPERATIONS_LIMITS,
    });
  }

  #encode(event: WatchEvent, cursor: string): Uint8Array {
    this.encodedCount += 1;
    if (event.kind !== 'changed') return Buffer.from(JSON.stringify({ ...event, last: undefined, cursor }));
    const { name, priority, labels } = event.operation;
    return Buffer.from(JSON.stringify({ kind: event.kind, name, priority, cursor, labels }));
  }

  async #pass(hints: AsyncIterable<ChangeHint>): Promise<void> {
    for await (const hint of hints) this.#hints.publish(hint);
  }
}

/** Why a reader is cut off. */
export const CUT_OFF = new Error('cut off');

/** A watch whose messages a test takes one by one. */
export class WatchReader {
  readonly #messages: AsyncGenerator<Uint8Array>;
  readonly #leave = new AbortController();

  constructor(hub: WatchHub, request: Parameters<WatchHub['watch']>[0]) {
    const cutOff = (): void => {
      this.#leave.abort(CUT_OFF);
    };
    this.#messages = hub.watch(request, { signal: this.#leave.signal, client: 'a client', cutOff });
  }

  async next(): Promise<Told> {
    const next = await this.#messages.next();
    if (next.done === true) throw new Error('the watch has ended');
    return JSON.parse(Buffer.from(next.value).toString()) as Told;
  }

  /** The next messages in short: `name kind`, and the priority of what has one. */
  async take(count: number): Promise<readonly string[]> {
    const taken: string[] = [];
    for (let index = 0; index < count; index++) taken.push(textOf(await this.next()));
    return taken;
  }

  /** All up to `synced`, or another kind. */
  async until(kind: string): Promise<readonly string[]> {
    const taken: string[] = [];
    for (let text = ''; text !== kind; taken.push(text)) text = textOf(await this.next());
    return taken;
  }

  async leave(): Promise<void> {
    this.#leave.abort(new Error('left'));
    await this.#messages.next().catch(() => undefined);
  }
}

function textOf({ kind, name, priority }: Told): string {
  if (name === undefined) return kind;
  return `${name.slice(name.lastIndexOf('/') + 1)} ${kind === 'changed' ? String(priority) : kind}`;
}

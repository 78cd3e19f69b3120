import type { Clock } from '../core/clock.ts';
import { silentLogger, type Logger } from '../core/logger.ts';
import { StatusError } from '../core/status-error.ts';
import type { Operation } from '../operations/operation.ts';
import type { ChangeHint } from '../operations/operation-repository.ts';
import { GroupCommit } from './group-commit.ts';
import { HintHub } from './hint-hub.ts';
import { fromRow, type Decoded } from './operation-row.ts';
import { RecordCache } from './record-cache.ts';
import { databaseClosed } from './repository-errors.ts';
import { SessionHolders } from './session-holders.ts';
import { SessionTable } from './session-table.ts';
import { fromFailure } from './sqlite-failures.ts';
import type { SqliteLimits } from './sqlite-limits.ts';
import type { Read, Row, Write, WriteResult } from './sqlite-protocol.ts';
import type { SqliteThread } from './sqlite-thread.ts';
import { UpdateLanes } from './update-lanes.ts';

/** Names of damaged records that are remembered, so that each is told once; beyond it they are told again. */
const TOLD_MAX = 1_000;

/** What the three repositories of one SQLite file share: the way to its thread, what is known of it, who listens. */
export class SqliteStore {
  readonly cache: RecordCache;
  readonly lanes: UpdateLanes;
  readonly hints: HintHub;
  readonly sessions: SessionTable;
  readonly holders: SessionHolders;
  readonly #thread: SqliteThread;
  readonly #commits: GroupCommit;
  readonly #logger: Logger;
  readonly #told = new Set<string>();
  #closing: Promise<void> | undefined;

  constructor(thread: SqliteThread, limits: SqliteLimits, clock: Clock, logger: Logger = silentLogger) {
    this.#logger = logger;
    this.#thread = thread;
    this.cache = new RecordCache(limits);
    this.hints = new HintHub(limits.hintsPerReaderMax);
    this.sessions = new SessionTable(clock);
    this.holders = new SessionHolders(this.sessions);
    this.lanes = new UpdateLanes({
      cache: this.cache,
      queuedWritesMax: limits.queuedWritesMax,
      now: () => clock.now(),
      committed: (record, before, gone) => {
        this.committed(record, before, gone);
      },
      wake: () => {
        this.#commits.wake();
      },
      load: (names, take) =>
        thread.read({ kind: 'operations', names }, (rows) => {
          take(this.keep(rows));
        }),
    });
    this.#commits = new GroupCommit(thread, limits, this.lanes);
  }

  /** See Database. */
  get lost(): AbortSignal {
    return this.#thread.lost;
  }

  /** @throws StatusError UNAVAILABLE once close was called. */
  assertOpen(): void {
    if (this.#closing !== undefined) throw databaseClosed();
  }

  read<T>(read: Read, take: (rows: readonly Row[]) => T): Promise<T> {
    return this.#thread.read(read, take);
  }

  /** Decodes and caches: what is read to be changed, or was asked for by name, is likely asked for again. */
  keep(rows: readonly Row[]): Decoded {
    const decoded = this.decode(rows);
    for (const record of decoded.records) this.cache.put(record);
    return decoded;
  }

  /** What the rows hold; of damaged ones the log is told. */
  decode(rows: readonly Row[]): Decoded {
    const records: Operation[] = [];
    const damaged = new Map<string, StatusError>();
    for (const row of rows) {
      try {
        records.push(fromRow(row));
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        const name = row[0] as string;
        damaged.set(name, error);
        this.#tell(name, error);
      }
    }
    return { records, damaged };
  }

  /** Resolves when the write is committed. @param take  makes the answer before later replies are looked at. */
  write<T>(write: Write, bytes: number, take: (result: WriteResult) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (result: WriteResult): void => {
        try {
          resolve(take(result));
        } catch (error) {
          reject(error);
        }
      };
      this.#commits.add({ write, bytes, settle, fail: reject });
    });
  }

  /** The record is committed: from now on readers see it, and those who listen are told. */
  committed(record: Operation, before: Operation | undefined, gone: boolean): void {
    if (gone) this.cache.delete(record.name);
    else this.cache.put(record);
    this.holders.follow(before, record);
    const { name, state, surface, collection } = record;
    this.hints.publish({ name, state, surface, collection });
  }

  /** The record became this one by another write than an update. */
  replaced(record: Operation, before: Operation): void {
    this.lanes.changed(record.name, record);
    this.committed(record, before, false);
  }

  /** The record was removed by another write than an update. */
  removed(hint: ChangeHint): void {
    this.cache.delete(hint.name);
    this.lanes.changed(hint.name, undefined);
    this.hints.publish(hint);
  }

  /** Refuses new calls, finishes what was accepted, ends the thread. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.whenIdle();
    await this.#thread.close();
    this.hints.close();
  }

  #tell(name: string, error: StatusError): void {
    if (this.#told.has(name)) return;
    if (this.#told.size >= TOLD_MAX) this.#told.clear();
    this.#told.add(name);
    this.#logger.error({ operation: name, error }, 'a record is damaged: whatever goes through many passes it by');
  }
}

/** The result as the kind that it must be. @throws StatusError when the write failed. */
export function expectKind<K extends WriteResult['kind']>(
  result: WriteResult,
  kind: K,
): Extract<WriteResult, { kind: K }> {
  if (result.kind === 'failed') throw fromFailure(result.failure);
  if (result.kind !== kind) throw new TypeError(`expected ${kind}, not ${result.kind}`);
  return result as Extract<WriteResult, { kind: K }>;
}

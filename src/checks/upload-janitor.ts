import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { OperationRepository } from '../operations/operation-repository.ts';
import { isDone } from '../operations/operation.ts';
import type { UploadRecords } from './upload-records.ts';
import type { UploadSpool } from './upload-spool.ts';

export interface UploadJanitorOptions {
  readonly spool: UploadSpool;
  readonly records: UploadRecords;
  readonly operations: Pick<OperationRepository, 'get' | 'changes'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  readonly limits: {
    /** How late a file goes whose operation's end was not told, milliseconds. */
    readonly sweepIntervalMs: number;
    readonly spoolCountMax: number;
  };
}

/**
 * Removes files from the spool: those whose operations have ended, and those that have none because their process died between the file
 * and the operation.
 */
export class UploadJanitor {
  readonly #options: UploadJanitorOptions;
  /** Files whose operations are about to be made. */
  readonly #held = new Set<string>();
  /** Files of operations that are not done, by operation. */
  readonly #live = new Map<string, string>();

  constructor(options: UploadJanitorOptions) {
    this.#options = options;
  }

  /** Does something with a file that has no operation yet: it stays. Then it is seen whether it has one. */
  async holding<Value>(id: string, act: () => Promise<Value>): Promise<Value> {
    this.#held.add(id);
    try {
      return await act();
    } finally {
      this.#held.delete(id);
      await this.#orLater(() => this.#settle(id));
    }
  }

  /** Removes what has no more use, at once, then by hints, and by a look now and then, until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#followHints(signal), this.#sweepOften(signal)]);
  }

  /** One look at everything. @throws StatusError when the storage fails. */
  async sweep(): Promise<void> {
    const { spool, records, limits } = this.#options;
    // Twice what there may be: a record outlives its file by a moment, or by a crash.
    const ids = new Set([...(await spool.list()), ...(await records.ids(2 * limits.spoolCountMax))]);
    for (const id of ids) await this.#settle(id);
  }

  async #followHints(signal: AbortSignal): Promise<void> {
    for await (const { name, state } of this.#options.operations.changes(signal)) {
      const id = this.#live.get(name);
      if (id === undefined || (state !== undefined && !isDone({ state }))) continue;
      await this.#orLater(() => this.#settle(id));
    }
  }

  async #sweepOften(signal: AbortSignal): Promise<void> {
    const { clock, limits } = this.#options;
    while (!signal.aborted) {
      await this.#orLater(() => this.sweep());
      await clock.sleep(limits.sweepIntervalMs, signal).catch(() => undefined);
    }
  }

  /** First the file, then the record: a crash between the two leaves a record, which the next look finds. */
  async #settle(id: string): Promise<void> {
    if (this.#held.has(id)) return;
    const { spool, records, operations } = this.#options;
    const name = await records.operationOf(id);
    const operation = name === undefined ? undefined : await operations.get(name);
    if (name !== undefined && operation !== undefined && !isDone(operation)) {
      this.#live.set(name, id);
      return;
    }
    await spool.remove(id);
    await records.remove(id);
    if (name !== undefined) this.#live.delete(name);
  }

  /** What fails now is done by a later look. */
  async #orLater(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#options.logger.warn({ error }, 'files of uploads were not removed; they are later');
    }
  }
}

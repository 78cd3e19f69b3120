import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { databaseClosed } from './repository-errors.ts';
import { fromFailure } from './sqlite-failures.ts';
import { OPEN_ID, type Read, type Reply, type Request, type Row, type ThreadOptions } from './sqlite-protocol.ts';
import type { Write, WriteResult } from './sqlite-protocol.ts';

/** The sources run as .ts, the built package as .js. */
const ENTRY = new URL(`./sqlite.thread${extname(import.meta.url)}`, import.meta.url);

interface Pending {
  resolve(reply: Reply): void;
  reject(error: StatusError): void;
}

/**
 * The event loop's end of the database's thread.
 *
 * Requests are carried out in the order they are made, and each reply is handed on, in that order, before the next is
 * looked at. Once the thread is gone, all that wait and all that come are UNAVAILABLE.
 */
export class SqliteThread {
  readonly #worker: Worker;
  readonly #limits: ThreadOptions['limits'];
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  readonly #lost = new AbortController();
  #lastId = OPEN_ID;
  #gone: StatusError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: ThreadOptions) {
    this.#limits = options.limits;
    this.#worker = new Worker(ENTRY, { workerData: options, name: 'sqlite' });
    this.#worker.on('message', (reply: Reply) => {
      this.#settle(reply);
    });
    this.#worker.on('error', (error) => {
      this.#fail(error);
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#fail(undefined);
        resolve();
      });
    });
  }

  /** Starts the thread. @throws StatusError FAILED_PRECONDITION when the file cannot be opened; then no thread is left. */
  static async open(options: ThreadOptions): Promise<SqliteThread> {
    const thread = new SqliteThread(options);
    const opened = thread.#expect(OPEN_ID, (reply) => reply);
    try {
      await opened;
      return thread;
    } catch (error) {
      await thread.#end();
      throw error;
    }
  }

  /** Aborts when the thread ends by itself. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** @param take  gets the answer before any later reply is handed on. */
  read<T>(read: Read, take: (rows: readonly Row[]) => T): Promise<T> {
    if (this.#pending.size >= this.#limits.queuedReadsMax) return Promise.reject(tooManyReads());
    return this.#request({ read }, (reply) => take('rows' in reply ? reply.rows : []));
  }

  /** One commit. It rejects when nothing of it was written. @param take  as in read. */
  write(writes: readonly Write[], take: (results: readonly WriteResult[]) => void): Promise<void> {
    return this.#request({ writes }, (reply) => {
      take('results' in reply ? reply.results : []);
    });
  }

  /** Ends the thread when all that was asked before is answered. Safe to repeat, and when the thread is gone. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#gone === undefined) await this.#request({ close: true }, () => undefined);
    await this.#end();
  }

  /** Resolves when the thread, which has nothing more to do, is gone; until then the process stays. */
  async #end(): Promise<void> {
    this.#worker.ref();
    await this.#exited;
  }

  #request<T>(body: RequestBody, take: (reply: Reply) => T): Promise<T> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    const request: Request = { id: ++this.#lastId, ...body };
    this.#worker.postMessage(request);
    return this.#expect(request.id, take);
  }

  #expect<T>(id: number, take: (reply: Reply) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#pending.set(id, {
        resolve: (reply) => {
          // What is thrown here would end the process: this is a listener.
          try {
            resolve(take(reply));
          } catch (error) {
            reject(error);
          }
        },
        reject,
      });
      // The thread keeps the process alive while somebody waits for it, and only then.
      this.#worker.ref();
    });
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) this.#worker.unref();
    if ('failure' in reply) pending?.reject(fromFailure(reply.failure));
    else pending?.resolve(reply);
  }

  #fail(cause: unknown): void {
    this.#gone ??= this.#closing === undefined ? threadGone(cause) : databaseClosed();
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of waiting) pending.reject(this.#gone);
    if (this.#closing === undefined) this.#lost.abort(this.#gone);
  }
}

type RequestBody = { readonly writes: readonly Write[] } | { readonly read: Read } | { readonly close: true };

function threadGone(cause: unknown): StatusError {
  return new StatusError(Code.UNAVAILABLE, 'the thread of the database has ended; restart the process', {
    reason: 'STORAGE_UNAVAILABLE',
    ...(cause === undefined ? {} : { cause }),
  });
}

function tooManyReads(): StatusError {
  return new StatusError(Code.RESOURCE_EXHAUSTED, 'too many reads wait for the database; try again later', {
    reason: 'READ_QUEUE_FULL',
    retryDelayMs: 1_000,
  });
}

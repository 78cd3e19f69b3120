import type { Database } from '../../src/operations/database.ts';
import type { ChangeHint, OperationRepository } from '../../src/operations/operation-repository.ts';

type Method = keyof OperationRepository;

/** What happens to a call: before it is passed on, or instead of it when this rejects or never resolves. */
export type Fault = (method: Method) => Promise<unknown> | undefined;

/** A database whose operations fail, hang or lose their hints as a test says, and that counts the calls. */
export class FailingDatabase implements Database {
  readonly #database: Database;
  readonly operations: OperationRepository;
  readonly index: Database['index'];
  /** Asked at each call of `operations`. */
  fault: Fault = () => undefined;
  /** As `fault`, once the call has been carried out: its answer is lost. */
  faultAfter: Fault = () => undefined;
  losesHints = false;
  readonly callCounts = new Map<Method, number>();
  /** What each call of `getMany` asked for. */
  readonly namesRead: (readonly string[])[] = [];

  constructor(database: Database) {
    this.#database = database;
    const operations = database.operations;
    this.index = database.index;
    const failing: Record<Method, unknown> = {
      insert: this.#failing('insert'),
      get: this.#failing('get'),
      // Nothing is at hand, so that every read can fail.
      peek: () => undefined,
      getMany: this.#failing('getMany'),
      update: this.#failing('update'),
      updateMany: this.#failing('updateMany'),
      list: this.#failing('list'),
      claim: this.#failing('claim'),
      held: this.#failing('held'),
      renewSessions: this.#failing('renewSessions'),
      expireSessions: this.#failing('expireSessions'),
      purge: this.#failing('purge'),
      changes: (signal: AbortSignal) => this.#keptHints(operations.changes(signal)),
    };
    this.operations = failing as unknown as OperationRepository;
  }

  get lost(): AbortSignal {
    return this.#database.lost;
  }

  get exclusive(): boolean {
    return this.#database.exclusive;
  }

  get resources(): Database['resources'] {
    return this.#database.resources;
  }

  get journal(): Database['journal'] {
    return this.#database.journal;
  }

  countOf(method: Method): number {
    return this.callCounts.get(method) ?? 0;
  }

  secret(name: string): Promise<Uint8Array> {
    return this.#database.secret(name);
  }

  check(): Promise<void> {
    return this.#database.check();
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #failing(method: Exclude<Method, 'changes' | 'peek'>) {
    const call = this.#database.operations[method].bind(this.#database.operations) as (
      ...parameters: unknown[]
    ) => Promise<unknown>;
    return async (...parameters: unknown[]): Promise<unknown> => {
      this.callCounts.set(method, this.countOf(method) + 1);
      if (method === 'getMany') this.namesRead.push(parameters[0] as readonly string[]);
      await this.fault(method);
      const answer = await call(...parameters);
      await this.faultAfter(method);
      return answer;
    };
  }

  async *#keptHints(hints: AsyncIterable<ChangeHint>): AsyncGenerator<ChangeHint> {
    for await (const hint of hints) if (!this.losesHints) yield hint;
  }
}

import { isStaleFence } from '../../src/operations/lease.ts';
import type {
  Change,
  ClaimQuery,
  ListQuery,
  OperationRepository,
  OperationUpdate,
  SideWrites,
} from '../../src/operations/operation-repository.ts';
import { isDone, type Operation } from '../../src/operations/operation.ts';
import { StatusError } from '../../src/core/status-error.ts';

export const FAULTS = [
  'forgets the fence check',
  'loses an update',
  'claims twice',
  'skips in a list what has the time of its cursor',
  'overwrites a terminal state',
  'forgets one when sessions expire',
] as const;

export type Fault = (typeof FAULTS)[number];

/** A repository with one fault planted, to see that the properties find it; without one, for comparison. */
export class FaultyOperations implements OperationRepository {
  readonly #operations: OperationRepository;
  readonly #fault: Fault | undefined;
  #updateCount = 0;

  constructor(operations: OperationRepository, fault?: Fault) {
    this.#operations = operations;
    this.#fault = fault;
  }

  insert: OperationRepository['insert'] = (operation, also) => this.#operations.insert(operation, also);
  get: OperationRepository['get'] = (name) => this.#operations.get(name);
  peek: OperationRepository['peek'] = (name) => this.#operations.peek(name);
  getMany: OperationRepository['getMany'] = (names, damaged) => this.#operations.getMany(names, damaged);
  purge: OperationRepository['purge'] = (limit) => this.#operations.purge(limit);
  changes: OperationRepository['changes'] = (signal) => this.#operations.changes(signal);
  held: OperationRepository['held'] = (session, after, limit) => this.#operations.held(session, after, limit);
  renewSessions: OperationRepository['renewSessions'] = (ids, ms) => this.#operations.renewSessions(ids, ms);
  updateMany: OperationRepository['updateMany'] = (updates: readonly OperationUpdate[]) =>
    this.#operations.updateMany(updates);

  async update(name: string, change: Change, also?: SideWrites): Promise<Operation> {
    if (this.#fault === 'forgets the fence check') return this.#operations.update(name, unfenced(change), also);
    if (this.#fault === 'overwrites a terminal state') return this.#operations.update(name, unending(change), also);
    if (this.#fault === 'loses an update' && ++this.#updateCount % 5 === 0) return this.#pretend(name, change);
    return this.#operations.update(name, change, also);
  }

  async list(query: ListQuery): Promise<readonly Operation[]> {
    const found = await this.#operations.list(query);
    if (this.#fault !== 'skips in a list what has the time of its cursor') return found;
    return found.filter(({ createTimeMs }) => createTimeMs !== query.after?.createTimeMs);
  }

  async claim(query: ClaimQuery, change: Change): Promise<readonly Operation[]> {
    const claimed = await this.#operations.claim(query, change);
    if (this.#fault !== 'claims twice' || claimed.length === 0) return claimed;
    return [...claimed, ...claimed.slice(0, 1)];
  }

  async expireSessions(limit: number, change: Change): Promise<readonly Operation[]> {
    if (this.#fault !== 'forgets one when sessions expire') return this.#operations.expireSessions(limit, change);
    let first = true;
    return this.#operations.expireSessions(limit, (it, now) => {
      const forgotten = first;
      first = false;
      return forgotten ? it : change(it, now);
    });
  }

  async #pretend(name: string, change: Change): Promise<Operation> {
    const current = await this.#operations.update(name, (it) => it);
    const next = change(current, current.createTimeMs);
    return next === current ? current : { ...next, revision: current.revision + 1 };
  }
}

/** Carries a refused worker's write out as if it still held the lease. */
function unfenced(change: Change): Change {
  return (it, now) => {
    try {
      return change(it, now);
    } catch (error) {
      if (!isStaleFence(error) || !(error instanceof StatusError) || isDone(it)) throw error;
      const fence = BigInt(error.info.metadata?.['fence'] ?? 0);
      return { ...change({ ...it, state: 'RUNNING', fence }, now), fence: it.fence };
    }
  };
}

/** Lets a change see a finished operation as one that is queued. */
function unending(change: Change): Change {
  return (it, now) => {
    const next = change(it, now);
    return next === it && isDone(it) ? change({ ...it, state: 'QUEUED' }, now) : next;
  };
}

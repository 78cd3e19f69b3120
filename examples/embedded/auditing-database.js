import { appendFileSync } from 'node:fs';

/**
 * A repository of one's own, made from another: each operation that ends is a line in an audit log.
 *
 * One that keeps operations elsewhere implements the same interface from scratch; what it has to promise stands in the types of the
 * package, and the contract suites in the project's test/contract/ check it.
 */
export class AuditingDatabase {
  #database;
  #path;

  constructor(database, path) {
    this.#database = database;
    this.#path = path;
    this.operations = this.#auditing(database.operations);
  }

  get resources() {
    return this.#database.resources;
  }

  get journal() {
    return this.#database.journal;
  }

  get exclusive() {
    return this.#database.exclusive;
  }

  get lost() {
    return this.#database.lost;
  }

  secret(name) {
    return this.#database.secret(name);
  }

  check() {
    return this.#database.check();
  }

  close() {
    return this.#database.close();
  }

  /** Operations end by these three methods alone. A change is a function of the record, and may run again: the last run counts. */
  #auditing(operations) {
    const methods = {
      update: (name, change, also) => this.#telling((watch) => operations.update(name, watch(change), also)),
      updateMany: (updates) =>
        this.#telling((watch) => operations.updateMany(updates.map((it) => ({ ...it, change: watch(it.change) })))),
      expireSessions: (limit, change) => this.#telling((watch) => operations.expireSessions(limit, watch(change))),
    };
    return new Proxy(operations, {
      get: (target, member) => methods[member] ?? target[member].bind(target),
    });
  }

  async #telling(write) {
    const ended = new Map();
    const watch = (change) => (current, now) => {
      const next = change(current, now);
      if (current.endTimeMs === undefined && next.endTimeMs !== undefined) ended.set(current.name, next.state);
      else ended.delete(current.name);
      return next;
    };
    const answer = await write(watch);
    for (const [name, state] of ended) appendFileSync(this.#path, `${name} ${state}\n`);
    return answer;
  }
}

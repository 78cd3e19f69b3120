import type { Lease } from '../../src/operations/lease.ts';
import type { OperationRepository } from '../../src/operations/operation-repository.ts';
import { isDone, type Operation } from '../../src/operations/operation.ts';

/** A committed record as text: equal texts are equal records. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return `${item}n`;
    if (ArrayBuffer.isView(item)) return Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString('hex');
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}

/** What a repository has answered, and whether all of it can be true at once. Names must not be used twice. */
export class Ledger {
  readonly #seen = new Map<string, Map<number, Operation>>();
  readonly #created = new Set<string>();
  readonly #grants = new Map<string, string>();
  readonly #violations: string[] = [];

  /** An insert was acknowledged. */
  created(operation: Operation): void {
    this.#created.add(operation.name);
    this.observed(operation);
  }

  /** A record that any call returned; the order of the answers does not matter. */
  observed(operation: Operation): void {
    const revisions = this.#seen.get(operation.name) ?? new Map<number, Operation>();
    this.#seen.set(operation.name, revisions);
    const before = revisions.get(operation.revision);
    if (before !== undefined && textOf(before) !== textOf(operation)) {
      this.#violation(operation, `has two contents under revision ${operation.revision}`);
    }
    revisions.set(operation.revision, operation);
  }

  /** A claim gave the operation to a session. */
  granted(operation: Operation, session: string): void {
    const grant = `${operation.name} ${operation.fence}`;
    if (this.#grants.has(grant)) this.#violation(operation, `was granted twice under fence ${operation.fence}`);
    if (operation.session !== session) this.#violation(operation, `was granted to ${session} and is held by another`);
    this.#grants.set(grant, session);
    this.observed(operation);
  }

  /** A worker's write was acknowledged. */
  accepted(operation: Operation, lease: Lease): void {
    if (operation.fence !== lease.fence) this.#violation(operation, `accepted a write under fence ${lease.fence}`);
    if (!this.#grants.has(`${operation.name} ${lease.fence}`))
      this.#violation(operation, 'accepted a lease never granted');
    this.observed(operation);
  }

  /** Everything that is wrong, once all calls have been answered; empty when nothing is. */
  async violations(operations: OperationRepository, now: number): Promise<readonly string[]> {
    const final = new Map<string, Operation>();
    for (const name of this.#created) {
      const record = await operations.get(name);
      if (record !== undefined) {
        this.observed(record);
        final.set(name, record);
      }
      this.#checkKept(name, record, now);
    }
    for (const revisions of this.#seen.values()) this.#checkHistory([...revisions.values()]);
    this.#checkUnique([...final.values()]);
    this.#checkParents(final);
    await this.#checkLists(operations, [...final.values()]);
    return this.#violations;
  }

  /** No created operation is lost before its expiry, and no acknowledged write at all. */
  #checkKept(name: string, record: Operation | undefined, now: number): void {
    const last = this.#inOrder(name).at(-1);
    if (last === undefined) return;
    if (record !== undefined) {
      if (record.revision < last.revision) this.#violation(last, `lost revision ${last.revision}`);
      return;
    }
    const mayBeGone = isDone(last) && (last.deleted || (last.expireTimeMs ?? Infinity) <= now);
    if (!mayBeGone) this.#violation(last, 'was lost');
  }

  #checkHistory(records: Operation[]): void {
    records.sort((left, right) => left.revision - right.revision);
    for (const [index, record] of records.entries()) {
      this.#checkRecord(record);
      const before = records[index - 1];
      if (before !== undefined) this.#checkStep(before, record);
    }
  }

  #checkRecord(record: Operation): void {
    const isLeased = ['RUNNING', 'SUSPENDING', 'CANCELLING'].includes(record.state);
    if (isLeased !== (record.session !== undefined))
      this.#violation(record, `is ${record.state} with a session or without`);
    if (isDone(record) !== (record.result !== undefined)) this.#violation(record, 'has a result exactly when not done');
    if (BigInt(record.attemptCount) !== record.fence) this.#violation(record, 'counted other attempts than fences');
  }

  /** One terminal state that never changes; a fence that only grows; a cancel that is never forgotten. */
  #checkStep(before: Operation, after: Operation): void {
    if (isDone(before) && textOf([before.state, before.result]) !== textOf([after.state, after.result])) {
      this.#violation(after, `was ${before.state} and became ${after.state}`);
    }
    if (after.fence < before.fence) this.#violation(after, `went from fence ${before.fence} to ${after.fence}`);
    if (before.state === 'CANCELLING' && after.state !== 'CANCELLING' && !isDone(after)) {
      this.#violation(after, `was CANCELLING and became ${after.state}`);
    }
    if (before.deleted && !after.deleted) this.#violation(after, 'was deleted and came back');
  }

  /** Once a cancel is carried to the children, none of them can still be asked to end, and none comes later. */
  #checkParents(records: ReadonlyMap<string, Operation>): void {
    for (const record of records.values()) {
      const parent = records.get(record.parent?.name ?? '');
      const isOver = isDone(record) || record.state === 'CANCELLING';
      if (parent?.cancel !== undefined && parent.cascading === undefined && !isOver) {
        this.#violation(record, `escaped the cancel of ${parent.name}`);
      }
    }
  }

  #checkUnique(records: readonly Operation[]): void {
    const keys = records.filter((it) => !isDone(it)).flatMap((it) => it.exclusiveKey ?? []);
    if (new Set(keys).size !== keys.length) this.#violations.push('two live operations hold one key');
    const requests = records.flatMap((it) => it.requestId ?? []);
    if (new Set(requests).size !== requests.length) this.#violations.push('two operations have one request id');
  }

  /** A walk over small pages finds each operation once. */
  async #checkLists(operations: OperationRepository, records: readonly Operation[]): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    const { surface, collection } = first;
    const walked: string[] = [];
    let after: Operation | undefined;
    for (let page = 0; page <= records.length; page++) {
      const query = { surface, collection, limit: 2, ...(after === undefined ? {} : { after }) };
      const found = await operations.list(query);
      walked.push(...found.map(({ name }) => name));
      after = found.at(-1);
      if (after === undefined) break;
    }
    const expected = records.filter((it) => !it.deleted).map(({ name }) => name);
    if (textOf([...walked].sort()) !== textOf(expected.sort())) {
      this.#violations.push(`a list of ${expected.join(' ')} gave ${walked.join(' ')}`);
    }
  }

  #inOrder(name: string): readonly Operation[] {
    return [...(this.#seen.get(name)?.values() ?? [])].sort((left, right) => left.revision - right.revision);
  }

  #violation(operation: Operation, what: string): void {
    this.#violations.push(`${operation.name} (revision ${operation.revision}, ${operation.state}) ${what}`);
  }
}

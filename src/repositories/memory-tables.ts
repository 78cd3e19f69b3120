import type { JournalChange, JournalEntry } from '../operations/journal.ts';
import type { ListCursor, OperationVersion, SideWrites } from '../operations/operation-repository.ts';
import { isDone, isLeased, type Operation, type OperationIdentity } from '../operations/operation.ts';
import type { Resource, ResourceChange } from '../operations/resource.ts';
import { OrderedSet } from './ordered-set.ts';
import { parentKey } from './parent-key.ts';
import { compareForClaim, compareForList, compareText, type ClaimPosition } from './record-order.ts';
import { collectionFull, operationChanged, resourceChanged, resourceExists } from './repository-errors.ts';

/** What a memory database holds, and the writes that keep its indexes right. */
export class MemoryTables {
  readonly operations = new Map<string, Operation>();
  /** By kind, then name. */
  readonly resources = new Map<string, Map<string, Resource>>();
  /** By operation, then id. */
  readonly journal = new Map<string, Map<string, JournalEntry>>();
  readonly secrets = new Map<string, Uint8Array>();
  readonly #lists = new Map<string, OrderedSet<ListCursor, Operation>>();
  readonly #queues = new Map<string, OrderedSet<ClaimPosition, Operation>>();
  readonly #held = new Map<string, Set<string>>();
  readonly #children = new Map<string, Set<string>>();
  readonly #requestIds = new Map<string, string>();
  readonly #keyHolders = new Map<string, string>();

  /** Every operation of a collection, deleted ones too, newest first. */
  listOf(surface: string, collection: string, after?: ListCursor): Iterable<Operation> {
    return this.#lists.get(keyOf(surface, collection))?.walk(after) ?? [];
  }

  /** How many operations of a collection an attempt holds, deleted ones not counted. */
  leasedCount(surface: string, collection: string): number {
    let count = 0;
    for (const operation of this.listOf(surface, collection)) if (isLeased(operation) && !operation.deleted) count += 1;
    return count;
  }

  /** Every queued operation of a kind, in the order of claims. */
  queueOf(kind: string, after?: ClaimPosition): Iterable<Operation> {
    return this.#queues.get(kind)?.walk(after) ?? [];
  }

  /** Lists and queues that are kept: none without an operation. */
  get indexCount(): number {
    return this.#lists.size + this.#queues.size;
  }

  findByRequestId(key: RequestKey): Operation | undefined {
    if (key.requestId === undefined) return undefined;
    return this.operations.get(this.#requestIds.get(requestKeyOf(key)) ?? '');
  }

  /** Every operation that is a part of that one. */
  childrenOf(parent: OperationIdentity): readonly Operation[] {
    return [...(this.#children.get(parentKey(parent)) ?? [])].flatMap((name) => this.operations.get(name) ?? []);
  }

  /** Every session that holds an operation, in order. */
  holders(): readonly string[] {
    return [...this.#held.keys()].sort(compareText);
  }

  /** Every operation that the session holds, by name. */
  heldBy(session: string): readonly Operation[] {
    const names = [...(this.#held.get(session) ?? [])].sort(compareText);
    return names.flatMap((name) => this.operations.get(name) ?? []);
  }

  holds(session: string): boolean {
    return this.#held.has(session);
  }

  /** The name of the live operation that holds the key. */
  holderOf(key: string): string | undefined {
    return this.#keyHolders.get(key);
  }

  /** Puts the record in the place of the one of its name; without `next` the record goes. */
  replace(current: Operation | undefined, next: Operation | undefined): void {
    if (current !== undefined) this.#remove(current);
    if (next !== undefined) this.#add(next);
  }

  /** The record of this version. @throws StatusError ABORTED (reason OPERATION_CHANGED) when there is none. */
  expect({ name, createTimeMs, revision }: OperationVersion): Operation {
    const current = this.operations.get(name);
    if (current?.revision !== revision || current.createTimeMs !== createTimeMs) throw operationChanged(name);
    return current;
  }

  /** Applies all of them. @throws StatusError as SideWrites and ResourceChange say, and then none is applied. */
  applySide(also: SideWrites = {}): void {
    for (const version of also.unchanged ?? []) this.expect(version);
    const undo: (() => void)[] = [];
    try {
      for (const change of also.resources ?? []) undo.unshift(this.#writeResource(change));
    } catch (error) {
      for (const step of undo) step();
      throw error;
    }
    for (const change of also.journal ?? []) this.#writeJournal(change);
  }

  removeResource({ kind, name }: Resource): void {
    this.resources.get(kind)?.delete(name);
  }

  removeEntry(operation: string, id: string): void {
    const entries = this.journal.get(operation);
    entries?.delete(id);
    if (entries?.size === 0) this.journal.delete(operation);
  }

  #add(operation: Operation): void {
    this.operations.set(operation.name, operation);
    entryOf(this.#lists, listKeyOf(operation), () => new OrderedSet<ListCursor, Operation>(compareForList)).add(
      operation,
    );
    if (operation.state === 'QUEUED')
      entryOf(this.#queues, operation.kind, () => new OrderedSet<ClaimPosition, Operation>(compareForClaim)).add(
        operation,
      );
    if (operation.session !== undefined) entryOf(this.#held, operation.session, () => new Set()).add(operation.name);
    if (operation.parent !== undefined)
      entryOf(this.#children, parentKey(operation.parent), () => new Set()).add(operation.name);
    if (operation.requestId !== undefined) this.#requestIds.set(requestKeyOf(operation), operation.name);
    if (operation.exclusiveKey !== undefined && !isDone(operation))
      this.#keyHolders.set(operation.exclusiveKey, operation.name);
  }

  #remove(operation: Operation): void {
    this.operations.delete(operation.name);
    removeFrom(this.#lists, listKeyOf(operation), operation);
    removeFrom(this.#queues, operation.kind, operation);
    if (operation.session !== undefined) removeName(this.#held, operation.session, operation.name);
    if (operation.parent !== undefined) removeName(this.#children, parentKey(operation.parent), operation.name);
    if (operation.requestId !== undefined) this.#requestIds.delete(requestKeyOf(operation));
    if (operation.exclusiveKey !== undefined && !isDone(operation)) this.#keyHolders.delete(operation.exclusiveKey);
  }

  #writeResource(change: ResourceChange): () => void {
    const { kind, name, revision, next, collectionCountMax = Infinity } = change;
    const ofKind = entryOf(this.resources, kind, () => new Map<string, Resource>());
    const current = ofKind.get(name);
    if ((current?.revision ?? 0) !== revision) {
      throw revision === 0 ? resourceExists(kind, name) : resourceChanged(kind, name);
    }
    const isNew = current === undefined && next !== undefined;
    if (isNew && collectionCountMax < Infinity) {
      const held = [...ofKind.values()].filter(({ collection }) => collection === next.collection);
      if (held.length >= collectionCountMax) throw collectionFull(change);
    }
    if (next === undefined) ofKind.delete(name);
    else ofKind.set(name, { ...next, kind, name, revision: revision + 1 });
    return () => {
      if (current === undefined) ofKind.delete(name);
      else ofKind.set(name, current);
    };
  }

  #writeJournal(change: JournalChange): void {
    if ('remove' in change) {
      this.removeEntry(change.remove.operation, change.remove.id);
      return;
    }
    const entry = change.put;
    entryOf(this.journal, entry.operation, () => new Map<string, JournalEntry>()).set(entry.id, entry);
  }
}

function listKeyOf(operation: Operation): string {
  return keyOf(operation.surface, operation.collection);
}

type RequestKey = Pick<Operation, 'surface' | 'collection' | 'requestId'>;

function requestKeyOf({ surface, collection, requestId = '' }: RequestKey): string {
  return keyOf(surface, collection, requestId);
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

/** An index without an entry goes: names of collections come from clients. */
function removeFrom<Position>(
  indexes: Map<string, OrderedSet<Position, Operation & Position>>,
  key: string,
  operation: Operation & Position,
): void {
  const index = indexes.get(key);
  index?.remove(operation);
  if (index?.size === 0) indexes.delete(key);
}

/** A set without a name goes, likewise. */
function removeName(sets: Map<string, Set<string>>, key: string, name: string): void {
  const names = sets.get(key);
  names?.delete(name);
  if (names?.size === 0) sets.delete(key);
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

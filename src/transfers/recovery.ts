import type { TaskJournalEntry } from '../operations/task.ts';
import type { ByteString } from './byte-string.ts';
import { eachBounded } from '../core/each-bounded.ts';
import type { Copier, LargeObject, StagedObject } from './copier.ts';
import { decodeGroupEntry, type GroupEntry } from './group-entry.ts';
import type { PublishedObject, RemovedObject } from './recovered-object.ts';
import { sideOfRemoval } from './removal.ts';
import { decodeRemovalEntry, type RemovalEntry } from './removal-entry.ts';
import { decodeStagedKeysEntry } from './staged-keys-entry.ts';
import type { Deletes } from './spec.ts';
import type { LeftEntry } from './transfer-ledger.ts';

/** What the open entries of earlier attempts turn out to mean. */
export interface Recovery {
  /** Published and not yet counted, behind the cursor, in the order of keys. */
  readonly published: readonly PublishedObject[];
  readonly removed: readonly RemovedObject[];
  /**
   * Journaled, and not seen at the sink, by key: a request that its attempt did not live to see answered may still arrive.
   */
  readonly begun: ReadonlyMap<ByteString, StagedObject>;
  readonly left: readonly LeftEntry[];
  /** Entries whose staging could not be removed. */
  readonly kept: readonly string[];
  /** Entries of objects that are pending in the checkpoint, by key. */
  readonly pendingEntries: ReadonlyMap<ByteString, readonly PendingEntry[]>;
}

export interface PendingEntry {
  readonly id: string;
  readonly object: StagedObject;
}

export interface RecoveryOptions {
  readonly entries: readonly TaskJournalEntry[];
  readonly cursor: ByteString | undefined;
  readonly pendingKeys: ReadonlySet<ByteString>;
  readonly copier: Copier;
  readonly deletes: Deletes;
  /** Staging elsewhere, where a link led earlier attempts, is the janitor's. */
  readonly sinkRoot: ByteString;
  /** Entries that this attempt itself has begun already, for what is gone again by now. */
  readonly ownEntryIds: ReadonlySet<string>;
  /** Objects that are looked up at a time. */
  readonly inFlightMax: number;
}

/**
 * Finds out which journaled objects an earlier attempt published, and removes the staging of the others.
 *
 * Not even an interrupt stops it: whoever cancels is told how many objects are at the sink. A crash may cut it short at any point, and
 * it runs again: an object counts as published by what the sink shows, and entries
 * stay open until the cursor has passed them.
 */
export async function recover(options: RecoveryOptions): Promise<Recovery> {
  const found: Found = {
    kept: new Set(),
    published: new Map(),
    removed: new Map(),
    begun: new Map(),
    left: [],
    pendingEntries: new Map(),
  };
  for (const { id, value } of options.entries) {
    if (decodeStagedKeysEntry(value) !== undefined) {
      recoverStagedKeys(id, options, found);
      continue;
    }
    const removal = decodeRemovalEntry(value);
    if (removal === undefined) await recoverGroup(id, decodeGroupEntry(value), options, found);
    else await recoverRemoval(id, removal, options, found);
  }
  const { published, removed, begun, left, kept, pendingEntries } = found;
  const inOrder = { published: inKeyOrder(published), removed: inKeyOrder(removed) };
  return { ...inOrder, begun, left, kept: [...kept], pendingEntries };
}

/**
 * Removes the uploads of a pending object that it does not go on with: those that earlier attempts begun and died before a
 * checkpoint had them.
 *
 * @returns the entries of those that could not be removed.
 */
export async function discardLostUploads(
  pending: LargeObject,
  entries: readonly PendingEntry[],
  copier: Copier,
): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const { id, object } of entries) {
    const isLost = object.uploadId !== undefined && object.uploadId !== pending.uploadId;
    // With an id in the checkpoint there was none unknown before it.
    const isUnknown = object.uploadId === '' && pending.uploadId === '';
    if ((isUnknown || (isLost && object.uploadId !== '')) && !(await copier.discardOne(object))) kept.push(id);
  }
  return kept;
}

interface Found {
  readonly kept: Set<string>;
  readonly published: Map<ByteString, PublishedObject>;
  readonly removed: Map<ByteString, RemovedObject>;
  readonly begun: Map<ByteString, StagedObject>;
  readonly left: LeftEntry[];
  readonly pendingEntries: Map<ByteString, PendingEntry[]>;
}

async function recoverGroup(
  id: string,
  { objects, sinkRoot }: GroupEntry,
  options: RecoveryOptions,
  { kept, published, begun, left, pendingEntries }: Found,
): Promise<void> {
  const { pendingKeys, copier, cursor, deletes, inFlightMax } = options;
  if (sinkRoot !== options.sinkRoot) {
    kept.add(id);
    return;
  }
  const only = objects.length === 1 ? objects[0] : undefined;
  if (only !== undefined && pendingKeys.has(only.key)) {
    pendingEntries.set(only.key, [...(pendingEntries.get(only.key) ?? []), { id, object: only }]);
    return;
  }
  left.push({ id, lastKey: objects.at(-1)?.key ?? '' });
  await eachBounded(objects, inFlightMax, async (object) => {
    if (await copier.isPublished(object)) {
      if (cursor !== undefined && object.key <= cursor) return;
      const isRemovedFromSource = deletes === 'from-source' && (await copier.isRemoved('source', object));
      published.set(object.key, { ...object, isRemovedFromSource });
      return;
    }
    begun.set(object.key, object);
    if (!(await copier.discardOne(object))) kept.add(id);
  });
}

/** What an earlier attempt may not have lived to remove is the janitor's. */
function recoverStagedKeys(id: string, { ownEntryIds }: RecoveryOptions, { kept, left }: Found): void {
  if (ownEntryIds.has(id)) left.push({ id, lastKey: '' });
  else kept.add(id);
}

async function recoverRemoval(
  id: string,
  { kind, objects }: RemovalEntry,
  { copier, cursor, inFlightMax }: RecoveryOptions,
  { removed, left }: Found,
): Promise<void> {
  left.push({ id, lastKey: objects.at(-1)?.key ?? '' });
  await eachBounded(objects, inFlightMax, async (object) => {
    if (cursor !== undefined && object.key <= cursor) return;
    if (await copier.isRemoved(sideOfRemoval(kind), object)) removed.set(object.key, { ...object, kind });
  });
}

function inKeyOrder<T extends { readonly key: ByteString }>(objects: ReadonlyMap<ByteString, T>): readonly T[] {
  return [...objects.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

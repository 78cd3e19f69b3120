import type { TaskJournalEntry } from '../operations/task.ts';
import type { ByteString } from './byte-string.ts';
import type { Copier, PlannedObject } from './copier.ts';
import { decodeGroupEntry, type JournaledObject } from './group-entry.ts';
import type { LeftEntry } from './transfer-ledger.ts';

/** What the open entries of earlier attempts turn out to mean. */
export interface Recovery {
  /** Published and not yet counted, behind the cursor, in the order of keys. */
  readonly published: readonly PlannedObject[];
  readonly left: readonly LeftEntry[];
  /** Entries whose staging could not be removed. */
  readonly kept: readonly string[];
  /** Entries of objects that are pending in the checkpoint, by key. */
  readonly pendingEntries: ReadonlyMap<ByteString, readonly PendingEntry[]>;
}

export interface PendingEntry {
  readonly id: string;
  readonly object: JournaledObject;
}

export interface RecoveryOptions {
  readonly entries: readonly TaskJournalEntry[];
  readonly cursor: ByteString | undefined;
  readonly pendingKeys: ReadonlySet<ByteString>;
  readonly copier: Copier;
  /** Staging elsewhere, where a link led earlier attempts, is the janitor's. */
  readonly sinkRoot: ByteString;
}

/**
 * Finds out which journaled objects an earlier attempt published, and removes the staging of the others.
 *
 * Not even an interrupt stops it: whoever cancels is told how many objects are at the sink. A crash may cut it short at any point, and
 * it runs again: an object counts as published by what the sink shows, and entries
 * stay open until the cursor has passed them.
 */
export async function recover(options: RecoveryOptions): Promise<Recovery> {
  const { entries, cursor, pendingKeys, copier } = options;
  const kept = new Set<string>();
  const published = new Map<ByteString, PlannedObject>();
  const left: LeftEntry[] = [];
  const pendingEntries = new Map<ByteString, PendingEntry[]>();
  for (const { id, value } of entries) {
    const { objects, sinkRoot } = decodeGroupEntry(value);
    if (sinkRoot !== options.sinkRoot) {
      kept.add(id);
      continue;
    }
    const only = objects.length === 1 ? objects[0] : undefined;
    if (only !== undefined && pendingKeys.has(only.key)) {
      pendingEntries.set(only.key, [...(pendingEntries.get(only.key) ?? []), { id, object: only }]);
      continue;
    }
    left.push({ id, lastKey: objects.at(-1)?.key ?? '' });
    for (const object of objects) {
      if (await copier.isPublished(object, object.stagingName)) {
        if (cursor === undefined || object.key > cursor) published.set(object.key, object);
      } else if (!(await copier.discardOne(object.key, object.stagingName))) kept.add(id);
    }
  }
  return { published: inKeyOrder(published), left, kept: [...kept], pendingEntries };
}

function inKeyOrder(objects: ReadonlyMap<ByteString, PlannedObject>): readonly PlannedObject[] {
  return [...objects.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Between a resource or a journal entry and its row. */
import type { JournalEntry } from '../operations/journal.ts';
import type { Resource } from '../operations/resource.ts';
import type { Row } from './sqlite-protocol.ts';

export const RESOURCE_COLUMNS =
  'kind, name, collection, revision, create_time_ms, due_time_ms, expire_time_ms, value' as const;

export function resourceFromRow(row: Row): Resource {
  const [kind, name, collection, revision, createTimeMs, dueTimeMs, expireTimeMs, value] = row;
  return {
    kind: kind as string,
    name: name as string,
    collection: collection as string,
    revision: revision as number,
    value: (value ?? new Uint8Array(0)) as Uint8Array,
    createTimeMs: createTimeMs as number,
    ...(dueTimeMs === null ? {} : { dueTimeMs: dueTimeMs as number }),
    ...(expireTimeMs === null ? {} : { expireTimeMs: expireTimeMs as number }),
  };
}

export const JOURNAL_COLUMNS = 'operation, id, value' as const;

export function journalEntryFromRow(row: Row): JournalEntry {
  const [operation, id, value] = row;
  return { operation: operation as string, id: id as string, value: (value ?? new Uint8Array(0)) as Uint8Array };
}

import type { DatabaseSync } from 'node:sqlite';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

/** Marks the file as ours: "LROp" in its header. */
const APPLICATION_ID = 0x4c52_4f70;

/**
 * The schema, step by step; step n leads from version n to n + 1. Steps that were released never change.
 *
 * Times are milliseconds since the epoch. `claim_rank` is the negated priority, so that one direction of the index is the
 * order of claims. `waiting` is 1 until a claim has seen the due time pass, and 2 for ever with work that only an owner takes:
 * both keep it out of the claims' way. `timer_time_ms` is when something happens to the operation by itself. `held_key` is the exclusive key while the operation is live. Lists read their indexes backwards, as what is new is
 * added at an index's end.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE operations (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    surface TEXT NOT NULL,
    collection TEXT NOT NULL,
    kind TEXT NOT NULL,
    resource TEXT,
    state TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    claim_rank INTEGER NOT NULL,
    create_time_ms INTEGER NOT NULL,
    due_time_ms INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    expire_time_ms INTEGER,
    session TEXT,
    held_key TEXT,
    request_id TEXT,
    death_count INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    request BLOB,
    metadata BLOB,
    checkpoint BLOB,
    response BLOB,
    detail TEXT NOT NULL,
    encoded BLOB
  ) STRICT;
  CREATE INDEX operations_by_time ON operations (surface, collection, create_time_ms, name) WHERE deleted = 0;
  CREATE INDEX operations_by_state ON operations (surface, collection, state, create_time_ms, name) WHERE deleted = 0;
  CREATE INDEX operations_by_resource ON operations (surface, collection, resource, state, create_time_ms, name)
    WHERE deleted = 0 AND resource IS NOT NULL;
  CREATE INDEX operations_by_claim ON operations (kind, claim_rank, create_time_ms, name)
    WHERE state = 'QUEUED' AND waiting = 0;
  CREATE INDEX operations_by_claim_alone ON operations (kind, claim_rank, create_time_ms, name)
    WHERE state = 'QUEUED' AND waiting = 0 AND death_count > 0;
  CREATE INDEX operations_by_due ON operations (due_time_ms) WHERE state = 'QUEUED' AND waiting = 1;
  CREATE INDEX operations_by_session ON operations (session, name) WHERE session IS NOT NULL;
  CREATE INDEX operations_by_expiry ON operations (expire_time_ms, name) WHERE expire_time_ms IS NOT NULL;
  CREATE UNIQUE INDEX operations_by_key ON operations (held_key) WHERE held_key IS NOT NULL;
  CREATE UNIQUE INDEX operations_by_request ON operations (surface, collection, request_id) WHERE request_id IS NOT NULL;

  CREATE TABLE resources (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    collection TEXT NOT NULL,
    revision INTEGER NOT NULL,
    create_time_ms INTEGER NOT NULL,
    due_time_ms INTEGER,
    expire_time_ms INTEGER,
    value BLOB,
    UNIQUE (kind, name)
  ) STRICT;
  CREATE INDEX resources_by_time ON resources (kind, collection, create_time_ms, name);
  CREATE INDEX resources_by_due ON resources (kind, due_time_ms, name) WHERE due_time_ms IS NOT NULL;
  CREATE INDEX resources_by_expiry ON resources (expire_time_ms, name) WHERE expire_time_ms IS NOT NULL;

  CREATE TABLE journal (
    operation TEXT NOT NULL,
    id TEXT NOT NULL,
    value BLOB,
    PRIMARY KEY (operation, id)
  ) STRICT;

  CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;

  CREATE TABLE checks (id INTEGER PRIMARY KEY CHECK (id = 1), time_ms INTEGER NOT NULL) STRICT;
  `,
  // What happens by itself, what belongs to what, what has ended lately. Records of before have none of it.
  `
  ALTER TABLE operations ADD COLUMN parent TEXT;
  ALTER TABLE operations ADD COLUMN timer_time_ms INTEGER;
  ALTER TABLE operations ADD COLUMN end_time_ms INTEGER;
  CREATE INDEX operations_by_parent ON operations (parent, state, name) WHERE parent IS NOT NULL;
  CREATE INDEX operations_by_timer ON operations (timer_time_ms, name) WHERE timer_time_ms IS NOT NULL;
  CREATE INDEX operations_by_end ON operations (surface, collection, end_time_ms, name)
    WHERE end_time_ms IS NOT NULL AND deleted = 0;
  `,
  // Whose turn it is among the collections that have queued operations.
  `
  CREATE INDEX operations_by_share ON operations (kind, collection, claim_rank, create_time_ms, name)
    WHERE state = 'QUEUED' AND waiting = 0;
  `,
  // A parent is told from a later operation of its name by its time: 0 where it has gone. An id only grows while the child is there, so that
  // who has the name and a smaller one is who had it when the child was made, whatever was done to the clock.
  `
  UPDATE operations SET parent = coalesce(
    (SELECT first.create_time_ms FROM operations AS first
      WHERE first.name = operations.parent AND first.id < operations.id), 0) || ' ' || parent
    WHERE parent IS NOT NULL;
  `,
];

/**
 * Refuses a file that is not ours to write; reads only.
 *
 * @throws StatusError FAILED_PRECONDITION with reason SCHEMA_TOO_NEW or NOT_OUR_DATABASE.
 */
export function assertKnown(database: DatabaseSync, path: string, migrations: readonly string[] = MIGRATIONS): void {
  const version = readPragma(database, 'user_version');
  assertOurs(database, path, version);
  if (version > migrations.length) throw schemaTooNew(path, version, migrations.length);
}

/** Leads the file to the newest schema, each step in a transaction of its own with its number. */
export function migrate(database: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  const version = readPragma(database, 'user_version');
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(step);
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}

function assertOurs(database: DatabaseSync, path: string, version: number): void {
  const applicationId = readPragma(database, 'application_id');
  if (applicationId === APPLICATION_ID) return;
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (applicationId === 0 && version === 0 && isEmpty) return;
  throw new StatusError(Code.FAILED_PRECONDITION, `${path} is the database of another application; name another file`, {
    reason: 'NOT_OUR_DATABASE',
    metadata: { path },
  });
}

function schemaTooNew(path: string, version: number, known: number): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `${path} has schema ${version} and this program knows up to ${known}; run the version that wrote it`,
    { reason: 'SCHEMA_TOO_NEW', metadata: { path, schema: String(version), schemaMax: String(known) } },
  );
}

function readPragma(database: DatabaseSync, pragma: string): number {
  const row = database.prepare(`PRAGMA ${pragma}`).get() ?? {};
  return Number(Object.values(row)[0]);
}

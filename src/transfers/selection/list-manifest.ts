import { setImmediate as nextTurn } from 'node:timers/promises';
import { Code } from '../../core/code.ts';
import type { ByteString } from '../byte-string.ts';
import type { FailureCause } from '../object-failure.ts';
import type { ListNote, ListPage, LookUpOptions, ObjectStore } from '../object-store.ts';
import { present } from '../present.ts';
import { lookUp } from './look-up.ts';
import type { Manifest, ManifestRow } from './manifest.ts';
import { withNotes } from './with-notes.ts';

export interface ListManifestOptions extends LookUpOptions {
  /** Rows that are looked up together. */
  readonly countMax: number;
  /** Requests at a time. */
  readonly inFlightMax: number;
}

/**
 * What one side has of the objects that a manifest names, as a listing. Nothing is listed: each is asked for by its name.
 *
 * At the source a row that names no object is a failure of that object; at the sink it is not there yet.
 */
export async function* listManifest(
  side: 'source' | 'sink',
  store: ObjectStore,
  manifest: Manifest,
  options: ListManifestOptions,
): AsyncGenerator<ListPage> {
  for await (const rows of batches(manifest, options.countMax)) {
    options.signal.throwIfAborted();
    const page = await pageOfRows(side, store, rows, options);
    // Also where nothing is found: who reads it must not wait for the next row that is there, which may be the millionth.
    yield { ...page, throughKey: present(rows.at(-1)).key };
    // A page of a directory tree is milliseconds of this thread: an abort gets its turn.
    await nextTurn();
  }
}

async function* batches(manifest: Manifest, countMax: number): AsyncGenerator<readonly ManifestRow[]> {
  let rows: ManifestRow[] = [];
  for await (const row of manifest.rows()) {
    rows.push(row);
    if (rows.length < countMax) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

async function pageOfRows(
  side: 'source' | 'sink',
  store: ObjectStore,
  rows: readonly ManifestRow[],
  options: ListManifestOptions,
): Promise<ListPage> {
  const { hasDirectories, hasGenerations = false } = store.capabilities;
  const named = hasDirectories ? rows.filter(({ key }) => isFileName(key)) : rows;
  const page = await lookUp(
    store,
    named.map(({ key }) => key),
    options,
  );
  if (side === 'sink') return page;
  const found = new Map(page.keys.map((key, index) => [key, page.etags?.[index]]));
  const noted = new Set(page.notes.map(({ key }) => key));
  const causes = new Map<ByteString, FailureCause>();
  for (const row of rows) {
    if (noted.has(row.key)) continue;
    const cause = causeOf(row, found, { hasDirectories, hasGenerations });
    if (cause !== undefined) causes.set(row.key, cause);
  }
  return withNotes(page, [...causes].map(failedNote));
}

/** Why a row names nothing that can be transferred; undefined when it does. */
function causeOf(
  { key, generation, rowNumber }: ManifestRow,
  found: ReadonlyMap<ByteString, string | undefined>,
  { hasDirectories, hasGenerations }: { readonly hasDirectories: boolean; readonly hasGenerations: boolean },
): FailureCause | undefined {
  const where = `row ${rowNumber} of the manifest`;
  if (hasDirectories && !isFileName(key)) {
    return { code: Code.INVALID_ARGUMENT, detail: `${where}: no file can have this name; it is relative to the root` };
  }
  if (!found.has(key)) return { code: Code.NOT_FOUND, detail: `${where}: the source has no such object` };
  if (generation === undefined) return undefined;
  if (!hasGenerations) {
    return { code: Code.INVALID_ARGUMENT, detail: `${where}: this source has no generations; leave the column empty` };
  }
  if (found.get(key) === generation) return undefined;
  return { code: Code.NOT_FOUND, detail: `${where}: generation ${generation} is not the live one of this object` };
}

function failedNote([key, cause]: readonly [ByteString, FailureCause]): ListNote {
  return { kind: 'object-failed', key, cause };
}

/** Whether a directory tree can hold a file of this key: see ObjectStore. */
function isFileName(key: ByteString): boolean {
  return !key.includes('\0') && !key.split('/').some((name) => name === '' || name === '.' || name === '..');
}

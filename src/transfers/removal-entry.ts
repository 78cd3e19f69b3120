import type { ByteString } from './byte-string.ts';
import { ByteReader, ByteWriter, sharedLength } from './entry-bytes.ts';
import type { DoomedObject, RemovalKind } from './removal.ts';

/** What the journal holds before objects are removed, so that those that have gone are counted once, whatever happens meanwhile. */
export interface RemovalEntry {
  readonly kind: RemovalKind;
  readonly objects: readonly DoomedObject[];
}

/** Stands where a GroupEntry has its version. */
const TAG = 1000;
const KINDS: readonly RemovalKind[] = ['unique-in-sink', 'skipped', 'copied'];

/** Tag, kind, count; then for each object the bytes it shares with the key before, the rest of its key, size and time. */
export function encodeRemovalEntry(kind: RemovalKind, objects: readonly DoomedObject[]): Uint8Array {
  const writer = new ByteWriter();
  writer.integer(TAG);
  writer.integer(KINDS.indexOf(kind));
  writer.integer(objects.length);
  let before = '';
  for (const { key, sizeBytes, modifyTimeMs } of objects) {
    const shared = sharedLength(before, key);
    writer.integer(shared);
    writer.text(key.slice(shared));
    writer.integer(sizeBytes);
    writer.double(modifyTimeMs);
    before = key;
  }
  return writer.bytes();
}

/** undefined for an entry of another sort. */
export function decodeRemovalEntry(bytes: Uint8Array): RemovalEntry | undefined {
  const reader = new ByteReader(bytes);
  if (reader.integer() !== TAG) return undefined;
  const kind = KINDS[reader.integer()];
  if (kind === undefined) throw new Error('journal entry of an unknown kind of removal');
  const count = reader.integer();
  const objects: DoomedObject[] = [];
  let before: ByteString = '';
  for (let index = 0; index < count; index += 1) {
    const key = before.slice(0, reader.integer()) + reader.text();
    objects.push({ key, sizeBytes: reader.integer(), modifyTimeMs: reader.double() });
    before = key;
  }
  return { kind, objects };
}

import type { ByteString } from './byte-string.ts';
import { ByteReader, ByteWriter } from './entry-bytes.ts';

/** What the journal holds before a store writes objects of its own at the sink, which nobody is to find there afterwards. */
export interface StagedKeysEntry {
  /** See GroupEntry. */
  readonly sinkRoot: ByteString;
  /** All of them begin with a staging name. There may be uploads of each, too. */
  readonly keys: readonly ByteString[];
}

/** Stands where a GroupEntry has its version. */
const TAG = 1001;

export function encodeStagedKeysEntry({ sinkRoot, keys }: StagedKeysEntry): Uint8Array {
  const writer = new ByteWriter();
  writer.integer(TAG);
  writer.text(sinkRoot);
  writer.integer(keys.length);
  for (const key of keys) writer.text(key);
  return writer.bytes();
}

/** undefined for an entry of another sort. */
export function decodeStagedKeysEntry(bytes: Uint8Array): StagedKeysEntry | undefined {
  const reader = new ByteReader(bytes);
  if (reader.integer() !== TAG) return undefined;
  const sinkRoot = reader.text();
  const keys: ByteString[] = [];
  for (let left = reader.integer(); left > 0; left -= 1) keys.push(reader.text());
  return { sinkRoot, keys };
}

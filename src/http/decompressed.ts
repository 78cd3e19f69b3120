import { bodyTooLarge } from './body-too-large.ts';
import { GUNZIP_HELD_BYTES, gunzipped } from './gunzipped.ts';
import type { HeldBytes } from './held-bytes.ts';

export interface DecompressOptions {
  /** Of what comes out. */
  readonly sizeMaxBytes: number;
  /** Where that is counted. */
  readonly held: HeldBytes;
}

/**
 * A whole body that came as gzip. Nothing is nothing, compressed or not.
 *
 * @throws HttpRefusal 413 as soon as more comes out than there may be; StatusError UNAVAILABLE when all bodies together are too much, INVALID_ARGUMENT
 *   as `gunzipped`.
 */
export async function decompressed(bytes: Uint8Array, { sizeMaxBytes, held }: DecompressOptions): Promise<Uint8Array> {
  if (bytes.length === 0) return bytes;
  const noRoom = held.take(GUNZIP_HELD_BYTES);
  if (noRoom !== undefined) throw noRoom;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of gunzipped([bytes])) {
    size += chunk.length;
    const error = size > sizeMaxBytes ? bodyTooLarge(sizeMaxBytes) : held.take(chunk.length);
    if (error !== undefined) throw error;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

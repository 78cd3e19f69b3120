import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

/** What zlib keeps while it decompresses, and what waits to be taken, bytes: its window of 32 KiB, its state, a chunk. */
export const GUNZIP_HELD_BYTES = 64 * 1024;

/**
 * What was compressed, piece by piece, as fast as it is asked for. Who reads counts: a thousand times what came may leave.
 *
 * @param chunks  one or more gzip members (RFC 1952). Left early when the reader leaves.
 * @throws StatusError INVALID_ARGUMENT (reason MALFORMED_GZIP) for anything else, and for what ends too early; what `chunks` throws.
 */
export async function* gunzipped(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip();
  // Its failure is that of `gunzip` as well, which is where it is met.
  void pipeline(chunks, gunzip).catch(() => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    throw isZlibError(error) ? malformed(error) : error;
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}

function malformed(cause: Error): StatusError {
  const message = `the body is not what its Content-Encoding says, gzip: ${cause.message}`;
  return new StatusError(Code.INVALID_ARGUMENT, message, { reason: 'MALFORMED_GZIP', cause });
}

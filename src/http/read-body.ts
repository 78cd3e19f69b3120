import type { IncomingMessage } from 'node:http';
import { callerLeft } from '../api/errors.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

const NO_BYTES = new Uint8Array(0);

/** Whether a request comes with a body: its header says so (RFC 9112, section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * The bytes of a request's body, no more of them than may be.
 *
 * @throws StatusError INVALID_ARGUMENT (reason BODY_TOO_LARGE) as soon as it is known to be larger; CANCELLED when the caller leaves.
 */
export function readBody(request: IncomingMessage, sizeMaxBytes: number): Promise<Uint8Array> {
  if (!hasBody(request)) return Promise.resolve(NO_BYTES);
  if (Number(request.headers['content-length'] ?? 0) > sizeMaxBytes) return Promise.reject(tooLarge(sizeMaxBytes));
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > sizeMaxBytes) reject(tooLarge(sizeMaxBytes));
    else chunks.push(chunk);
  });
  request.once('end', () => {
    resolve(Buffer.concat(chunks, size));
  });
  request.once('close', () => {
    reject(callerLeft());
  });
  return promise;
}

function tooLarge(sizeMaxBytes: number): StatusError {
  const metadata = { sizeMaxBytes: String(sizeMaxBytes) };
  const message = `the body is larger than ${metadata.sizeMaxBytes} bytes; ask for less in one request`;
  return new StatusError(Code.INVALID_ARGUMENT, message, { reason: 'BODY_TOO_LARGE', metadata });
}

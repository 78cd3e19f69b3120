import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ByteBudget } from './byte-budget.ts';

/** What is sent. */
export interface SentAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where there is no body. */
  readonly contentType?: string;
  readonly body: string | Uint8Array;
  /** Whether the body's bytes are kept for others too: who is slow to read them holds none of its own. */
  readonly isShared?: boolean;
}

export interface SendLimits {
  readonly responseTimeoutMs: number;
  readonly lingerSizeMaxBytes: number;
  readonly lingerTimeoutMs: number;
}

export interface SendOptions {
  readonly limits: SendLimits;
  readonly budget: ByteBudget;
}

/** A body of so many bytes may stay in this process for want of a reader; a smaller one mostly fits into the buffers of the system. */
const LARGE_BODY_BYTES = 64 * 1024;

/**
 * Sends an answer, and ends the connection where what follows on it could not be told from the rest of this request's body.
 *
 * A reader that takes too long is cut off.
 */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, contentType, body, isShared = false }: SentAnswer,
  options: SendOptions,
): void {
  const size = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const isRead = request.complete || !hasBody(request);
  const ofBody = contentType === undefined ? {} : { 'content-type': contentType, 'content-length': String(size) };
  response.writeHead(status, { ...headers, ...ofBody, ...(isRead ? {} : { connection: 'close' }) });
  if (isRead) response.end(body);
  else endBehindBody(request, response, body, options.limits);
  // What the system has taken needs no reader: so almost every answer.
  if (size > LARGE_BODY_BYTES || response.writableLength > 0) cutOffSlowReader(response, isShared ? 0 : size, options);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function cutOffSlowReader(response: ServerResponse, heldBytes: number, { limits, budget }: SendOptions): void {
  budget.take(heldBytes);
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    timer = setTimeout(() => {
      response.destroy();
    }, limits.responseTimeoutMs);
  };
  // One that waits behind others on its connection has no reader yet.
  if (response.socket === null) response.once('socket', start);
  else start();
  const settle = (): void => {
    clearTimeout(timer);
    response.off('socket', start);
    budget.give(heldBytes);
    response.off('finish', settle).off('close', settle);
  };
  response.once('finish', settle).once('close', settle);
}

/**
 * Lets a caller that still sends its body read the answer first: a connection that is closed while bytes arrive is reset, and takes the
 * answer with it. What comes is dropped.
 */
function endBehindBody(
  request: IncomingMessage,
  response: ServerResponse,
  body: string | Uint8Array,
  { lingerSizeMaxBytes, lingerTimeoutMs }: SendLimits,
): void {
  response.write(body);
  let left = lingerSizeMaxBytes;
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', drop);
    response.end();
  };
  const drop = (chunk: Buffer): void => {
    left -= chunk.length;
    if (left < 0) end();
  };
  const timer = setTimeout(end, lingerTimeoutMs);
  request.on('data', drop).once('end', end).once('close', end);
}

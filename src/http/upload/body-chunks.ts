import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerLeft } from '../../api/errors.ts';
import { StatusError } from '../../core/status-error.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { inviteBody } from '../invite-body.ts';

/** A request, and what is to answer it. */
export interface IncomingRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * The chunks of a request's body, as fast as they are asked for. Leaving them early leaves the connection as it is, so that an answer can
 * still be sent.
 *
 * @param idleTimeoutMs  how long a chunk may be waited for.
 * @throws HttpRefusal 408 (reason BODY_TIMEOUT) when the caller stops sending; StatusError CANCELLED when it leaves.
 */
export async function* bodyChunks(
  { request, response }: IncomingRequest,
  idleTimeoutMs: number,
): AsyncGenerator<Uint8Array> {
  inviteBody(request, response);
  const iterator = request.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = await soonEnough(iterator.next(), idleTimeoutMs);
      if (next.done === true) return;
      yield next.value as Uint8Array;
    }
  } finally {
    // Queued behind a chunk that is still waited for, which may never come.
    void iterator.return?.().catch(() => undefined);
  }
}

async function soonEnough<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(bodyTooSlow(timeoutMs));
  }, timeoutMs);
  try {
    return await Promise.race([promise, timeout]);
  } catch (error) {
    // Streams tell of a connection that is gone in several ways.
    throw error instanceof StatusError ? error : callerLeft();
  } finally {
    clearTimeout(timer);
  }
}

function bodyTooSlow(timeoutMs: number): HttpRefusal {
  const metadata = { bodyIdleTimeoutMs: String(timeoutMs) };
  const message = `nothing of the body has arrived for ${metadata.bodyIdleTimeoutMs} ms; send the request again`;
  return new HttpRefusal(408, message, { reason: 'BODY_TIMEOUT', metadata });
}

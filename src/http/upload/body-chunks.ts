import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerLeft } from '../../api/errors.ts';
import { StatusError } from '../../core/status-error.ts';
import { untilAborted } from '../../core/until-aborted.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { inviteBody } from '../invite-body.ts';

/** A request, and what is to answer it. */
export interface IncomingRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborts when no more of any body is wanted, its reason what callers are told. */
  readonly closing: AbortSignal;
}

export interface BodyRateLimits {
  /** How long the next bytes may be waited for, milliseconds … */
  readonly bodyIdleTimeoutMs: number;
  /** … so many of them, or all that are left. */
  readonly bodyIdleMinBytes: number;
}

/**
 * The chunks of a request's body, as fast as they are asked for. Leaving them early leaves the connection as it is, so that an answer can
 * still be sent.
 *
 * Only time in which a chunk is waited for counts: who is slow to take them does not fail the sender.
 * @throws HttpRefusal 408 (reason BODY_TIMEOUT) when the caller stops sending, or sends too slowly; StatusError CANCELLED when it leaves; the reason of
 *   `closing`.
 */
export async function* bodyChunks(
  { request, response, closing }: IncomingRequest,
  limits: BodyRateLimits,
): AsyncGenerator<Uint8Array> {
  inviteBody(request, response);
  const iterator = request.iterator({ destroyOnReturn: false });
  let [msLeft, bytesLeft] = [limits.bodyIdleTimeoutMs, limits.bodyIdleMinBytes];
  try {
    for (;;) {
      const startMs = performance.now();
      const next = await soonEnough(untilAborted(iterator.next(), closing), msLeft, limits);
      if (next.done === true) return;
      const chunk = next.value as Uint8Array;
      msLeft -= performance.now() - startMs;
      bytesLeft -= chunk.length;
      if (bytesLeft <= 0) [msLeft, bytesLeft] = [limits.bodyIdleTimeoutMs, limits.bodyIdleMinBytes];
      yield chunk;
    }
  } finally {
    // Queued behind a chunk that is still waited for, which may never come.
    void iterator.return?.().catch(() => undefined);
  }
}

async function soonEnough<Value>(promise: Promise<Value>, timeoutMs: number, limits: BodyRateLimits): Promise<Value> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(bodyTooSlow(limits));
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

function bodyTooSlow({ bodyIdleTimeoutMs, bodyIdleMinBytes }: BodyRateLimits): HttpRefusal {
  const metadata = { bodyIdleTimeoutMs: String(bodyIdleTimeoutMs), bodyIdleMinBytes: String(bodyIdleMinBytes) };
  const waited = `fewer than ${metadata.bodyIdleMinBytes} bytes of the body have arrived in ${metadata.bodyIdleTimeoutMs} ms`;
  return new HttpRefusal(408, `${waited}; send the request again, over a faster connection`, {
    reason: 'BODY_TIMEOUT',
    metadata,
  });
}

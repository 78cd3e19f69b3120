import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { callerLeft } from '../../api/errors.ts';
import type { Json } from '../../schema/message-json.ts';
import type { StreamForm } from './stream-form.ts';

export interface SentStream {
  readonly form: StreamForm;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborts when the caller has left, or its deadline has passed. */
  readonly signal: AbortSignal;
  /** A reader that takes nothing for so long is cut off, milliseconds. */
  readonly stallTimeoutMs: number;
  /** The body of an error that the stream ends with. */
  readonly failure: (error: unknown) => Json;
}

/**
 * Sends texts as they come, the next one asked for when the connection has taken the one before: a slow reader slows its stream and
 * fills no buffer here.
 *
 * Nothing is sent before the first text is there: what the stream fails with until then is thrown, for an answer with its own status.
 * What it fails with later is its last text.
 */
export async function sendStream(
  response: ServerResponse,
  texts: AsyncIterable<string>,
  stream: SentStream,
): Promise<void> {
  const { form, headers, signal } = stream;
  const iterator = texts[Symbol.asyncIterator]();
  let next = await iterator.next();
  try {
    if (response.destroyed) throw callerLeft();
    response.writeHead(200, { ...headers, 'content-type': form.contentType });
    response.write(form.beginning);
    for (; next.done !== true; next = await iterator.next()) await write(response, next.value, stream);
    end(response, form.ending);
  } catch (error) {
    // What aborts a wait is told by the signal, not by what the wait threw.
    end(response, form.failure(stream.failure(signal.aborted ? signal.reason : error)));
  } finally {
    await iterator.return?.();
  }
}

/** To a caller that has left nothing can be told: Node takes that for an error of the response. */
function end(response: ServerResponse, text: string): void {
  if (!response.destroyed) response.end(text);
}

async function write(response: ServerResponse, text: string, { signal, stallTimeoutMs }: SentStream): Promise<void> {
  if (response.destroyed) throw callerLeft();
  if (response.write(text)) return;
  const timer = setTimeout(() => {
    response.destroy();
  }, stallTimeoutMs);
  try {
    await once(response, 'drain', { signal });
  } finally {
    clearTimeout(timer);
  }
}

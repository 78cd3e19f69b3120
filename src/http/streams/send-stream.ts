import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { callerLeft } from '../../api/errors.ts';
import type { ByteBudget } from '../byte-budget.ts';
import type { Json } from '../../schema/message-json.ts';
import type { StreamForm } from './stream-form.ts';

export interface SentStream {
  readonly form: StreamForm;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborts when the caller has left, or its deadline has passed. */
  readonly signal: AbortSignal;
  /** A reader that takes nothing for so long is cut off, milliseconds. */
  readonly stallTimeoutMs: number;
  /** Counts what readers leave untaken; one that does so while it is full is cut off. */
  readonly budget: ByteBudget;
  /** The body of an error that the stream ends with. */
  readonly failure: (error: unknown) => Json;
}

/** What is worth bytes of its own, characters. */
const LARGE_TEXT_LENGTH = 16 * 1024;

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
  const { form, signal } = stream;
  const iterator = texts[Symbol.asyncIterator]();
  try {
    while (await sendNext(response, iterator, stream));
    await end(response, form.ending, stream);
  } catch (error) {
    if (!response.headersSent) throw error;
    // What aborts a wait is told by the signal, not by what the wait threw.
    await end(response, form.failure(stream.failure(signal.aborted ? signal.reason : error)), stream);
  } finally {
    await iterator.return?.();
  }
}

/** Not async, as no text is to be held while it, or the next one, is waited for. @returns whether there was one. */
function sendNext(response: ServerResponse, iterator: AsyncIterator<string>, stream: SentStream): Promise<boolean> {
  return iterator.next().then(({ done, value }) => {
    if (response.destroyed) throw callerLeft();
    if (!response.headersSent) begin(response, stream);
    return done === true ? false : write(response, value, stream);
  });
}

function begin(response: ServerResponse, { form, headers }: SentStream): void {
  response.writeHead(200, { ...headers, 'content-type': form.contentType });
  response.write(form.beginning);
}

/** To a caller that has left nothing can be told: Node takes that for an error of the response. */
async function end(response: ServerResponse, text: string, stream: SentStream): Promise<void> {
  if (response.destroyed) return;
  const { promise: isOver, resolve } = Promise.withResolvers<unknown>();
  response.once('finish', resolve).once('close', resolve).end(text);
  await untilTaken(response, Buffer.byteLength(text), stream, () => isOver);
}

/** @returns true, once there is room for more. */
function write(response: ServerResponse, text: string, stream: SentStream): true | Promise<true> {
  // Of a long string Node keeps three bytes a character until it is taken.
  const chunk = text.length < LARGE_TEXT_LENGTH ? text : Buffer.from(text);
  if (response.write(chunk)) return true;
  const isTaken = (): Promise<unknown> => once(response, 'drain', { signal: stream.signal });
  return untilTaken(response, Buffer.byteLength(chunk), stream, isTaken).then(() => true);
}

/** Waits for a reader that is behind, for as long as there is time and room for what it has not taken. */
async function untilTaken(
  response: ServerResponse,
  size: number,
  { stallTimeoutMs, budget }: SentStream,
  isTaken: () => Promise<unknown>,
): Promise<void> {
  const cutOff = (): void => {
    response.destroy();
  };
  const timer = setTimeout(cutOff, stallTimeoutMs);
  // Node hands a text on at the end of the turn: only then is it known whether the reader is behind.
  const behind = setImmediate(() => {
    if (budget.isFull) cutOff();
  });
  budget.take(size);
  try {
    await isTaken();
  } finally {
    clearTimeout(timer);
    clearImmediate(behind);
    budget.give(size);
  }
}

import type { ServerResponse } from 'node:http';
import type { CallContext, StreamMethod } from '../../api/method.ts';
import { Code } from '../../core/code.ts';
import { RecentMap } from '../../core/recent-map.ts';
import { StatusError } from '../../core/status-error.ts';
import type { Json } from '../../schema/message-json.ts';
import type { Message } from '../../schema/protos.ts';
import { ByteBudget } from '../byte-budget.ts';
import type { AskedStream } from '../parameters/asked-form.ts';
import { sendStream } from './send-stream.ts';
import { END_ID } from './stream-form.ts';
import { streamTexts } from './stream-texts.ts';

export interface StreamLimits {
  readonly streamCountMax: number;
  readonly streamStallTimeoutMs: number;
  readonly streamBufferedBytesMax: number;
  readonly streamRetryDelayMs: number;
  readonly keptStreamTextsMaxBytes: number;
}

/** One call of an RPC that streams. */
export interface StreamCall {
  readonly response: ServerResponse;
  readonly headers: Readonly<Record<string, string>>;
  readonly method: StreamMethod;
  /** Full name. */
  readonly responseType: string;
  /** The request. */
  readonly message: Message;
  readonly asked: AskedStream;
  readonly context: CallContext;
  /** The body of an error. */
  readonly failure: (error: unknown) => Json;
}

/** Proxies are not to keep what is to be seen as it comes. */
const STREAM_HEADERS = { 'x-accel-buffering': 'no' } as const;

/** The streams that are open over HTTP: each has a connection of its own, so that only their number bounds them. */
export class StreamCalls {
  readonly #limits: StreamLimits;
  /** A change is told to all who watch, mostly in the same words. */
  readonly #kept: RecentMap<Uint8Array, string>;
  readonly #budget: ByteBudget;
  #count = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
    this.#kept = new RecentMap(limits.keptStreamTextsMaxBytes);
    this.#budget = new ByteBudget(limits.streamBufferedBytesMax);
  }

  /**
   * Sends a stream from its first response to its end.
   *
   * @throws what the stream fails with before its first response, and StatusError RESOURCE_EXHAUSTED (reason TOO_MANY_STREAMS).
   */
  async serve({ response, headers, method, message, context, failure, ...call }: StreamCall): Promise<void> {
    const { streamCountMax, streamStallTimeoutMs } = this.#limits;
    if (this.#count >= streamCountMax) throw this.#tooMany();
    this.#count += 1;
    try {
      const { asked, responseType } = call;
      const responses = method.stream(message as never, context);
      const kept = asked.isCommon ? { kept: this.#kept } : {};
      const texts = streamTexts(responses, { method, responseType, ...asked, ...kept });
      await sendStream(response, texts, {
        form: asked.form,
        headers: { ...headers, ...STREAM_HEADERS },
        signal: context.signal,
        stallTimeoutMs: streamStallTimeoutMs,
        budget: this.#budget,
        failure,
      });
    } finally {
      this.#count -= 1;
    }
  }

  #tooMany(): StatusError {
    const { streamCountMax, streamRetryDelayMs } = this.#limits;
    const metadata = { streamCountMax: String(streamCountMax) };
    const message = `${metadata.streamCountMax} streams are open over HTTP; try again later`;
    return new StatusError(Code.RESOURCE_EXHAUSTED, message, {
      reason: 'TOO_MANY_STREAMS',
      metadata,
      retryDelayMs: streamRetryDelayMs,
    });
  }
}

/** Whether a browser comes back that has seen the end of its stream. */
export function isOver({ resumption }: StreamMethod, lastEventId: string | undefined): boolean {
  return resumption !== undefined && lastEventId === END_ID;
}

/** The request of a stream that goes on behind an event, where the caller has seen one. */
export function resumed({ resumption }: StreamMethod, message: Message, lastEventId: string | undefined): Message {
  if (resumption === undefined || lastEventId === undefined || lastEventId === '') return message;
  return { ...message, [resumption.cursorField]: lastEventId };
}

import type { StreamMethod } from '../../api/method.ts';
import type { RecentMap } from '../../core/recent-map.ts';
import type { Json } from '../../schema/message-json.ts';
import { decodeMessage, type Message } from '../../schema/protos.ts';
import type { StreamForm } from './stream-form.ts';

export interface StreamTextOptions {
  readonly method: Pick<StreamMethod, 'resumption'>;
  /** Full name of each response's message. */
  readonly responseType: string;
  readonly form: StreamForm;
  /** What the caller asked to see of a response. */
  readonly show: (message: Message) => Json;
  /** Texts of responses that others are told too, by their bytes: looked for by identity. Absent where nobody else is told them like this. */
  readonly kept?: RecentMap<Uint8Array, string>;
}

/** Of one text beside its characters and its response, bytes. */
const ENTRY_BYTES = 200;

/**
 * The responses of a stream as texts, one for each, made as they are asked for. No generator, as that would hold a text while its reader takes
 * it.
 */
export function streamTexts(
  responses: AsyncIterable<object | Uint8Array>,
  options: StreamTextOptions,
): AsyncIterableIterator<string> {
  const iterator = responses[Symbol.asyncIterator]();
  const texts: AsyncIterableIterator<string> = {
    next: () =>
      iterator.next().then(({ done, value }) => (done === true ? OVER : { value: sharedText(value, options) })),
    return: async () => {
      await iterator.return?.();
      return OVER;
    },
    [Symbol.asyncIterator]: () => texts,
  };
  return texts;
}

const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined };

function sharedText(response: object | Uint8Array, options: StreamTextOptions): string {
  const { kept } = options;
  if (kept === undefined || !(response instanceof Uint8Array)) return textOf(response, options);
  return kept.get(response) ?? keep(response, textOf(response, options), kept);
}

function keep(response: Uint8Array, text: string, kept: RecentMap<Uint8Array, string>): string {
  // Two bytes a character at most, as strings are held.
  kept.set(response, text, response.length + 2 * text.length + ENTRY_BYTES);
  return text;
}

function textOf(
  response: object | Uint8Array,
  { method: { resumption }, responseType, form, show }: StreamTextOptions,
): string {
  const message = response instanceof Uint8Array ? decodeMessage(responseType, response) : (response as Message);
  const cursor = resumption === undefined ? undefined : message[resumption.cursorField];
  const id = typeof cursor === 'string' ? cursor : '';
  const isHeartbeat = resumption !== undefined && message[resumption.heartbeatField] !== undefined;
  return isHeartbeat ? form.alive(id) : form.message(show(message), id);
}

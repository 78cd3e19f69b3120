import type { StreamMethod } from '../../api/method.ts';
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
}

/** The responses of a stream as texts, one for each, made as they are asked for. */
export async function* streamTexts(
  responses: AsyncIterable<object | Uint8Array>,
  { method: { resumption }, responseType, form, show }: StreamTextOptions,
): AsyncGenerator<string> {
  for await (const response of responses) {
    const message = response instanceof Uint8Array ? decodeMessage(responseType, response) : (response as Message);
    const cursor = resumption === undefined ? undefined : message[resumption.cursorField];
    const id = typeof cursor === 'string' ? cursor : '';
    const isHeartbeat = resumption !== undefined && message[resumption.heartbeatField] !== undefined;
    yield isHeartbeat ? form.alive(id) : form.message(show(message), id);
  }
}

import { messageName, type Any } from '../core/any.ts';
import { invalidArgument } from '../core/status-error.ts';
import type { ResponsePublisher } from '../operations/control/response-publisher.ts';
import type { ChecksCodec, ChecksType } from './checks-message.ts';
import { parentOf } from './checks-names.ts';

interface RequestCodec {
  /** The name that a request gives to its result. @throws Error when it is none of ours. */
  resultOf(request: Any): string;
}

export interface ResponsePublisherOptions {
  /** What such work ends with. */
  readonly type: ChecksType;
  readonly codec: Pick<ChecksCodec, 'decode' | 'assertReadable'>;
  readonly requests: RequestCodec;
  /** How long the result is kept, milliseconds. */
  readonly retentionMs: number;
}

/** Publishes what an operation of Checks ends with, under the name that its request gives. */
export function responsePublisher({ type, codec, requests, retentionMs }: ResponsePublisherOptions): ResponsePublisher {
  const { kind, typeName } = type;
  return ({ request }, response, now) => {
    const given = messageName(response);
    if (given !== typeName) {
      throw invalidArgument('response', `is a ${given}; work of this kind ends with a ${typeName}`, {
        metadata: { type: given },
      });
    }
    const name = requests.resultOf(request);
    const message = codec.decode(typeName, response.value);
    if (message['name'] !== name) {
      throw invalidArgument('response.name', `must be ${name}, as the request says`, { metadata: { result: name } });
    }
    codec.assertReadable(typeName, message);
    const next = { collection: parentOf(name), value: response.value, createTimeMs: now };
    return [{ kind, name, revision: 0, next: { ...next, expireTimeMs: now + retentionMs } }];
  };
}

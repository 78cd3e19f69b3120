import { messageName, typeUrl } from '../core/any.ts';
import { invalidArgument } from '../core/status-error.ts';
import type { AnyResolver } from '../operations/presenter.ts';
import { protoMessageTypes } from './message-types.ts';
import { unpackAny, type Message } from './protos.ts';

/** Resolves Anys by the protos that are loaded. */
export const protoAnyResolver: AnyResolver = {
  types: protoMessageTypes,
  resolve(any): Message | undefined {
    try {
      return unpackAny(any);
    } catch (cause) {
      const type = messageName(any);
      throw invalidArgument('type_url', `the bytes of ${typeUrl(type)} are not a ${type}`, {
        reason: 'MALFORMED_ANY',
        metadata: { type },
        cause,
      });
    }
  },
};

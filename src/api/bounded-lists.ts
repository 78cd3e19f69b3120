import { Gate } from '../core/gate.ts';
import type { ApiLimits } from './limits.ts';
import type { AnyMethod, CallContext, Method } from './method.ts';

/**
 * The methods, those that list held to so many calls at a time, over all of them and all transports: a page is large, and so is what is made of
 * it. A call is inside from when it is read until its answer is made; who waits holds its request alone, and leaves with its signal.
 */
export function boundedLists(methods: readonly AnyMethod[], { listCountMax }: ApiLimits): readonly AnyMethod[] {
  const gate = new Gate(listCountMax);
  return methods.map((method) => (isList(method) ? boundedList(method, gate) : method));
}

function isList(method: AnyMethod): method is Method {
  return 'handle' in method && method.rpc.startsWith('List');
}

function boundedList(method: Method, gate: Gate): Method {
  const handle: Method['handle'] = (request, context) => {
    const { promise: response, resolve, reject } = Promise.withResolvers<object | Uint8Array>();
    const call = async (): Promise<void> => {
      const answered = untilAnswered(context);
      resolve(method.handle(request, context));
      await answered;
    };
    void gate.run(call, context.signal).catch(reject);
    return response;
  };
  return { ...method, handle };
}

function untilAnswered(context: CallContext): Promise<void> {
  return new Promise((resolve) => {
    context.whenAnswered(resolve);
  });
}

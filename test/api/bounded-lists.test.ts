import { describe, expect, test } from '@jest/globals';
import { boundedLists } from '../../src/api/bounded-lists.ts';
import type { AnyMethod, CallContext, Method } from '../../src/api/method.ts';
import { settle } from '../support/fake-clock.ts';

/** A caller, who may leave, and whose answer is made when a test says so. */
class Caller implements CallContext {
  readonly #leaving = new AbortController();
  readonly #onAnswered: (() => void)[] = [];
  readonly actor = 'test';
  readonly signal = this.#leaving.signal;

  setTrailer(): void {
    // Nobody reads it.
  }

  cutOff(): void {
    this.leave();
  }

  whenAnswered(run: () => void): void {
    this.#onAnswered.push(run);
  }

  answer(): void {
    for (const run of this.#onAnswered.splice(0)) run();
  }

  leave(): void {
    this.#leaving.abort(new Error('the caller has left'));
  }
}

/** Methods of two services, held to one list at a time. `begun` has the calls that were let in. */
function methods() {
  const begun: string[] = [];
  const named = (rpc: string, handle?: Method['handle']): Method => ({
    ...{ service: 's', rpc, domain: () => 'd' },
    handle:
      handle ??
      ((request: unknown) => {
        begun.push(`${rpc} ${request as string}`);
        return Promise.resolve({ rpc });
      }),
  });
  const own = [
    named('ListOperations'),
    named('ListTransferJobs'),
    named('GetOperation'),
    named('ListBroken', () => {
      throw new Error('broken');
    }),
    named('ListFailing', () => Promise.reject(new Error('failed'))),
  ];
  const bounded = boundedLists(own, { listCountMax: 1 }) as readonly Method[];
  const call = (rpc: string, id: string, caller: Caller): Promise<object> => {
    const response = bounded.find((method) => method.rpc === rpc)?.handle(id as never, caller);
    return Promise.resolve(response ?? {});
  };
  return { begun, call, own, bounded };
}

describe('lists', () => {
  test('of all methods together wait until as many are answered as may be read', async () => {
    const { begun, call } = methods();
    const [first, second] = [new Caller(), new Caller()];
    expect(await call('ListOperations', 'a', first)).toEqual({ rpc: 'ListOperations' });
    const waiting = call('ListTransferJobs', 'b', second);
    await settle();
    // Its page is there, and its answer is still being written.
    expect(begun).toEqual(['ListOperations a']);
    first.answer();
    expect(await waiting).toEqual({ rpc: 'ListTransferJobs' });
  });

  test('leave with their caller while they wait, and hold up nobody', async () => {
    const { begun, call } = methods();
    const [first, leaver, last] = [new Caller(), new Caller(), new Caller()];
    await call('ListOperations', 'a', first);
    const [left, waiting] = [call('ListOperations', 'b', leaver), call('ListOperations', 'c', last)];
    leaver.leave();
    await expect(left).rejects.toThrow('the caller has left');
    first.answer();
    await waiting;
    expect(begun).toEqual(['ListOperations a', 'ListOperations c']);
  });

  test.each([
    ['ListBroken', 'broken'],
    ['ListFailing', 'failed'],
  ])('that fail let the next one in once that is told: %s', async (rpc, message) => {
    const { call } = methods();
    const [first, second] = [new Caller(), new Caller()];
    await expect(call(rpc, 'a', first)).rejects.toThrow(message);
    first.answer();
    expect(await call('ListOperations', 'b', second)).toEqual({ rpc: 'ListOperations' });
  });

  test('hold up no other method, and streams are left alone', async () => {
    const { call, own, bounded } = methods();
    await call('ListOperations', 'a', new Caller());
    expect(await call('GetOperation', 'b', new Caller())).toEqual({ rpc: 'GetOperation' });
    expect(bounded[2]).toBe(own[2]);
    const stream = { service: 's', rpc: 'ListForever', domain: () => 'd', stream: () => [] as never };
    expect(boundedLists([stream as AnyMethod], { listCountMax: 1 })).toEqual([stream]);
  });
});

import { beforeEach, describe, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import { DEFAULT_STORE_CALL_LIMITS, type StoreCallLimits } from '../../../src/stores/decorators/limits.ts';
import { RetryBudget } from '../../../src/stores/decorators/retry-budget.ts';
import { retryingStore } from '../../../src/stores/decorators/retrying-store.ts';
import type { ObjectRecord } from '../../../src/transfers/object-record.ts';
import type { ObjectStore } from '../../../src/transfers/object-store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FlakyStore, text, textOf, unavailable } from './flaky-store.ts';

const never = new AbortController().signal;

let clock: FakeClock;
let flaky: FlakyStore;
let store: ObjectStore;

function open(limits: Partial<StoreCallLimits> = {}, random = (): number => 0.5): void {
  clock = new FakeClock();
  flaky = new FlakyStore();
  const all = { ...DEFAULT_STORE_CALL_LIMITS, ...limits };
  store = retryingStore(flaky, { clock, random, limits: all, budget: new RetryBudget(all) });
}

beforeEach(() => open());

/** The outcome once all waits are over, and the milliseconds that were waited. */
async function settled<T>(promise: Promise<T>): Promise<readonly [T | Error, number]> {
  const startMs = clock.monotonic();
  let outcome: T | Error | undefined;
  let endMs = 0;
  const done = promise.then(
    (value) => {
      outcome = value;
      endMs = clock.monotonic();
    },
    (error: unknown) => {
      outcome = error as Error;
      endMs = clock.monotonic();
    },
  );
  await clock.advance(600_000);
  await done;
  return [outcome as T | Error, endMs - startMs];
}

describe('a call', () => {
  test('is repeated after what passes, with full jitter that doubles', async () => {
    flaky.failures.push(unavailable(), unavailable(), unavailable());
    const [outcome, waitedMs] = await settled(store.stat('k', never));
    expect(outcome).toBeUndefined();
    expect(flaky.calls).toHaveLength(4);
    expect(waitedMs).toBe(50 + 100 + 200);
  });

  // TRANSFER §2.14: "exponential full jitter 100 ms→30 s, ≤6 tries per object".
  test('is tried six times, and then fails with the last error', async () => {
    const errors = Array.from({ length: 6 }, () => unavailable());
    flaky.failures.push(...errors);
    const [outcome] = await settled(store.stat('k', never));
    expect(outcome).toBe(errors.at(-1));
    expect(flaky.calls).toHaveLength(6);
  });

  test.each([Code.NOT_FOUND, Code.PERMISSION_DENIED, Code.FAILED_PRECONDITION, Code.DATA_LOSS])(
    'is not repeated after code %i',
    async (code) => {
      flaky.failures.push(new StatusError(code, 'k', { reason: 'R' }));
      await expect(store.stat('k', never)).rejects.toMatchObject({ code });
      expect(flaky.calls).toHaveLength(1);
    },
  );

  test('is not repeated after what is final, or is a bug', async () => {
    flaky.failures.push(unavailable({ isFinal: true }), new TypeError('bug'));
    await expect(store.stat('k', never)).rejects.toMatchObject({ isFinal: true });
    await expect(store.stat('k', never)).rejects.toThrow('bug');
  });

  test('waits as long as the service asks for, at least', async () => {
    flaky.failures.push(unavailable({ retryDelayMs: 7000 }));
    const [, waitedMs] = await settled(store.stat('k', never));
    expect(waitedMs).toBe(7050);
  });

  test('fails rather than wait longer than it may be asked to', async () => {
    flaky.failures.push(unavailable({ retryDelayMs: 3_600_000 }));
    await expect(store.stat('k', never)).rejects.toMatchObject({ retryDelayMs: 3_600_000 });
  });

  test('stops waiting when it is aborted', async () => {
    flaky.failures.push(unavailable());
    const abort = new AbortController();
    const finding = store.stat('k', abort.signal);
    abort.abort(new Error('enough'));
    await expect(finding).rejects.toThrow('enough');
    expect(clock.sleeperCount).toBe(0);
  });
});

test('an outage is not answered with a multiple of the load', async () => {
  open({ retryBudgetMax: 10 });
  flaky.failures.push(...Array.from({ length: 1000 }, () => unavailable()));
  for (let call = 0; call < 20; call += 1) await settled(store.stat('k', never));
  // Four retries until the budget is half used, and then one try for each call.
  expect(flaky.calls).toHaveLength(24);
  flaky.failures.length = 0;
  for (let call = 0; call < 100; call += 1) await store.stat('k', never);
  flaky.failures.push(unavailable());
  expect((await settled(store.stat('k', never)))[0]).toBeUndefined();
});

test('a write is not repeated, as its body has passed', async () => {
  flaky.failures.push(unavailable());
  const writing = store.write('k', text('a'), { modifyTimeMs: 0, signal: never });
  await expect(writing).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  expect(flaky.calls).toEqual(['write k']);
});

describe('a body', () => {
  beforeEach(async () => {
    await flaky.write('k', text('hello world'), { modifyTimeMs: 0, signal: never });
    flaky.calls.length = 0;
  });

  test('goes on where it broke, of the same object, and tells its record once', async () => {
    flaky.failures.push(unavailable(), unavailable());
    flaky.failAfter = 4;
    const told: ObjectRecord[] = [];
    const options = { offsetBytes: 1, signal: never, onRecord: (record: ObjectRecord) => told.push(record) };
    const [outcome] = await settled(textOf(store.read('k', options)));
    expect(outcome).toBe('ello world');
    expect(flaky.calls).toEqual(['read k from 1', 'read k from 5', 'read k from 9']);
    expect(told).toHaveLength(1);
  });

  test('does not go on with another object', async () => {
    flaky.failures.push(unavailable());
    flaky.failAfter = 4;
    const reading = store.read('k', { signal: never })[Symbol.asyncIterator]();
    await reading.next();
    const next = reading.next();
    next.catch(() => undefined);
    await clock.advance(0);
    flaky.failures.length = 0;
    await flaky.write('k', text('other thing'), { modifyTimeMs: 0, signal: never });
    const [outcome] = await settled(next);
    expect(outcome).toMatchObject({ code: Code.FAILED_PRECONDITION, info: { reason: 'OBJECT_CHANGED' } });
  });

  test('that goes on every time is tried without end, one that stands still is not', async () => {
    flaky.failures.push(...Array.from({ length: 10 }, () => unavailable()));
    flaky.failAfter = 1;
    expect((await settled(textOf(store.read('k', { signal: never }))))[0]).toBe('hello world');
    flaky.failures.push(...Array.from({ length: 10 }, () => unavailable()));
    flaky.failAfter = 0;
    expect((await settled(textOf(store.read('k', { signal: never }))))[0]).toMatchObject({ code: Code.UNAVAILABLE });
  });
});

test('a listing goes on behind the last key that it gave', async () => {
  const keys = Array.from({ length: 250 }, (_, index) => `k${String(index).padStart(3, '0')}`);
  for (const key of keys) await flaky.write(key, text('x'), { modifyTimeMs: 0, signal: never });
  flaky.calls.length = 0;
  flaky.failures.push(unavailable(), unavailable());
  flaky.failAfter = 1;
  const listing = (async () => {
    const found: string[] = [];
    for await (const page of store.list('', { signal: never })) found.push(...page.keys);
    return found;
  })();
  expect((await settled(listing))[0]).toEqual(keys);
  expect(flaky.calls).toEqual(['list after ', 'list after k099', 'list after k199']);
});

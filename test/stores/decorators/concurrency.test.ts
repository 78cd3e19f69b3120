import { describe, expect, test } from '@jest/globals';
import { boundingStore } from '../../../src/stores/decorators/bounding-store.ts';
import { ConcurrencyGate } from '../../../src/stores/decorators/concurrency-gate.ts';
import { nextConcurrency, type ConcurrencyState } from '../../../src/stores/decorators/concurrency-rule.ts';
import { DEFAULT_STORE_CALL_LIMITS } from '../../../src/stores/decorators/limits.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { FlakyStore, text, textOf, unavailable } from './flaky-store.ts';

const never = new AbortController().signal;
const limits = { ...DEFAULT_STORE_CALL_LIMITS, concurrencyInitial: 2, concurrencyMax: 6 };

describe('the rule', () => {
  const state: ConcurrencyState = { limit: 4, lastGoodput: 1000, keepUntilMs: 0 };
  const full = { isSlowedDown: false, isFull: true };

  test.each([
    ['one more while it pays', state, { ...full, goodput: 1050 }, { limit: 5, lastGoodput: 1050, keepUntilMs: 0 }],
    [
      'one fewer when it does not',
      state,
      { ...full, goodput: 1049 },
      { limit: 3, lastGoodput: 0, keepUntilMs: 30_100 },
    ],
    ['as it is when not all was used', state, { ...full, isFull: false, goodput: 9999 }, state],
    [
      'half when the endpoint asks for it',
      state,
      { ...full, isSlowedDown: true, goodput: 9999 },
      { limit: 2, lastGoodput: 0, keepUntilMs: 30_100 },
    ],
    [
      'never below the least',
      { ...state, limit: 1 },
      { ...full, isSlowedDown: true, goodput: 0 },
      { limit: 1, lastGoodput: 0, keepUntilMs: 30_100 },
    ],
    [
      'never above the most',
      { ...state, limit: 6 },
      { ...full, goodput: 9999 },
      { limit: 6, lastGoodput: 0, keepUntilMs: 30_100 },
    ],
    [
      'found anew from below after a while',
      { ...state, keepUntilMs: 90 },
      { ...full, goodput: 9999 },
      { limit: 3, lastGoodput: 0, keepUntilMs: 0 },
    ],
    ['kept for a while', { ...state, keepUntilMs: 200 }, { ...full, goodput: 9999 }, { ...state, keepUntilMs: 200 }],
  ])('%s', (_, before, window, after) => {
    expect(nextConcurrency(before, window, limits, 100)).toEqual(after);
  });

  // TRANSFER §1.1: others never re-tune; §2.14: "re-tune every 30 s".
  test('finds the number that a server takes well, and finds a new one when the server changes', () => {
    let now = 0;
    let best = 5;
    let at: ConcurrencyState = { limit: 2, lastGoodput: 0, keepUntilMs: 0 };
    const run = (rounds: number): void => {
      for (let round = 0; round < rounds; round += 1) {
        now += 1000;
        const goodput = 1000 * Math.min(at.limit, best);
        at = nextConcurrency(at, { ...full, goodput }, limits, now);
      }
    };
    run(20);
    expect(at.limit).toBe(5);
    best = 2;
    run(200);
    expect(at.limit).toBeLessThanOrEqual(3);
    best = 6;
    run(200);
    expect(at.limit).toBeGreaterThanOrEqual(5);
  });
});

describe('the gate', () => {
  test('lets in as many as it may, in turn', async () => {
    const gate = new ConcurrencyGate(new FakeClock(), limits);
    const entered: number[] = [];
    const leaves: ((outcome: { sizeBytes: number; isSlowedDown: boolean }) => void)[] = [];
    for (const index of [0, 1, 2, 3]) {
      void gate.enter(never).then((leave) => {
        entered.push(index);
        leaves.push(leave);
      });
    }
    await settle();
    expect([entered, gate.waitingCount]).toEqual([[0, 1], 2]);
    leaves[0]?.({ sizeBytes: 1, isSlowedDown: false });
    const late = gate.enter(never).then(() => entered.push(4));
    await settle();
    expect(entered).toEqual([0, 1, 2]);
    leaves[1]?.({ sizeBytes: 1, isSlowedDown: false });
    leaves[2]?.({ sizeBytes: 1, isSlowedDown: false });
    await late;
    expect(entered).toEqual([0, 1, 2, 3, 4]);
  });

  test('forgets who stops waiting', async () => {
    const gate = new ConcurrencyGate(new FakeClock(), { ...limits, concurrencyInitial: 1 });
    const leave = await gate.enter(never);
    const abort = new AbortController();
    const waiting = gate.enter(abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(gate.waitingCount).toBe(0);
    leave({ sizeBytes: 0, isSlowedDown: false });
    expect(typeof (await gate.enter(never))).toBe('function');
  });

  test('halves when a call is asked to slow down, whatever the call', async () => {
    const gate = new ConcurrencyGate(new FakeClock(), { ...limits, concurrencyInitial: 6 });
    const flaky = new FlakyStore();
    const store = boundingStore(flaky, gate);
    flaky.failures.push(unavailable({ reason: 'SLOW_DOWN' }));
    await expect(store.stat('k', never)).rejects.toThrow();
    expect(gate.limit).toBe(3);
    await store.write('k', text('a'), { modifyTimeMs: 0, signal: never });
    flaky.failures.push(unavailable({ reason: 'SLOW_DOWN' }));
    await expect(textOf(store.read('k', { signal: never }))).rejects.toThrow();
    expect(gate.limit).toBe(1);
  });

  test('is left by a body that is broken off', async () => {
    const gate = new ConcurrencyGate(new FakeClock(), { ...limits, concurrencyInitial: 1 });
    const store = boundingStore(new FlakyStore(), gate);
    await store.write('k', text('a'), { modifyTimeMs: 0, signal: never });
    for await (const _ of store.read('k', { signal: never })) break;
    expect(await store.stat('k', never)).toBeDefined();
  });
});

import { describe, expect, test } from '@jest/globals';
import { LeaseKeeper } from '../../src/client/lease-keeper.ts';
import { DEFAULT_CLIENT_LIMITS } from '../../src/client/limits.ts';
import type { OwnerUpdate, UpdateAnswer } from '../../src/client/owner-messages.ts';
import { EMPTY } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { FakeClock } from '../support/fake-clock.ts';

const LEASE_MS = 30_000;

type Answer = (update: OwnerUpdate, signal: AbortSignal, timeoutMs?: number) => Promise<UpdateAnswer>;

/** A keeper of a lease of 30 s, over a server that answers as it is told. */
function keeping(answer: Answer = () => Promise.resolve({ leaseDurationMs: LEASE_MS })) {
  const clock = new FakeClock();
  const sent: { readonly atMs: number; readonly update: OwnerUpdate }[] = [];
  const heard: string[] = [];
  const keeper = new LeaseKeeper({
    control: {
      update: (_lease, update, { signal = new AbortController().signal, timeoutMs } = {}) => {
        const told = update ?? {};
        sent.push({ atMs: clock.monotonic(), update: told });
        return answer(told, signal, timeoutMs);
      },
    },
    clock,
    limits: DEFAULT_CLIENT_LIMITS,
    lease: { name: 'operations/1', fence: 1n, durationMs: LEASE_MS },
    sentMs: 0,
    onCancel: ({ reason }) => void heard.push(reason),
    onLost: ({ info }) => void heard.push(info.reason),
    onRefused: ({ info }) => void heard.push(`refused ${info.reason}`),
  });
  return { clock, sent, heard, keeper, running: keeper.run(), sentAt: () => sent.map(({ atMs }) => atMs) };
}

function refusal(code: Code, reason: string): () => Promise<never> {
  return () => Promise.reject(new StatusError(code, 'refused', { reason }));
}

test('a lease is renewed each third of its time', async () => {
  const { clock, sentAt } = keeping();

  await clock.advance(30_000);

  expect(sentAt()).toEqual([10_000, 20_000, 30_000]);
});

test('a server that is away is asked again and again, and the lease is lost when its time is over, not before', async () => {
  const { clock, heard, running } = keeping(refusal(Code.UNAVAILABLE, 'AWAY'));

  await clock.advance(29_999);
  expect(heard).toEqual([]);
  await clock.advance(1);

  expect(heard).toEqual(['LEASE_LOST']);
  await running;
});

test('a lease counts from when its renewal was sent, not from when that was answered', async () => {
  let count = 0;
  const slow = Promise.withResolvers<UpdateAnswer>();
  const { clock, heard } = keeping(() => {
    count += 1;
    return count === 1 ? slow.promise : refusal(Code.UNAVAILABLE, 'AWAY')();
  });
  await clock.advance(25_000);
  slow.resolve({ leaseDurationMs: LEASE_MS });

  await clock.advance(14_999);
  expect(heard).toEqual([]);
  await clock.advance(1);

  expect(heard).toEqual(['LEASE_LOST']);
});

test('a server that is back in time keeps the lease', async () => {
  let isAway = true;
  const { clock, heard, sentAt } = keeping(() =>
    isAway ? refusal(Code.UNAVAILABLE, 'AWAY')() : Promise.resolve({ leaseDurationMs: LEASE_MS }),
  );
  await clock.advance(25_000);
  isAway = false;
  await clock.advance(20_000);

  expect(heard).toEqual([]);
  expect(sentAt().at(-1)).toBeGreaterThan(30_000);
});

test.each([
  [Code.ABORTED, 'STALE_FENCE'],
  [Code.NOT_FOUND, 'OPERATION_NOT_FOUND'],
])('a lease that the server does not know (%d) is lost at once', async (code, reason) => {
  const { clock, heard, running } = keeping(refusal(code, reason));

  await clock.advance(10_000);

  expect(heard).toEqual([reason]);
  await running;
});

test('a cancel is told once', async () => {
  const cancel = { reason: 'user', actor: '', requestTimeMs: 0, graceLeftMs: 1 } as const;
  const { clock, heard } = keeping(() => Promise.resolve({ leaseDurationMs: LEASE_MS, cancel }));

  await clock.advance(30_000);

  expect(heard).toEqual(['user']);
});

describe('what is reported', () => {
  test('goes at most once a second, the latest of all', async () => {
    const { clock, sent, keeper } = keeping();
    for (let tenth = 0; tenth < 25; tenth++) {
      keeper.report({ progress: { items: { done: tenth } } });
      await clock.advance(100);
    }

    expect(sent.map(({ atMs, update }) => [atMs, update.progress?.items?.done])).toEqual([
      [1000, 9],
      [2000, 19],
    ]);
  });

  test('while a call is under way goes with the next one', async () => {
    const first = Promise.withResolvers<UpdateAnswer>();
    let count = 0;
    const { clock, sent, keeper } = keeping(() => {
      count += 1;
      return count === 1 ? first.promise : Promise.resolve({ leaseDurationMs: LEASE_MS });
    });
    keeper.report({ progress: { stage: 'one' } });
    await clock.advance(1000);
    keeper.report({ progress: { stage: 'two' } });
    first.resolve({ leaseDurationMs: LEASE_MS });
    await clock.advance(1000);

    expect(sent.map(({ update }) => update.progress?.stage)).toEqual(['one', 'two']);
  });

  test('and was not taken goes again', async () => {
    let isAway = true;
    const { clock, sent, keeper } = keeping(() =>
      isAway ? refusal(Code.UNAVAILABLE, 'AWAY')() : Promise.resolve({ leaseDurationMs: LEASE_MS }),
    );
    const saving = keeper.save(EMPTY);
    keeper.report({ progress: { stage: 'one' } });
    await clock.advance(0);
    isAway = false;
    await clock.advance(100);
    await saving;

    expect(sent.at(-1)?.update).toEqual({ checkpoint: EMPTY, progress: { stage: 'one' } });
  });

  test('and not sent when the work ends is kept for the outcome, also what was under way', async () => {
    const { clock, keeper, running } = keeping(
      (_update, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    );
    keeper.report({ metadata: EMPTY });
    await clock.advance(1000);
    keeper.report({ progress: { stage: 'last' } });

    const unsent = await keeper.finish();
    keeper.stop();
    await running;

    expect(unsent).toEqual({ metadata: EMPTY, progress: { stage: 'last' } });
  });

  test('and refused is dropped, so that the lease can still be renewed', async () => {
    const { clock, heard, keeper, sent } = keeping(({ metadata }) =>
      metadata === undefined ? Promise.resolve({ leaseDurationMs: LEASE_MS }) : refusal(Code.INVALID_ARGUMENT, 'BAD')(),
    );
    keeper.report({ metadata: EMPTY });
    await clock.advance(1200);

    expect(heard).toEqual(['refused BAD']);
    expect(sent.at(-1)?.update).toEqual({});
  });
});

describe('what a server that answers does not take', () => {
  const failing = (code: Code, reason: string) =>
    keeping(({ metadata }) =>
      metadata === undefined ? Promise.resolve({ leaseDurationMs: LEASE_MS }) : refusal(code, reason)(),
    );

  test.each([
    [Code.INTERNAL, 'INTERNAL'],
    [Code.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
    [Code.RESOURCE_EXHAUSTED, 'WRITE_QUEUE_FULL'],
  ])('keeps no lease from being renewed (%d)', async (code, reason) => {
    const { clock, heard, keeper, sent } = failing(code, reason);
    keeper.report({ metadata: EMPTY });
    await clock.advance(DEFAULT_CLIENT_LIMITS.reconnectMaxMs - 1);

    expect(heard).toEqual([]);
    const carrying = sent.filter(({ update }) => update.metadata !== undefined);
    // The longest delay is two seconds.
    expect(carrying.length).toBeGreaterThan(20);
    expect(carrying.length).toBeLessThan(40);
  });

  test('in time for a renewal leaves half of what is left for it', async () => {
    const { clock, heard, keeper, sentAt } = keeping(
      ({ metadata }, _signal, timeoutMs = 0) =>
        new Promise((resolve, reject) => {
          if (metadata === undefined) resolve({ leaseDurationMs: LEASE_MS });
          else clock.after(timeoutMs, () => void refusal(Code.DEADLINE_EXCEEDED, 'SLOW')().catch(reject));
        }),
    );
    keeper.report({ metadata: EMPTY });
    await clock.advance(2 * LEASE_MS);

    expect(heard).toEqual([]);
    expect(sentAt().slice(0, 2)).toEqual([1000, 15_600]);
  });

  test('for a minute is refused when it is the server that fails', async () => {
    const { clock, heard, keeper } = failing(Code.INTERNAL, 'INTERNAL');
    keeper.report({ metadata: EMPTY });
    await clock.advance(2 * DEFAULT_CLIENT_LIMITS.reconnectMaxMs);

    expect(heard).toEqual(['refused INTERNAL']);
  });
});

test('a checkpoint goes at once, and is refused once the lease is lost', async () => {
  const { clock, keeper, sentAt } = keeping(refusal(Code.ABORTED, 'STALE_FENCE'));

  const first = keeper.save(EMPTY);
  await clock.advance(0);

  await expect(first).rejects.toMatchObject({ info: { reason: 'STALE_FENCE' } });
  await expect(keeper.save(EMPTY)).rejects.toMatchObject({ info: { reason: 'LEASE_LOST' } });
  expect(sentAt()).toEqual([0]);
});

test('a keeper that is stopped leaves no timer', async () => {
  const { clock, keeper, running } = keeping();
  await clock.advance(1);

  keeper.stop();
  await running;

  expect(clock.sleeperCount).toBe(0);
});

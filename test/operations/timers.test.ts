import { describe, expect, test } from '@jest/globals';
import type { RetryPolicy } from '../../src/operations/lease.ts';
import { AT_ONCE, type Operation } from '../../src/operations/operation.ts';
import { fireTimer, timerOf } from '../../src/operations/timers.ts';
import { heldOperation, sampleOperation } from './sample-operation.ts';

const NOW = 10_000;
const OWNER = { leaseDurationMs: 5_000, cancelGraceMs: 2_000, abandonAfterMs: 9_000 };
const POLICY: RetryPolicy = {
  failureBackoff: { initialMs: 1000, maxMs: 60_000 },
  deathBackoff: { initialMs: 1000, maxMs: 30_000 },
  deathCountAlone: 3,
  deathCountMax: 100,
  random: () => 0.5,
};
const ASKED = { reason: 'user', actor: '', requestTimeMs: 9_000 } as const;
const owned = (changes: Partial<Operation> = {}): Operation =>
  heldOperation({ owner: OWNER, attemptStartTimeMs: 8_000, ...changes });
const cancelling = (deliverTimeMs: number): Operation =>
  owned({ state: 'CANCELLING', cancel: { ...ASKED, deliverTimeMs } });

describe('the timer of an operation', () => {
  const table: readonly [string, Operation, number | undefined][] = [
    ['without a time', sampleOperation(), undefined],
    ['with a deadline', sampleOperation({ deadlineTimeMs: 11_000 }), 11_000],
    ['that is paused, with a deadline', sampleOperation({ state: 'PAUSED', deadlineTimeMs: 11_000 }), 11_000],
    ['that is done', sampleOperation({ state: 'FAILED', deadlineTimeMs: 11_000 }), undefined],
    ['that is being cancelled already', heldOperation({ state: 'CANCELLING', deadlineTimeMs: 11_000 }), undefined],
    ["whose run timeout is its worker's to keep", heldOperation({ attemptStartTimeMs: 1, runTimeoutMs: 1 }), undefined],
    ['held by an owner, with a run timeout', owned({ runTimeoutMs: 2_500 }), 10_500],
    ['held by an owner that was told of a cancel', cancelling(9_500), 11_500],
    ['held by an owner that was not told yet', owned({ state: 'CANCELLING', cancel: ASKED }), undefined],
    ['that waits for an owner', sampleOperation({ owner: OWNER, abandonTimeMs: 12_000 }), 12_000],
    ['whose cancel is to be carried on', sampleOperation({ state: 'CANCELLED', cascading: true }), AT_ONCE],
    ['with several times', owned({ runTimeoutMs: 2_500, deadlineTimeMs: 10_400 }), 10_400],
  ];

  test.each(table)('%s', (_, operation, expected) => {
    expect(timerOf(operation)).toBe(expected);
  });
});

describe('a timer that fires', () => {
  test('does nothing before its time', () => {
    const operation = sampleOperation({ deadlineTimeMs: NOW + 1 });
    expect(fireTimer(operation, NOW, POLICY)).toBe(operation);
  });

  test('cancels what waits when its deadline passes, with DEADLINE_EXCEEDED', () => {
    expect(fireTimer(sampleOperation({ deadlineTimeMs: NOW }), NOW, POLICY)).toMatchObject({
      state: 'CANCELLED',
      cancel: { reason: 'deadline', stopConfirmed: true },
      result: { error: { code: 4, info: { reason: 'OPERATION_DEADLINE_EXCEEDED' } } },
    });
  });

  test('asks work that runs to stop at its deadline', () => {
    const fired = fireTimer(heldOperation({ deadlineTimeMs: NOW }), NOW, POLICY);
    expect(fired).toMatchObject({ state: 'CANCELLING', cancel: { reason: 'deadline', requestTimeMs: NOW } });
    expect(fireTimer(fired, NOW, POLICY)).toBe(fired);
  });

  test('takes an attempt away from an owner that takes too long, and another may try', () => {
    expect(fireTimer(owned({ runTimeoutMs: 2_000 }), NOW, POLICY)).toMatchObject({
      state: 'QUEUED',
      failureCount: 1,
      abandonTimeMs: NOW + OWNER.abandonAfterMs,
    });
  });

  test('fails the operation with the last attempt that took too long', () => {
    expect(fireTimer(owned({ runTimeoutMs: 2_000, attemptCountMax: 1 }), NOW, POLICY)).toMatchObject({
      state: 'FAILED',
      result: { error: { code: 4, info: { reason: 'RUN_TIMEOUT' } } },
    });
  });

  test('ends a cancel that no owner confirmed within the grace', () => {
    expect(fireTimer(cancelling(8_001), NOW, POLICY).state).toBe('CANCELLING');
    expect(fireTimer(cancelling(8_000), NOW, POLICY)).toMatchObject({
      state: 'CANCELLED',
      cancel: { stopConfirmed: false },
    });
  });

  test('fails what no owner has acquired in time', () => {
    expect(fireTimer(sampleOperation({ owner: OWNER, abandonTimeMs: NOW }), NOW, POLICY)).toMatchObject({
      state: 'FAILED',
      result: { error: { code: 14, info: { reason: 'OWNER_GONE' } } },
    });
  });
});

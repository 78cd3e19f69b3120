import { describe, expect, test } from '@jest/globals';
import { EMPTY, typeUrl } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import {
  claim,
  complete,
  fail,
  isStaleFence,
  recordCheckpoint,
  recordProgress,
  recover,
  revoke,
  stop,
  type RetryPolicy,
} from '../../src/operations/lease.ts';
import { AT_ONCE, waitsAfter, type Operation } from '../../src/operations/operation.ts';
import { requestCancel, requestSuspend, resume } from '../../src/operations/transitions.ts';
import { heldOperation, sampleOperation } from './sample-operation.ts';

const LEASE = { name: 'operations/1', fence: 1n };
const NOW = 5000;
const METADATA = { typeUrl: typeUrl('google.protobuf.Empty'), value: new Uint8Array([1]) };
const POLICY: RetryPolicy = {
  failureBackoff: { initialMs: 1000, maxMs: 8000 },
  deathBackoff: { initialMs: 1000, maxMs: 30_000 },
  deathCountAlone: 3,
  deathCountMax: 100,
  random: () => 0.5,
};
const FAILURE = { status: { code: Code.UNAVAILABLE, message: 'away' }, retryable: true, policy: POLICY };
const cancelling = () => requestCancel(heldOperation(), 4000, { reason: 'user', actor: '' });
const suspending = () => requestSuspend(heldOperation());

describe('claim', () => {
  test('grants under a fence one larger and counts the attempt', () => {
    expect(claim(sampleOperation({ fence: 7n }), NOW, 's9')).toMatchObject({
      state: 'RUNNING',
      session: 's9',
      fence: 8n,
      attemptCount: 1,
      startTimeMs: NOW,
    });
  });

  test('keeps the start time of the first attempt', () => {
    expect(claim(sampleOperation({ startTimeMs: 1200 }), NOW, 's9').startTimeMs).toBe(1200);
  });

  test('passes over work that is not due, and work that is not queued', () => {
    const later = sampleOperation({ dueTimeMs: NOW + 1 });
    expect(claim(later, NOW, 's9')).toBe(later);
    const held = heldOperation();
    expect(claim(held, NOW, 's9')).toBe(held);
  });
});

describe('a write under a lease that is not the current one is refused', () => {
  const writes = [
    ['progress', (o) => recordProgress(o, NOW, LEASE, { metadata: METADATA })],
    ['checkpoint', (o) => recordCheckpoint(o, NOW, LEASE, { checkpoint: METADATA })],
    ['complete', (o) => complete(o, NOW, LEASE, EMPTY)],
    ['fail', (o) => fail(o, NOW, LEASE, FAILURE)],
    ['stop', (o) => stop(o, NOW, LEASE)],
    ['revoke', (o) => revoke(o, NOW, LEASE)],
  ] as [string, (operation: ReturnType<typeof heldOperation>) => unknown][];

  test.each(writes)('%s by an older fence', (_name, write) => {
    expect(() => write(heldOperation({ fence: 2n }))).toThrow(expect.objectContaining({ code: Code.ABORTED }));
  });

  test.each(writes)('%s on work that was queued again', (_name, write) => {
    expect(() => write(sampleOperation({ fence: 1n }))).toThrow(
      expect.objectContaining({ info: expect.objectContaining({ reason: 'STALE_FENCE' }) }),
    );
  });

  test.each(writes)('%s on work that is done', (_name, write) => {
    let caught: unknown;
    try {
      write(complete(heldOperation(), 4000, LEASE, EMPTY));
    } catch (error) {
      caught = error;
    }
    expect(isStaleFence(caught)).toBe(true);
  });
});

describe('how an attempt ends', () => {
  // operations.proto: "clients can use [Operations.GetOperation] … to check whether the cancellation succeeded or whether the operation completed despite cancellation"
  test('work that completes despite its cancellation has succeeded', () => {
    expect(complete(cancelling(), NOW, LEASE, EMPTY)).toMatchObject({
      state: 'SUCCEEDED',
      result: { response: EMPTY },
    });
  });

  test('an error during cancellation is shown, never hidden as a cancel, and not retried', () => {
    expect(fail(cancelling(), NOW, LEASE, FAILURE)).toMatchObject({
      state: 'FAILED',
      result: { error: { code: Code.UNAVAILABLE } },
    });
  });

  test('work that stopped for its cancel is CANCELLED with every leg', () => {
    const { state, cancel } = stop(cancelling(), NOW, LEASE, { deliverTimeMs: 4100, acknowledgeTimeMs: 4200 });
    expect(state).toBe('CANCELLED');
    expect(cancel).toMatchObject({
      requestTimeMs: 4000,
      deliverTimeMs: 4100,
      acknowledgeTimeMs: 4200,
      stopTimeMs: NOW,
      stopConfirmed: true,
    });
  });

  test('work that did not stop in time is CANCELLED, its stop unconfirmed', () => {
    const revoked = revoke(cancelling(), NOW, LEASE);
    expect(revoked).toMatchObject({ state: 'CANCELLED', cancel: { stopConfirmed: false } });
    expect(revoked.result).toMatchObject({ error: { info: { metadata: { stopConfirmed: 'false' } } } });
  });

  test('work that drained is PAUSED when that was asked for, else queued with no attempt burnt', () => {
    expect(stop(suspending(), NOW, LEASE).state).toBe('PAUSED');
    expect(stop(heldOperation(), NOW, LEASE)).toMatchObject({ state: 'QUEUED', failureCount: 0, deathCount: 0 });
  });

  test('a retryable failure is queued again after a jittered backoff', () => {
    expect(fail(heldOperation({ failureCount: 1 }), NOW, LEASE, FAILURE)).toMatchObject({
      state: 'QUEUED',
      failureCount: 2,
      dueTimeMs: NOW + 1000,
    });
  });

  test('a retryable failure while pausing lets the pause stand, and is counted', () => {
    expect(fail(suspending(), NOW, LEASE, FAILURE)).toMatchObject({ state: 'PAUSED', failureCount: 1 });
  });

  describe('what an operation waits after', () => {
    const failed = (): Operation => fail(heldOperation(), NOW, LEASE, FAILURE);
    const failure = { status: FAILURE.status, timeMs: NOW, attempt: 1 };

    test('is the failure of its last attempt, without the details that an owner gave', () => {
      const status = { ...FAILURE.status, details: [METADATA] };
      expect(waitsAfter(fail(heldOperation(), NOW, LEASE, { ...FAILURE, status }))).toEqual(failure);
    });

    test('stays the same while it is paused and once it is resumed', () => {
      expect(waitsAfter(requestSuspend(failed()))).toEqual(failure);
      expect(waitsAfter(resume(requestSuspend(failed())))).toEqual(failure);
      expect(waitsAfter(fail(suspending(), NOW, LEASE, FAILURE))).toEqual(failure);
    });

    test('is nothing once the next attempt has begun, and after that only its own failure', () => {
      const running = claim(failed(), NOW + 10_000, 's2');
      expect(running.state).toBe('RUNNING');
      expect(waitsAfter(running)).toBeUndefined();
      expect(waitsAfter(stop(running, NOW, { ...LEASE, fence: 2n }))).toBeUndefined();
      expect(waitsAfter(recover(running, NOW, POLICY, true))).toBeUndefined();
      const again = { ...FAILURE, status: { code: Code.ABORTED, message: 'busy' } };
      expect(waitsAfter(fail(running, NOW + 11_000, { ...LEASE, fence: 2n }, again))).toEqual({
        status: again.status,
        timeMs: NOW + 11_000,
        attempt: 2,
      });
    });

    test('is nothing of an operation that has ended', () => {
      expect(waitsAfter(requestCancel(failed(), NOW, { reason: 'user', actor: '' }))).toBeUndefined();
    });

    test('is its deaths from when on it backs off after them', () => {
      expect(waitsAfter(recover(heldOperation({ deathCount: 1 }), NOW, POLICY, true))).toBeUndefined();
      expect(waitsAfter(recover(heldOperation({ deathCount: 2 }), NOW, POLICY, true))).toMatchObject({
        status: { code: Code.INTERNAL, info: { reason: 'ATTEMPTS_DIED', metadata: { deathCount: '3' } } },
      });
    });
  });

  test('the last failure allowed is final', () => {
    expect(fail(heldOperation({ failureCount: 2 }), NOW, LEASE, FAILURE).state).toBe('FAILED');
  });

  test('a failure that is not retryable is final', () => {
    expect(fail(heldOperation(), NOW, LEASE, { ...FAILURE, retryable: false }).state).toBe('FAILED');
  });
});

describe('recover', () => {
  test('queues the work of a dead holder at once and counts the death', () => {
    expect(recover(heldOperation({ deathCount: 1 }), NOW, POLICY, true)).toMatchObject({
      state: 'QUEUED',
      deathCount: 2,
      dueTimeMs: AT_ONCE,
    });
  });

  test('backs off from the third death on', () => {
    expect(recover(heldOperation({ deathCount: 2 }), NOW, POLICY, true)).toMatchObject({
      state: 'QUEUED',
      deathCount: 3,
      dueTimeMs: NOW + 500,
    });
    expect(recover(heldOperation({ deathCount: 90 }), NOW, POLICY, true)).toMatchObject({ dueTimeMs: NOW + 15_000 });
  });

  test('gives up at the hundredth death', () => {
    expect(recover(heldOperation({ deathCount: 99 }), NOW, POLICY, true)).toMatchObject({
      state: 'FAILED',
      result: { error: { info: { reason: 'ATTEMPTS_DIED' } } },
    });
  });

  test('a durable checkpoint forgets the deaths before it', () => {
    expect(recordCheckpoint(heldOperation({ deathCount: 50 }), NOW, LEASE, { checkpoint: METADATA })).toMatchObject({
      deathCount: 0,
      checkpoint: METADATA,
    });
  });

  test('finishes a cancel without another attempt; its stop is confirmed only by a proven death', () => {
    expect(recover(cancelling(), NOW, POLICY, true)).toMatchObject({
      state: 'CANCELLED',
      cancel: { stopConfirmed: true },
    });
    expect(recover(cancelling(), NOW, POLICY, false)).toMatchObject({
      state: 'CANCELLED',
      cancel: { stopConfirmed: false },
    });
  });

  test('lets a pause stand', () => {
    expect(recover(suspending(), NOW, POLICY, true).state).toBe('PAUSED');
  });

  test('leaves work alone that nobody holds', () => {
    const queued = sampleOperation();
    expect(recover(queued, NOW, POLICY, true)).toBe(queued);
  });
});

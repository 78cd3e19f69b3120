import { describe, expect, test } from '@jest/globals';
import { EMPTY } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import { AT_ONCE, STATES, isDone, type Operation, type State } from '../../src/operations/operation.ts';
import { end, markDeleted, requestCancel, requestSuspend, resume } from '../../src/operations/transitions.ts';
import { heldOperation, sampleOperation } from './sample-operation.ts';

const BY_USER = { reason: 'user', actor: 'somebody' } as const;
const NOW = 5000;

function inState(state: State): Operation {
  if (state === 'QUEUED' || state === 'PAUSED') return sampleOperation({ state });
  if (state === 'RUNNING' || state === 'SUSPENDING' || state === 'CANCELLING') return heldOperation({ state });
  const result = state === 'SUCCEEDED' ? { response: EMPTY } : { error: { code: Code.UNKNOWN, message: 'x' } };
  return end(heldOperation(), 2000, state, result);
}

describe('requestCancel', () => {
  test.each([
    ['QUEUED', 'CANCELLED'],
    ['PAUSED', 'CANCELLED'],
    ['RUNNING', 'CANCELLING'],
    ['SUSPENDING', 'CANCELLING'],
    ['CANCELLING', 'CANCELLING'],
    ['SUCCEEDED', 'SUCCEEDED'],
    ['FAILED', 'FAILED'],
    ['CANCELLED', 'CANCELLED'],
  ] as const)('turns %s into %s', (before, after) => {
    expect(requestCancel(inState(before), NOW, BY_USER).state).toBe(after);
  });

  test.each(['CANCELLING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const)('changes nothing in %s', (state) => {
    const operation = inState(state);
    expect(requestCancel(operation, NOW, BY_USER)).toBe(operation);
  });

  // operations.proto: "Operations that have been cancelled successfully have [Operation.error] value with a [google.rpc.Status.code] of 1"
  test('ends queued work with error code 1 and a confirmed stop', () => {
    const operation = requestCancel(inState('QUEUED'), NOW, BY_USER);
    expect(operation.result).toMatchObject({
      error: { code: 1, info: { reason: 'OPERATION_CANCELLED', metadata: { stopConfirmed: 'true' } } },
    });
    expect(operation).toMatchObject({ endTimeMs: NOW, expireTimeMs: NOW + operation.retentionMs });
    expect(operation.cancel).toEqual({ ...BY_USER, requestTimeMs: NOW, stopTimeMs: NOW, stopConfirmed: true });
  });

  test('keeps the lease of running work, so that its outcome decides', () => {
    expect(requestCancel(inState('RUNNING'), NOW, BY_USER)).toMatchObject({ session: 's1', fence: 1n });
  });
});

describe('requestSuspend and resume', () => {
  test.each([
    ['QUEUED', 'PAUSED'],
    ['RUNNING', 'SUSPENDING'],
  ] as const)('pause turns %s into %s', (before, after) => {
    expect(requestSuspend(inState(before)).state).toBe(after);
  });

  test('resume queues paused work, due at once', () => {
    expect(resume(inState('PAUSED'))).toMatchObject({ state: 'QUEUED', dueTimeMs: AT_ONCE });
  });

  // AIP-216: a state transition that is not allowed is FAILED_PRECONDITION.
  test.each(STATES.filter((state) => state !== 'QUEUED' && state !== 'RUNNING'))(
    'pause of %s is FAILED_PRECONDITION',
    (state) => {
      expect(() => requestSuspend(inState(state))).toThrow(expect.objectContaining({ code: Code.FAILED_PRECONDITION }));
    },
  );

  test.each(STATES.filter((state) => state !== 'PAUSED'))('resume of %s is FAILED_PRECONDITION', (state) => {
    expect(() => resume(inState(state))).toThrow(expect.objectContaining({ code: Code.FAILED_PRECONDITION }));
  });
});

test.each(STATES)('deleting hides an operation that is %s and leaves its work alone', (state) => {
  const operation = inState(state);
  expect(markDeleted(operation)).toEqual({ ...operation, deleted: true });
  expect(markDeleted(markDeleted(operation)).state).toBe(state);
});

test.each(STATES.filter((state) => isDone({ state })))('%s holds neither lease nor checkpoint', (state) => {
  const ended = end(heldOperation({ checkpoint: EMPTY }), NOW, state as 'FAILED', { response: EMPTY });
  expect(ended).not.toHaveProperty('session');
  expect(ended).not.toHaveProperty('checkpoint');
});

import { expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { packError, unpackError } from '../../src/workers/thread-messages.ts';

test('a StatusError is the same on both sides of a thread', () => {
  const options = {
    reason: 'IT_FAILED',
    domain: 'example.com',
    metadata: { count: '3' },
    fieldViolations: [{ field: 'a', description: 'is bad' }],
    retryDelayMs: 5,
    isFinal: true,
  };
  const error = new StatusError(Code.UNAVAILABLE, 'it failed', options);
  const received = unpackError(structuredClone(packError(error)));
  expect(received).toBeInstanceOf(StatusError);
  expect(Object.entries(received)).toEqual(Object.entries(error));
  expect(received.message).toBe('it failed');
});

import { describe, expect, test } from '@jest/globals';
import { EMPTY } from '../../src/core/any.ts';
import { Interrupted } from '../../src/core/cancellation.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { decideOutcome, type AttemptFacts, type Settled } from '../../src/workers/outcome.ts';

const REASON = new Interrupted('user', 10_000);
const BUG = new TypeError('oops');
const FACTS: AttemptFacts = {
  name: 'operations/1',
  signal: new AbortController().signal,
  suspend: new AbortController().signal,
  lost: false,
  responseSizeMaxBytes: 8,
};
const ABORTED: AttemptFacts = { ...FACTS, signal: AbortSignal.abort(REASON) };
const SUSPENDING: AttemptFacts = { ...FACTS, suspend: AbortSignal.abort() };

function statusError(code: StatusError['code']): StatusError {
  return new StatusError(code, 'it failed', { reason: 'IT_FAILED' });
}

function abortErrorOf(cause: unknown): Error {
  return Object.assign(new Error('The operation was aborted', { cause }), { name: 'AbortError' });
}

const RESPONSE: Settled = { resolved: { response: EMPTY } };
const SUSPENDED: Settled = { resolved: 'suspended' };
const BLAND = { code: Code.INTERNAL, info: { reason: 'HANDLER_FAILED' } };

describe('the outcome of a handler', () => {
  const table: readonly [string, Settled, AttemptFacts, object][] = [
    ['a response', RESPONSE, FACTS, { report: 'complete', response: EMPTY }],
    ['a response after the abort', RESPONSE, ABORTED, { report: 'complete', response: EMPTY }],
    ['a response, the lease lost', RESPONSE, { ...FACTS, lost: true }, { report: 'nothing' }],
    ['suspended when asked', SUSPENDED, SUSPENDING, { report: 'stop' }],
    ['suspended after the abort', SUSPENDED, ABORTED, { report: 'stop' }],
    ['suspended unasked', SUSPENDED, FACTS, { report: 'fail', retryable: false, status: BLAND }],
    ['suspended, the lease lost', SUSPENDED, { ...SUSPENDING, lost: true }, { report: 'nothing' }],
    ["the signal's reason", { rejected: REASON }, ABORTED, { report: 'stop' }],
    ["Node's error for the signal's reason", { rejected: abortErrorOf(REASON) }, ABORTED, { report: 'stop' }],
    ['the reason, the lease lost', { rejected: REASON }, { ...ABORTED, lost: true }, { report: 'nothing' }],
    [
      "another signal's reason",
      { rejected: new Interrupted('user', 1) },
      ABORTED,
      { report: 'fail', retryable: false, status: BLAND },
    ],
    [
      "Node's error for another signal",
      { rejected: abortErrorOf(new Error('mine')) },
      ABORTED,
      { report: 'fail', retryable: false, status: BLAND },
    ],
    ['an interrupt that nobody sent', { rejected: REASON }, FACTS, { report: 'fail', retryable: false, status: BLAND }],
    [
      'a failure that is final, of a code that may pass',
      { rejected: new StatusError(Code.UNAVAILABLE, 'it failed', { reason: 'IT_FAILED', isFinal: true }) },
      FACTS,
      { report: 'fail', retryable: false },
    ],
    ['a bug', { rejected: BUG }, FACTS, { report: 'fail', retryable: false, status: BLAND, bug: BUG }],
    [
      'a bug after the abort',
      { rejected: BUG },
      ABORTED,
      { report: 'fail', retryable: false, status: BLAND, bug: BUG },
    ],
    [
      'a failure after the abort',
      { rejected: statusError(Code.DATA_LOSS) },
      ABORTED,
      { report: 'fail', retryable: false, status: { code: Code.DATA_LOSS, message: 'it failed' } },
    ],
    [
      'a response that is too large',
      { resolved: { response: { typeUrl: 'x', value: new Uint8Array(9) } } },
      FACTS,
      {
        report: 'fail',
        retryable: false,
        status: { code: Code.RESOURCE_EXHAUSTED, info: { reason: 'RESPONSE_TOO_LARGE' } },
      },
    ],
  ];

  test.each(table)('%s', (_what, settled, facts, decision) => {
    expect(decideOutcome(settled, facts)).toMatchObject(decision);
  });

  const retryable: readonly StatusError['code'][] = [Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED, Code.ABORTED];

  test.each(Object.entries(Code).filter(([, code]) => code !== Code.OK))('of a failure with %s', (_name, code) => {
    const decision = decideOutcome({ rejected: statusError(code) }, FACTS);
    expect(decision).toMatchObject({ report: 'fail', status: { code }, retryable: retryable.includes(code) });
    expect(decision).not.toHaveProperty('bug');
  });

  test('tells nothing of a bug to clients', () => {
    expect(JSON.stringify(decideOutcome({ rejected: BUG }, FACTS))).toContain('internal error');
    expect(decideOutcome({ rejected: BUG }, FACTS)).toHaveProperty(
      'status.message',
      expect.not.stringContaining('oops'),
    );
  });
});

import { expect, test } from '@jest/globals';
import { decideOwnedOutcome, type SettledWork, type WorkFacts } from '../../src/client/owned-outcome.ts';
import { EMPTY } from '../../src/core/any.ts';
import { Interrupted, type InterruptKind } from '../../src/core/cancellation.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';

const NAME = 'operations/1';

function facts(changes: Partial<WorkFacts> = {}): WorkFacts {
  return { name: NAME, signal: new AbortController().signal, isCancelled: false, ...changes };
}

function interrupted(kind: InterruptKind): { readonly signal: AbortSignal; readonly rejected: unknown } {
  const signal = AbortSignal.abort(new Interrupted(kind, 0));
  return { signal, rejected: signal.reason };
}

const resolved: SettledWork = { response: EMPTY };
const { signal: cancelSignal, rejected: byCancel } = interrupted('user');
const { signal: drainSignal, rejected: byDrain } = interrupted('shutdown');
const nodeAbort = Object.assign(new Error('aborted', { cause: byCancel }), { name: 'AbortError' });
const unavailable = new StatusError(Code.UNAVAILABLE, 'busy', { reason: 'BUSY' });
const final = new StatusError(Code.UNAVAILABLE, 'gone', { reason: 'GONE', isFinal: true });
const taken = new StatusError(Code.ABORTED, 'stale', { reason: 'STALE_FENCE' });
const late = new StatusError(Code.ABORTED, 'late', { reason: 'LEASE_LOST' });
const notFound = new StatusError(Code.NOT_FOUND, 'none', { reason: 'NONE' });

test.each<[what: string, settled: SettledWork, facts: WorkFacts, outcome: object]>([
  ['a response completes', resolved, facts(), { report: 'complete', response: EMPTY }],
  [
    'a response after a cancel completes',
    resolved,
    facts({ signal: cancelSignal, isCancelled: true }),
    { report: 'complete' },
  ],
  [
    'the abort of a cancel is confirmed',
    { rejected: byCancel },
    facts({ signal: cancelSignal, isCancelled: true }),
    { report: 'confirm-stop' },
  ],
  [
    "Node's own error for it too",
    { rejected: nodeAbort },
    facts({ signal: cancelSignal, isCancelled: true }),
    { report: 'confirm-stop' },
  ],
  [
    'a cancel during a drain is confirmed',
    { rejected: byDrain },
    facts({ signal: drainSignal, isCancelled: true }),
    { report: 'confirm-stop' },
  ],
  [
    'the abort of a drain gives back',
    { rejected: byDrain },
    facts({ signal: drainSignal }),
    { report: 'fail', retryable: true, error: { code: Code.UNAVAILABLE, info: { reason: 'OWNER_STOPPED' } } },
  ],
  [
    'another error after a cancel stays that error',
    { rejected: notFound },
    facts({ signal: cancelSignal, isCancelled: true }),
    { report: 'fail', error: notFound, retryable: false },
  ],
  [
    'what may pass is tried again',
    { rejected: unavailable },
    facts(),
    { report: 'fail', error: unavailable, retryable: true },
  ],
  ['unless it is final', { rejected: final }, facts(), { report: 'fail', error: final, retryable: false }],
  ['what may not pass ends it', { rejected: notFound }, facts(), { report: 'fail', error: notFound, retryable: false }],
  [
    'a refused report ends it',
    { rejected: notFound },
    facts({ signal: AbortSignal.abort(notFound) }),
    { report: 'fail', error: notFound, retryable: false },
  ],
  [
    'what nobody foresaw is bland',
    { rejected: new Error('secret') },
    facts(),
    { report: 'fail', error: { code: Code.INTERNAL, info: { reason: 'HANDLER_FAILED' } }, retryable: false },
  ],
  ['a lease that was taken away reports nothing', resolved, facts({ lost: taken }), { report: 'nothing' }],
  [
    'a response under a lease that was not renewed in time completes',
    resolved,
    facts({ lost: late }),
    { report: 'complete' },
  ],
  ['anything else under it reports nothing', { rejected: notFound }, facts({ lost: late }), { report: 'nothing' }],
])('%s', (_what, settled, given, outcome) => {
  expect(decideOwnedOutcome(settled, given)).toMatchObject(outcome);
});

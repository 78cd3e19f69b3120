import { describe, expect, test } from '@jest/globals';
import type { OperationMessage } from '../../../src/client/messages.ts';
import { Code } from '../../../src/core/code.ts';
import { descriptionLines } from '../../../src/cli/format/description-lines.ts';
import { errorLines } from '../../../src/cli/format/error-text.ts';
import { operationLines } from '../../../src/cli/format/operation-lines.ts';
import { detailOf, operationTable } from '../../../src/cli/format/operation-table.ts';
import { colourStyle, plainStyle } from '../../../src/cli/format/style.ts';
import { watchLine } from '../../../src/cli/format/watch-line.ts';
import { packAny, wireAny } from '../../../src/schema/protos.ts';

const PLAIN = { width: 80, style: plainStyle };
const TIME = new Date(2026, 0, 2, 3, 4, 5);
const timestamp = { seconds: String(TIME.getTime() / 1000) };

function transfer(status: string, counters: object = {}, rest: Partial<OperationMessage> = {}): OperationMessage {
  const message = { name: 'transferOperations/1', status, startTime: timestamp, counters };
  return {
    name: 'transferOperations/1',
    metadata: wireAny(packAny('google.storagetransfer.v1.TransferOperation', message)),
    ...rest,
  };
}

describe('a list of operations', () => {
  test('tells what the server knows of their state, their start and their progress', () => {
    const failed = { name: 'operations/2', done: true, error: { code: Code.NOT_FOUND, message: 'no source' } };
    const summaries = new Map([
      ['operations/1', { state: 'STATE_CANCELLING', startTime: timestamp, progress: { items: { done: '1' } } }],
      ['operations/2', { state: 'STATE_FAILED', startTime: timestamp, progress: { bytes: { done: '2048' } } }],
    ]);

    expect(operationTable([{ name: 'operations/1' }, failed, { name: 'operations/3' }], PLAIN, summaries)).toEqual([
      'NAME          STATE       STARTED              DETAIL',
      'operations/1  CANCELLING  2026-01-02 03:04:05  1 item',
      'operations/2  FAILED      2026-01-02 03:04:05  2.00 KiB; no source',
      'operations/3  NOT DONE    -',
    ]);
  });

  test('shows where each stands, and what a transfer has copied', () => {
    const operations: OperationMessage[] = [
      transfer('IN_PROGRESS', { objectsCopiedToSink: 3, bytesCopiedToSink: 2048 }),
      { name: 'operations/1', done: true },
      { name: 'operations/2', done: true, error: { code: Code.CANCELLED, message: 'cancelled by user' } },
      { name: 'operations/3', done: true, error: { code: Code.NOT_FOUND, message: 'no source' } },
      { name: 'operations/4' },
    ];

    expect(operationTable(operations, PLAIN)).toEqual([
      'NAME                  STATE      STARTED              DETAIL',
      'transferOperations/1  RUNNING    2026-01-02 03:04:05  3 files, 2.00 KiB copied',
      'operations/1          SUCCEEDED  -',
      'operations/2          CANCELLED  -                    cancelled by user',
      'operations/3          FAILED     -                    no source',
      'operations/4          NOT DONE   -',
    ]);
  });

  test.each([
    ['a cancel that somebody asked for, which its state says', { cancelReason: 'user', stopConfirmed: 'true' }, ''],
    ['a cancel of another reason', { cancelReason: 'parent-cancelled', stopConfirmed: 'true' }, 'parent cancelled'],
    ['a stop that is not confirmed', { cancelReason: 'user', stopConfirmed: 'false' }, 'its stop is not confirmed'],
  ])('has few words for %s', (_what, metadata, detail) => {
    const details = [
      wireAny(packAny('google.rpc.ErrorInfo', { reason: 'OPERATION_CANCELLED', domain: 'd', metadata })),
    ];
    const message = 'operations/1 was cancelled; the work has stopped';

    expect(detailOf({ name: 'operations/1', done: true, error: { code: Code.CANCELLED, message, details } })).toBe(
      detail,
    );
  });

  test('does not repeat the name in why it failed', () => {
    const message = 'operations/1 has failed 5 times; see operations/1';

    expect(detailOf({ name: 'operations/1', done: true, error: { code: Code.INTERNAL, message } })).toBe(
      'has failed 5 times; see it',
    );
  });

  test('has colours for states in a terminal', () => {
    const [, line] = operationTable([{ name: 'operations/1', done: true }], { width: 80, style: colourStyle });

    expect(line).toBe('operations/1  \u001B[32mSUCCEEDED\u001B[39m  -');
  });
});

test('a change in a narrow terminal cuts the name, not what has changed', () => {
  const operation = transfer('IN_PROGRESS', { objectsCopiedToSink: 3, bytesCopiedToSink: 2048 });
  const name = `transferOperations/${'x'.repeat(60)}`;
  const line = watchLine({ changed: { operation: { ...operation, name } } }, TIME.getTime(), PLAIN);

  expect(line).toMatch(/ RUNNING +transferOp[^ ]*…x+ {2}3 files, 2\.00 KiB copied$/);
  expect(line).toHaveLength(80);
});

test('a change in a narrow terminal cuts the name, not what has changed', () => {
  const operation = transfer('IN_PROGRESS', { objectsCopiedToSink: 3, bytesCopiedToSink: 2048 });
  const name = `transferOperations/${'x'.repeat(60)}`;
  const line = watchLine({ changed: { operation: { ...operation, name } } }, TIME.getTime(), PLAIN);

  expect(line).toMatch(/ RUNNING +transferOp[^ ]*…x+ {2}3 files, 2\.00 KiB copied$/);
  expect(line).toHaveLength(80);
});

test('an operation is shown fact by fact, with the reason of its failure', () => {
  const info = packAny('google.rpc.ErrorInfo', { reason: 'SOURCE_NOT_FOUND', domain: 'd' });
  const error = { code: Code.NOT_FOUND, message: '/from not found', details: [wireAny(info)] };
  const counters = {
    objectsFoundFromSource: 5,
    objectsCopiedToSink: 3,
    objectsFromSourceFailed: 1,
    bytesFoundFromSource: 50,
  };

  expect(operationLines(transfer('FAILED', counters, { done: true, error }))).toEqual([
    'Name:    transferOperations/1',
    'State:   FAILED',
    'Error:   /from not found (NOT_FOUND, SOURCE_NOT_FOUND)',
    'Started: 2026-01-02 03:04:05',
    'Copied:  3 files, 0 B',
    'Failed:  1 file, 0 B',
    'Left:    1 file, 50 B',
  ]);
});

test('metadata of any known type is shown by its members', () => {
  const metadata = wireAny(packAny('google.rpc.ErrorInfo', { reason: 'R' }));

  expect(operationLines({ name: 'operations/1', metadata })).toEqual([
    'Name:     operations/1',
    'State:    NOT DONE',
    'Metadata: {',
    '            "@type": "type.googleapis.com/google.rpc.ErrorInfo",',
    '            "reason": "R"',
    '          }',
  ]);
});

test('an error says its message, code and reason, its violations, when to try again and what to do', () => {
  const error = {
    code: Code.RESOURCE_EXHAUSTED,
    message: 'too many',
    info: { reason: 'SERVER_UNREACHABLE' },
    fieldViolations: [{ field: 'name', description: 'is odd' }],
    retryDelayMs: 1500,
  };

  expect(errorLines(error)).toEqual([
    'too many (RESOURCE_EXHAUSTED, SERVER_UNREACHABLE)',
    '  name: is odd',
    'Try again in 1.5 s.',
    'Start one with `longrunning serve`, or name another with --address or LONGRUNNING_ADDRESS.',
  ]);
});

test('a description says who holds the operation, why it waits and what comes next', () => {
  const description = {
    summary: {
      operation: { name: 'operations/1' },
      state: 'STATE_QUEUED',
      kind: 'report',
      labels: { team: 'a' },
      attemptCount: 2,
      lastFailure: { code: 14, message: 'no paper', reason: 'AWAY', time: timestamp, attempt: 2 },
      createTime: timestamp,
      cancel: { reason: 'CANCEL_REASON_USER', actor: 'ann', requestTime: timestamp },
      progress: { items: { done: '3', total: '10', totalComplete: false }, stage: 'reading' },
    },
    failureCount: 1,
    attemptCountMax: 5,
    lease: { worker: 'reports', since: timestamp, fence: '7', timeLeft: { seconds: '20' } },
    queuedReasons: [{ kind: 'KIND_NO_FREE_SLOT' }, { message: 'its delay is not over', untilTime: timestamp }],
    dueEvents: [{ kind: 'KIND_DEADLINE', time: timestamp }],
    children: [{ name: 'operations/2', state: 'STATE_RUNNING', kind: 'page' }],
    moreChildren: true,
  };

  expect(descriptionLines(description)).toEqual([
    'Name:          operations/1',
    'State:         QUEUED',
    'Kind:          report',
    'Labels:        team=a',
    'Created:       2026-01-02 03:04:05',
    'Cancel:        asked for 2026-01-02 03:04:05 by ann, user',
    'Progress:      reading',
    '               3 of 10 items found so far',
    'Attempts:      2 begun, 1 of 5 failures',
    'Last failure:  attempt 2 at 2026-01-02 03:04:05: no paper (UNAVAILABLE, AWAY)',
    'Held by:       reports since 2026-01-02 03:04:05, fence 7, for 0:20 unless renewed',
    'Waits because: no free slot',
    '               its delay is not over, until 2026-01-02 03:04:05',
    'Comes next:    deadline at 2026-01-02 03:04:05',
    'Parts:         operations/2 RUNNING page',
    '               and more',
  ]);
});

describe('a change that is watched', () => {
  test('is a line of its time, state, name and progress', () => {
    const changed = { operation: { name: 'operations/1' }, state: 'STATE_RUNNING', progress: { items: { done: '3' } } };

    expect(watchLine({ changed }, TIME.getTime(), PLAIN)).toBe(
      '2026-01-02 03:04:05  RUNNING     operations/1  3 items',
    );
  });

  test.each([
    ['STATE_QUEUED', 2, '3 items; waits after UNAVAILABLE: no paper'],
    ['STATE_PAUSED', 2, '3 items; waits after UNAVAILABLE: no paper'],
    ['STATE_RUNNING', 2, '3 items'],
    ['STATE_QUEUED', 3, '3 items'],
  ])('to %s says what it waits after, if its attempt %i is the one that failed', (state, attemptCount, detail) => {
    const operation = { name: 'operations/1' };
    const lastFailure = { code: 14, message: 'no paper', attempt: 2 };
    const changed = { operation, state, attemptCount, lastFailure, progress: { items: { done: '3' } } };

    expect(watchLine({ changed }, TIME.getTime(), { ...PLAIN, width: 120 })).toMatch(
      new RegExp(`  operations/1  ${detail}$`),
    );
  });

  test('of what is gone says so', () => {
    const removed = { name: 'operations/1', cause: 'CAUSE_DELETED' };

    expect(watchLine({ removed }, TIME.getTime(), PLAIN)).toBe('2026-01-02 03:04:05  operations/1 is gone');
  });

  test.each([{ synced: {} }, { reset: {} }, { heartbeat: {} }])('that is %j is for programs only', (event) => {
    expect(watchLine(event, 0, PLAIN)).toBeUndefined();
  });
});

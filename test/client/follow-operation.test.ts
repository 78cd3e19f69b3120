import { describe, expect, test } from '@jest/globals';
import { followOperation, type FollowOptions } from '../../src/client/follow-operation.ts';
import type { OperationMessage } from '../../src/client/messages.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';

const RUNNING: OperationMessage = { name: 'operations/1' };
const DONE: OperationMessage = { name: 'operations/1', done: true };

/** Answers, or throws what is an error, one after the other. */
function answers(...given: readonly (OperationMessage | StatusError)[]): () => Promise<OperationMessage> {
  const left = [...given];
  return async () => {
    const next = left.shift() ?? DONE;
    if (next instanceof StatusError) throw next;
    return next;
  };
}

function refusal(code: Code): StatusError {
  return new StatusError(code, 'refused', { reason: 'TEST' });
}

/** Time passes only by sleeping. */
function sleeping() {
  const slept: number[] = [];
  const clock = {
    monotonic: () => slept.reduce((sum, ms) => sum + ms, 0),
    sleep: async (ms: number) => void slept.push(ms),
  };
  return { slept, clock };
}

async function follow(operations: FollowOptions['operations'], clock = sleeping().clock): Promise<OperationMessage[]> {
  const limits = { reconnectMaxMs: 1000, reconnectDelayMs: { initialMs: 100, maxMs: 400 } };
  const seen: OperationMessage[] = [];
  const signal = new AbortController().signal;
  for await (const operation of followOperation('operations/1', { operations, limits, clock, everyMs: 50, signal })) {
    seen.push(operation);
  }
  return seen;
}

describe('an operation that is followed', () => {
  test('is told as it is at first, each time it was waited for, and when it is done', async () => {
    expect(await follow({ get: answers(RUNNING), wait: answers(RUNNING, DONE) })).toEqual([RUNNING, RUNNING, DONE]);
  });

  test('that is done already is told once', async () => {
    expect(await follow({ get: answers(DONE), wait: answers() })).toEqual([DONE]);
  });

  test('is asked for anew where the server cannot wait', async () => {
    const { slept, clock } = sleeping();
    const wait = answers(refusal(Code.UNIMPLEMENTED));

    expect(await follow({ get: answers(RUNNING, RUNNING, DONE), wait }, clock)).toEqual([RUNNING, RUNNING, DONE]);
    expect(slept).toEqual([50, 50]);
  });

  test('is found again after its server was away, ever more slowly', async () => {
    const { slept, clock } = sleeping();
    const away = refusal(Code.UNAVAILABLE);

    expect(await follow({ get: answers(RUNNING), wait: answers(away, away, away, away, DONE) }, clock)).toEqual([
      RUNNING,
      DONE,
    ]);
    expect(slept).toEqual([100, 200, 400, 400]);
  });

  test('is given up on when its server stays away', async () => {
    const wait = async () => Promise.reject(refusal(Code.UNAVAILABLE));

    await expect(follow({ get: answers(RUNNING), wait })).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  });

  test('that is not there is told so', async () => {
    await expect(follow({ get: answers(refusal(Code.NOT_FOUND)), wait: answers() })).rejects.toMatchObject({
      code: Code.NOT_FOUND,
    });
  });
});

import { Code } from '../../core/code.ts';
import { codeFinding, firstOf, operationFinding } from '../answer-checks.ts';
import { conformanceCase, type ConformanceCase } from '../conformance-case.ts';
import { served, unknownName } from '../ground.ts';
import { operationOf } from '../operations-probe.ts';

const HOUR = { seconds: 3600 };

const DONE = conformanceCase({
  id: 'wait-done-at-once',
  rules: ['proto.wait.done', 'proto.wait-request.name'],
  needs: ['done'],
  ask: async ({ probe, limits: { longWaitMs } }, [name]) => {
    const reply = served(await probe.wait(name, HOUR, { timeoutMs: longWaitMs }), 'WaitOperation');
    return { name, reply, longWaitMs };
  },
  check: ({ name, reply, longWaitMs }) =>
    firstOf(
      operationFinding('Wait for a done operation', reply, name),
      operationOf(reply).done === true ? undefined : 'Wait shows a done operation as not done',
      // Half of its deadline is far from at once, and still tells it from an answer at the deadline.
      reply.elapsedMs < longWaitMs / 2 ? undefined : 'Wait for a done operation has waited',
    ),
});

const ZERO = conformanceCase({
  id: 'wait-zero-timeout',
  rules: ['proto.wait', 'proto.wait.effort', 'proto.wait.early', 'proto.wait-request.timeout'],
  needs: ['unfinished'],
  ask: async ({ probe }, [name]) => ({ name, reply: served(await probe.wait(name, { seconds: 0 }), 'WaitOperation') }),
  check: ({ name, reply }) => operationFinding('Wait with a timeout of 0', reply, name),
});

const SHORT = conformanceCase({
  id: 'wait-timeout-answers-latest',
  rules: ['proto.wait', 'proto.wait-request.timeout'],
  needs: ['unfinished'],
  ask: async ({ probe, limits }, [name]) => {
    const nanos = 200_000_000;
    const reply = served(await probe.wait(name, { nanos }, { timeoutMs: limits.longWaitMs }), 'WaitOperation');
    return { name, reply, longWaitMs: limits.longWaitMs };
  },
  check: ({ name, reply, longWaitMs }) =>
    firstOf(
      operationFinding('Wait of 0.2 s', reply, name),
      reply.elapsedMs < longWaitMs / 2 ? undefined : 'Wait of 0.2 s has waited for its deadline',
    ),
});

const DEADLINE = conformanceCase({
  id: 'wait-deadline-answers-latest',
  rules: ['proto.wait.longer', 'proto.wait-request.shorter', 'promise.wait-in-time'],
  needs: ['unfinished'],
  ask: async ({ probe, limits }, [name]) => ({
    name,
    reply: served(await probe.wait(name, HOUR, { timeoutMs: limits.shortDeadlineMs }), 'WaitOperation'),
  }),
  check: ({ name, reply }) => operationFinding('Wait for longer than its deadline', reply, name),
});

const BLANK = conformanceCase({
  id: 'wait-blank-timeout',
  rules: ['proto.wait-request.blank', 'promise.wait-in-time'],
  needs: ['unfinished'],
  ask: async ({ probe, limits }, [name]) => ({
    name,
    reply: served(await probe.wait(name, undefined, { timeoutMs: limits.shortDeadlineMs }), 'WaitOperation'),
  }),
  check: ({ name, reply }) => operationFinding('Wait without a timeout', reply, name),
});

const WAKES = conformanceCase({
  id: 'wait-wakes-at-completion',
  rules: ['promise.wait-wakes', 'proto.wait', 'proto.operation.response'],
  profile: 'longrunning',
  needs: ['completable'],
  ask: async ({ probe, source, limits: { longWaitMs } }, [name]) => {
    const waited = probe.wait(name, HOUR, { timeoutMs: longWaitMs });
    await source.complete(name);
    return { name, reply: served(await waited, 'WaitOperation'), longWaitMs };
  },
  check: ({ name, reply, longWaitMs }) =>
    firstOf(
      operationFinding('Wait over the completion', reply, name),
      operationOf(reply).done === true ? undefined : 'Wait over the completion shows an operation that is not done',
      reply.elapsedMs < longWaitMs / 2 ? undefined : 'Wait was answered late after the completion',
    ),
});

const NEGATIVE = conformanceCase({
  id: 'wait-negative-invalid',
  rules: ['promise.wait-negative'],
  profile: 'longrunning',
  needs: ['unfinished'],
  ask: async ({ probe }, [name]) => served(await probe.wait(name, { seconds: -1 }), 'WaitOperation'),
  check: (reply) => codeFinding('Wait with a timeout of -1 s', reply, Code.INVALID_ARGUMENT),
});

const UNKNOWN = conformanceCase({
  id: 'wait-unknown-not-found',
  rules: ['promise.unknown'],
  ask: async (ground) => served(await ground.probe.wait(unknownName(ground), { seconds: 0 }), 'WaitOperation'),
  check: (reply) => codeFinding('Wait for a name that no operation has', reply, Code.NOT_FOUND),
});

const MALFORMED = conformanceCase({
  id: 'wait-malformed-invalid',
  rules: ['promise.malformed'],
  profile: 'longrunning',
  ask: async ({ probe }) => served(await probe.wait('', { seconds: 0 }), 'WaitOperation'),
  check: (reply) => codeFinding('Wait for an empty name', reply, Code.INVALID_ARGUMENT),
});

const TRANSFER = conformanceCase({
  id: 'wait-transfer-served',
  rules: ['promise.delete-transfer'],
  profile: 'longrunning',
  language: 'transfer-json',
  ask: (ground) => ground.probe.wait(unknownName(ground), { seconds: 0 }),
  check: (reply) => codeFinding('Wait for a transfer operation that is not there', reply, Code.NOT_FOUND),
});

export const WAIT_CASES: readonly ConformanceCase[] = [
  DONE,
  ZERO,
  SHORT,
  DEADLINE,
  BLANK,
  WAKES,
  NEGATIVE,
  UNKNOWN,
  MALFORMED,
  TRANSFER,
];

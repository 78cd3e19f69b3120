import { Code } from '../../core/code.ts';
import { codeFinding, firstOf, operationFinding } from '../answer-checks.ts';
import { conformanceCase, type ConformanceCase } from '../conformance-case.ts';
import { served, unknownName, untilDone, type Ground } from '../ground.ts';
import { operationOf } from '../operations-probe.ts';
import type { Reply } from '../wire-channel.ts';

async function cancel({ probe }: Ground, name: string): Promise<Reply> {
  return served(await probe.cancel(name), 'CancelOperation');
}

/** Cancelled, with the worker's part done, and looked at once it is done. */
async function cancelled(ground: Ground, name: string): Promise<{ answer: Reply; end: Reply }> {
  const answer = await cancel(ground, name);
  await ground.source.confirmCancel(name);
  return { answer, end: await untilDone(ground, name) };
}

const RUNNING = conformanceCase({
  id: 'cancel-running-ends-cancelled',
  rules: ['proto.cancel', 'proto.cancel.effort', 'proto.cancel.check', 'proto.cancel.kept', 'proto.operation.error'],
  needs: ['expendable'],
  ask: async (ground, [name]) => ({ name, ...(await cancelled(ground, name)) }),
  check: ({ name, answer, end }) => {
    const refused = firstOf(
      codeFinding('Cancel of a running operation', answer, Code.OK),
      end.code === Code.NOT_FOUND ? `${name} is gone after its cancel` : undefined,
      operationFinding('Get after a cancel', end, name),
    );
    if (refused !== undefined) return refused;
    const { done, error } = operationOf(end);
    if (done !== true) return `${name} is not done after its cancel, in the time for it`;
    // "success is not guaranteed": it may have completed despite the cancel.
    if (error === undefined) return undefined;
    return error.code === Code.CANCELLED
      ? undefined
      : `${name} has the error code ${String(error.code)} after its cancel, not 1`;
  },
});

const EMPTY = conformanceCase({
  id: 'cancel-answers-empty',
  rules: ['proto.cancel', 'proto.cancel-request.name'],
  needs: ['expendable'],
  ask: async (ground, [name]) => (await cancelled(ground, name)).answer,
  check: (answer) =>
    firstOf(
      codeFinding('Cancel of a running operation', answer, Code.OK),
      answer.bytes.length === 0 ? undefined : 'Cancel is answered with something else than google.protobuf.Empty',
    ),
});

const TWICE = conformanceCase({
  id: 'cancel-twice-ok',
  rules: ['promise.cancel-twice'],
  profile: 'longrunning',
  needs: ['expendable'],
  ask: async (ground, [name]) => {
    await cancel(ground, name);
    const second = await cancel(ground, name);
    await ground.source.confirmCancel(name);
    return second;
  },
  check: (reply) => codeFinding('a second Cancel', reply, Code.OK),
});

const DONE = conformanceCase({
  id: 'cancel-done-ok',
  rules: ['promise.cancel-done'],
  profile: 'longrunning',
  needs: ['spent'],
  ask: (ground, [name]) => cancel(ground, name),
  check: (reply) => codeFinding('Cancel of a done operation', reply, Code.OK),
});

const DONE_STAYS = conformanceCase({
  id: 'cancel-done-changes-nothing',
  rules: ['proto.operation.completed', 'promise.cancel-done'],
  needs: ['spent'],
  ask: async (ground, [name]) => {
    const before = await ground.probe.get(name);
    await cancel(ground, name);
    return { before, after: await ground.probe.get(name) };
  },
  check: ({ before, after }) =>
    firstOf(
      codeFinding('Get of a done operation after its Cancel', after, Code.OK),
      Buffer.compare(before.bytes, after.bytes) === 0 ? undefined : 'Cancel has changed a done operation',
    ),
});

const UNKNOWN = conformanceCase({
  id: 'cancel-unknown-not-found',
  rules: ['promise.unknown'],
  ask: (ground) => cancel(ground, unknownName(ground)),
  check: (reply) => codeFinding('Cancel of a name that no operation has', reply, Code.NOT_FOUND),
});

const MALFORMED = conformanceCase({
  id: 'cancel-malformed-invalid',
  rules: ['promise.malformed'],
  profile: 'longrunning',
  ask: async (ground) => [await cancel(ground, ''), await cancel(ground, ground.collection)] as const,
  check: ([empty, bare]) =>
    firstOf(
      codeFinding('Cancel of an empty name', empty, Code.INVALID_ARGUMENT),
      codeFinding('Cancel of a bare collection', bare, Code.INVALID_ARGUMENT),
    ),
});

export const CANCEL_CASES: readonly ConformanceCase[] = [RUNNING, EMPTY, TWICE, DONE, DONE_STAYS, UNKNOWN, MALFORMED];

/** Starting operations: what AIP-151 says of work in parallel, and idempotent creates where the server has OperationControl. */
import { Code } from '../../core/code.ts';
import { codeFinding, firstOf } from '../answer-checks.ts';
import { conformanceCase, type ConformanceCase } from '../conformance-case.ts';
import { ControlCalls, createdOf } from '../sources/control-calls.ts';
import type { Reply } from '../wire-channel.ts';

const PARALLEL = conformanceCase({
  id: 'parallel-aborted',
  rules: ['aip-151.parallel', 'aip-151.start', 'promise.job-active'],
  needs: ['parallel'],
  ask: ({ source }) => source.excluded(),
  check: (reply) =>
    firstOf(
      codeFinding('starting work that is excluded by what is under way', reply, Code.ABORTED),
      reply.message === '' ? 'the refusal of parallel work explains nothing' : undefined,
    ),
});

const REQUEST_ID = conformanceCase({
  id: 'create-request-id-idempotent',
  rules: ['promise.request-id'],
  profile: 'longrunning',
  needs: ['control'],
  ask: async (ground) => {
    const calls = new ControlCalls(ground.probe, ground.collection);
    const requestId = crypto.randomUUID();
    const first = await calls.create({ requestId });
    const again = await calls.create({ requestId });
    const other = await calls.create({ requestId, priority: 1 });
    for (const name of namesOf([first, again, other])) {
      await ground.probe.cancel(name);
      await ground.probe.delete(name);
    }
    return { first, again, other };
  },
  check: ({ first, again, other }) => {
    const refused = firstOf(
      codeFinding('a create', first, Code.OK),
      codeFinding('the same create again', again, Code.OK),
    );
    if (refused !== undefined) return refused;
    const [one, two] = [createdOf(first), createdOf(again)];
    if (one.operation?.name !== two.operation?.name) return 'the same create again made another operation';
    if (two.created === true) return 'the same create again says that it has created';
    return codeFinding('the request id with another request', other, Code.INVALID_ARGUMENT);
  },
});

/** What was created, also by a server that should not have. */
function namesOf(replies: readonly Reply[]): ReadonlySet<string> {
  const created = replies.filter(({ code }) => code === Code.OK);
  return new Set(created.map((reply) => createdOf(reply).operation?.name ?? ''));
}

export const CREATE_CASES: readonly ConformanceCase[] = [PARALLEL, REQUEST_ID];

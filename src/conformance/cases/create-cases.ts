/** Starting operations: what AIP-151 says of work in parallel, and idempotent creates where the server has OperationControl. */
import { Code } from '../../core/code.ts';
import { codeFinding, firstOf } from '../answer-checks.ts';
import { conformanceCase, type ConformanceCase } from '../conformance-case.ts';
import { ControlCalls, createdOf } from '../sources/control-calls.ts';

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
    if (first.code === Code.OK) await ground.probe.cancel(createdOf(first).operation?.name ?? '');
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

export const CREATE_CASES: readonly ConformanceCase[] = [PARALLEL, REQUEST_ID];

import { Code } from '../../core/code.ts';
import { codeFinding, firstOf, operationFinding } from '../answer-checks.ts';
import { conformanceCase, type ConformanceCase } from '../conformance-case.ts';
import { unknownName } from '../ground.ts';
import { operationOf } from '../operations-probe.ts';

/** As an owner tells why its work has failed. */
const FAILURE = { code: Code.FAILED_PRECONDITION, message: 'the disk is full' };

const UNKNOWN = conformanceCase({
  id: 'get-unknown-not-found',
  rules: ['promise.unknown', 'proto.get'],
  ask: (ground) => ground.probe.get(unknownName(ground)),
  check: (reply) => codeFinding('Get of a name that no operation has', reply, Code.NOT_FOUND),
});

/** @param nameOf  makes the name from the collection's. */
function malformed(id: string, what: string, nameOf: (collection: string) => string): ConformanceCase {
  return conformanceCase({
    id,
    rules: ['promise.malformed'],
    profile: 'longrunning',
    ask: ({ probe, collection }) => probe.get(nameOf(collection)),
    check: (reply) => codeFinding(`Get of ${what}`, reply, Code.INVALID_ARGUMENT),
  });
}

const DONE = conformanceCase({
  id: 'get-done-has-one-result',
  rules: [
    'proto.get',
    'proto.operation.completed',
    'proto.operation.result',
    'proto.operation.one-result',
    'proto.get-request.name',
    'proto.operation.name',
  ],
  needs: ['done'],
  ask: async ({ probe }, [name]) => ({ name, reply: await probe.get(name) }),
  check: ({ name, reply }) =>
    firstOf(
      operationFinding('Get of a done operation', reply, name),
      operationOf(reply).done === true ? undefined : 'an operation that was done is not done any more',
    ),
});

const UNFINISHED = conformanceCase({
  id: 'get-unfinished-has-no-result',
  rules: ['proto.operation.running', 'proto.operation.no-result', 'proto.get-request.name'],
  needs: ['unfinished'],
  ask: async ({ probe }, [name]) => ({ name, reply: await probe.get(name) }),
  check: ({ name, reply }) => operationFinding('Get of an operation that is not done', reply, name),
});

const POLLED = conformanceCase({
  id: 'get-done-never-changes',
  rules: ['proto.get.poll', 'proto.operation.completed'],
  needs: ['done'],
  ask: async ({ probe }, [name]) => [await probe.get(name), await probe.get(name)] as const,
  check: ([first, second]) =>
    firstOf(
      codeFinding('Get of a done operation', first, Code.OK),
      Buffer.compare(first.bytes, second.bytes) === 0 ? undefined : 'two Gets of a done operation differ',
    ),
});

const METADATA = conformanceCase({
  id: 'metadata-type-stable',
  rules: ['promise.metadata-stable', 'aip-151.types', 'proto.operation.metadata'],
  needs: ['completable'],
  ask: async ({ probe, source }, [name]) => {
    const before = await probe.get(name);
    await source.complete(name);
    return [before, await probe.get(name)] as const;
  },
  check: ([before, after]) => {
    const refused = firstOf(codeFinding('Get', before, Code.OK), codeFinding('Get', after, Code.OK));
    if (refused !== undefined) return refused;
    const types = [before, after].map((reply) => operationOf(reply).metadata?.type_url ?? 'none');
    return types[0] === types[1] ? undefined : `metadata was ${types.join(' and became ')}`;
  },
});

const SUCCEEDED = conformanceCase({
  id: 'get-completed-has-its-response',
  rules: ['proto.operation.response', 'proto.operation.result', 'proto.service.use'],
  needs: ['completable'],
  ask: async ({ probe, source }, [name]) => {
    await source.complete(name);
    return { name, reply: await probe.get(name) };
  },
  check: ({ name, reply }) => {
    const wrong = operationFinding('Get of a completed operation', reply, name);
    if (wrong !== undefined) return wrong;
    return operationOf(reply).response === undefined ? `${name} was completed and has no response` : undefined;
  },
});

const FAILED = conformanceCase({
  id: 'get-failed-has-its-error',
  rules: ['proto.operation.error', 'proto.operation.result'],
  needs: ['control', 'completable'],
  ask: async ({ probe, source }, _control, [name]) => {
    await source.fail(name, FAILURE);
    return { name, reply: await probe.get(name) };
  },
  check: ({ name, reply }) => {
    const wrong = operationFinding('Get of a failed operation', reply, name);
    if (wrong !== undefined) return wrong;
    const { code, message } = operationOf(reply).error ?? {};
    return code === FAILURE.code && message === FAILURE.message
      ? undefined
      : `${name} failed with ${JSON.stringify(FAILURE)} and has ${JSON.stringify({ code, message })}`;
  },
});

export const GET_CASES: readonly ConformanceCase[] = [
  UNKNOWN,
  malformed('get-empty-name-invalid', 'an empty name', () => ''),
  malformed('get-malformed-name-invalid', 'a name of no form', (collection) => `${collection}//x`),
  malformed('get-foreign-name-invalid', 'a name of an unknown collection', () => 'conformanceThings/1'),
  malformed('get-bare-collection-invalid', 'a bare collection', (collection) => collection),
  DONE,
  UNFINISHED,
  POLLED,
  METADATA,
  SUCCEEDED,
  FAILED,
];

import { Code } from '../../core/code.ts';
import { encodeMessage } from '../../schema/protos.ts';
import { codeFinding, firstOf, resultFinding } from '../answer-checks.ts';
import { conformanceCase, type ConformanceCase } from '../conformance-case.ts';
import { listReply, namesOf, pagesOf, unknownName, wholeList } from '../ground.ts';
import { operationOf, pageOf } from '../operations-probe.ts';
import { wireFields } from '../wire-message.ts';

const OPERATION = 'google.longrunning.Operation';
/** Of ListOperationsResponse.operations. */
const OPERATIONS_FIELD = 1;
/** Of ListOperationsResponse.unreachable. */
const UNREACHABLE_FIELD = 3;

const NEWEST_FIRST = conformanceCase({
  id: 'list-newest-first',
  rules: ['promise.order'],
  profile: 'longrunning',
  needs: ['made'],
  ask: async (ground, made) => ({ made, pages: await pagesOf(ground, wholeList(ground)) }),
  check: ({ made, pages }) => {
    const listed = namesOf(pages).filter((name) => made.includes(name));
    const newestFirst = made.toReversed().filter((name) => listed.includes(name));
    return listed.join() === newestFirst.join() ? undefined : `made ${made.join(', ')}; listed ${listed.join(', ')}`;
  },
});

const SHAPES = conformanceCase({
  id: 'list-operations-have-one-result',
  rules: ['proto.operation.one-result', 'proto.operation.no-result', 'proto.list-response.operations'],
  needs: ['listed'],
  ask: (ground) => listReply(ground),
  check: (reply) =>
    firstOf(
      codeFinding('List', reply, Code.OK),
      ...wireFields(reply.bytes)
        .filter(({ number }) => number === OPERATIONS_FIELD)
        .map(({ value }) => resultFinding(operationOf({ bytes: value }).name ?? 'an operation without name', value)),
    ),
});

const SAME_AS_GET = conformanceCase({
  id: 'list-shows-what-get-shows',
  rules: ['proto.list', 'proto.get'],
  needs: ['done'],
  ask: async (ground, [name]) => {
    const listed = (await pagesOf(ground, wholeList(ground))).flatMap(({ operations }) => operations);
    return { name, listed: listed.find((operation) => operation.name === name), got: await ground.probe.get(name) };
  },
  check: ({ name, listed, got }) => {
    if (listed === undefined) return undefined;
    const [inList, inGet] = [listed, operationOf(got)].map((seen) => encodeMessage(OPERATION, seen).toString('hex'));
    return inList === inGet ? undefined : `${name} is not the same in List and Get`;
  },
});

const PARTIAL = conformanceCase({
  id: 'list-partial-success-unimplemented',
  rules: ['proto.list-request.partial-unimplemented', 'proto.list-request.partial-across', 'promise.partial'],
  profile: 'longrunning',
  ask: (ground) => ground.probe.list({ ...wholeList(ground), returnPartialSuccess: true }),
  check: (reply) => codeFinding('List of one collection with return_partial_success', reply, Code.UNIMPLEMENTED),
});

const PARTIAL_FALSE = conformanceCase({
  id: 'list-partial-success-false',
  rules: ['promise.partial'],
  ask: (ground) => listReply(ground, { returnPartialSuccess: false }),
  check: (reply) => codeFinding('List with return_partial_success false', reply, Code.OK),
});

const MALFORMED = conformanceCase({
  id: 'list-unknown-collection-invalid',
  rules: ['promise.malformed'],
  profile: 'longrunning',
  ask: (ground) => listReply(ground, { name: unknownName(ground) }),
  check: (reply) => codeFinding('List of a name that is no collection', reply, Code.INVALID_ARGUMENT),
});

const OF_PARENT = conformanceCase({
  id: 'list-only-of-its-parent',
  rules: ['proto.list-request.name'],
  needs: ['listed'],
  ask: async (ground) => ({ collection: ground.collection, reply: await listReply(ground) }),
  check: ({ collection, reply }) => {
    const refused = codeFinding('List', reply, Code.OK);
    if (refused !== undefined) return refused;
    const other = namesOf([pageOf(reply)]).find((name) => !name.startsWith(`${collection}/`));
    return other === undefined ? undefined : `List of ${collection} has ${other}`;
  },
});

const REACHABLE = conformanceCase({
  id: 'list-nothing-unreachable-unasked',
  rules: ['proto.list-response.populated', 'proto.list-response.unreachable'],
  ask: (ground) => listReply(ground),
  check: (reply) =>
    firstOf(
      codeFinding('List', reply, Code.OK),
      wireFields(reply.bytes).some(({ number }) => number === UNREACHABLE_FIELD)
        ? 'List tells of unreachable resources without having been asked for partial success'
        : undefined,
    ),
});

export const LIST_CASES: readonly ConformanceCase[] = [
  OF_PARENT,
  REACHABLE,
  NEWEST_FIRST,
  SHAPES,
  SAME_AS_GET,
  PARTIAL,
  PARTIAL_FALSE,
  MALFORMED,
];

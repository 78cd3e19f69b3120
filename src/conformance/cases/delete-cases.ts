import { Code } from '../../core/code.ts';
import { codeFinding, firstOf } from '../answer-checks.ts';
import { conformanceCase, type ConformanceCase } from '../conformance-case.ts';
import { pagesOf, served, unknownName, wholeList, type Ground } from '../ground.ts';
import type { Reply } from '../wire-channel.ts';

async function remove({ probe }: Ground, name: string): Promise<Reply> {
  return served(await probe.delete(name), 'DeleteOperation');
}

const FORGETS = conformanceCase({
  id: 'delete-forgets',
  rules: ['proto.delete', 'proto.delete.meaning', 'proto.delete-request.name', 'promise.delete-running'],
  needs: ['expendable'],
  ask: async (ground, [name]) => {
    const answer = await remove(ground, name);
    return { answer, got: await ground.probe.get(name) };
  },
  check: ({ answer, got }) =>
    firstOf(
      codeFinding('Delete of a running operation', answer, Code.OK),
      codeFinding('Get of a deleted operation', got, Code.NOT_FOUND),
    ),
});

const UNLISTED = conformanceCase({
  id: 'delete-leaves-lists',
  rules: ['promise.delete-running'],
  needs: ['expendable'],
  ask: async (ground, [name]) => {
    await remove(ground, name);
    const listed = (await pagesOf(ground, wholeList(ground))).flatMap(({ operations }) => operations);
    return { name, isListed: listed.some((operation) => operation.name === name) };
  },
  check: ({ name, isListed }) => (isListed ? `${name} is listed after its Delete` : undefined),
});

const TWICE = conformanceCase({
  id: 'delete-twice-not-found',
  rules: ['promise.delete-twice'],
  needs: ['expendable'],
  ask: async (ground, [name]) => {
    await remove(ground, name);
    return ground.probe.delete(name);
  },
  check: (reply) => codeFinding('a second Delete', reply, Code.NOT_FOUND),
});

const NO_CANCEL = conformanceCase({
  id: 'delete-does-not-cancel',
  rules: ['proto.delete.no-cancel', 'promise.delete-running'],
  needs: ['control', 'completable'],
  ask: async (ground, _control, [name]) => {
    await remove(ground, name);
    return { name, isCancelWanted: await ground.source.isCancelWanted(name) };
  },
  check: ({ name, isCancelWanted }) =>
    isCancelWanted ? `the owner of ${name} is told to stop after its Delete` : undefined,
});

const UNKNOWN = conformanceCase({
  id: 'delete-unknown-not-found',
  rules: ['promise.unknown'],
  ask: (ground) => remove(ground, unknownName(ground)),
  check: (reply) => codeFinding('Delete of a name that no operation has', reply, Code.NOT_FOUND),
});

const MALFORMED = conformanceCase({
  id: 'delete-malformed-invalid',
  rules: ['promise.malformed'],
  profile: 'longrunning',
  ask: async (ground) => remove(ground, ''),
  check: (reply) => codeFinding('Delete of an empty name', reply, Code.INVALID_ARGUMENT),
});

const TRANSFER = conformanceCase({
  id: 'delete-transfer-unimplemented',
  rules: ['promise.delete-transfer', 'proto.delete.unimplemented'],
  language: 'transfer-json',
  ask: ({ probe, collection }) => probe.delete(`${collection}/conformance`),
  check: (reply) => codeFinding('Delete of a transfer operation', reply, Code.UNIMPLEMENTED),
});

export const DELETE_CASES: readonly ConformanceCase[] = [
  FORGETS,
  UNLISTED,
  TWICE,
  NO_CANCEL,
  UNKNOWN,
  MALFORMED,
  TRANSFER,
];

/** That a server has each method, or says that it has not. */
import { Code, codeName } from '../../core/code.ts';
import { conformanceCase, type ConformanceCase } from '../conformance-case.ts';
import { unknownName, wholeList } from '../ground.ts';

/** What servers answer where nobody has written the method, and should not. */
const NO_ANSWERS: readonly number[] = [Code.UNKNOWN, Code.INTERNAL];

const SERVED = conformanceCase({
  id: 'methods-served-or-unimplemented',
  rules: [
    'proto.list.unimplemented',
    'proto.delete.unimplemented',
    'proto.cancel.unimplemented',
    'proto.wait.unimplemented',
    'aip-151.service',
  ],
  ask: async (ground) => {
    const { probe } = ground;
    const name = unknownName(ground);
    return {
      GetOperation: await probe.get(name),
      ListOperations: await probe.list(wholeList(ground)),
      CancelOperation: await probe.cancel(name),
      DeleteOperation: await probe.delete(name),
      WaitOperation: await probe.wait(name, { seconds: 0 }),
    };
  },
  check: (replies) => {
    const odd = Object.entries(replies).find(([, { code }]) => NO_ANSWERS.includes(code));
    if (odd !== undefined)
      return `${odd[0]} is ${codeName(odd[1].code)} (${odd[1].message}), not served and not UNIMPLEMENTED`;
    return replies.GetOperation.code === Code.UNIMPLEMENTED ? 'GetOperation is not served' : undefined;
  },
});

export const SERVICE_CASES: readonly ConformanceCase[] = [SERVED];

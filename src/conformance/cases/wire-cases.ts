/** What a request looks like on the wire must not matter where it means the same. */
import { Code } from '../../core/code.ts';
import { codeFinding, firstOf } from '../answer-checks.ts';
import { conformanceCase, type ConformanceCase } from '../conformance-case.ts';
import { served, wholeList } from '../ground.ts';
import type { Reply } from '../wire-channel.ts';
import { UNKNOWN_FIELD } from '../wire-message.ts';

const SERVICE = '/google.longrunning.Operations';

function sameFinding(what: string, plain: Reply, odd: Reply): string | undefined {
  return firstOf(
    codeFinding('Get', plain, Code.OK),
    codeFinding(what, odd, Code.OK),
    Buffer.compare(plain.bytes, odd.bytes) === 0 ? undefined : `${what} is answered with something else`,
  );
}

const UNKNOWN_FIELDS_GET = conformanceCase({
  id: 'wire-unknown-field-get',
  rules: ['promise.unknown-fields'],
  needs: ['done'],
  ask: async ({ probe }, [name]) => [await probe.get(name), await probe.get(name, { suffix: UNKNOWN_FIELD })] as const,
  check: ([plain, odd]) => sameFinding('Get with an unknown field', plain, odd),
});

const UNKNOWN_FIELDS_LIST = conformanceCase({
  id: 'wire-unknown-field-list',
  rules: ['promise.unknown-fields'],
  ask: async (ground) =>
    served(await ground.probe.list(wholeList(ground), { suffix: UNKNOWN_FIELD }), 'ListOperations'),
  check: (reply) => codeFinding('List with an unknown field', reply, Code.OK),
});

const ROUTING_HEADER = conformanceCase({
  id: 'wire-routing-header-ignored',
  rules: ['promise.name-decides'],
  profile: 'longrunning',
  needs: ['done'],
  ask: async ({ probe }, [name]) => {
    const headers = { 'x-goog-request-params': 'name=projects%2Fp%2Flocations%2Fglobal%2Foperations%2F1' };
    return [await probe.get(name), await probe.get(name, { headers })] as const;
  },
  check: ([plain, odd]) => sameFinding('Get with the routing header of another name', plain, odd),
});

/** No server has an operation without a name; what matters is that the request is read. */
const EMPTY_GET = conformanceCase({
  id: 'wire-empty-get',
  rules: ['promise.empty-request'],
  ask: ({ probe }) => probe.send(`${SERVICE}/GetOperation`, new Uint8Array(0)),
  check: ({ code }) =>
    code === Code.INVALID_ARGUMENT || code === Code.NOT_FOUND
      ? undefined
      : `Get with a request of no bytes has the code ${code}, not INVALID_ARGUMENT or NOT_FOUND`,
});

const MALFORMED_REQUEST = conformanceCase({
  id: 'wire-malformed-request-refused',
  rules: ['aip-193.status'],
  needs: ['done'],
  // A length without what it is the length of.
  ask: async ({ probe }, [name]) => ({
    refused: await probe.send(`${SERVICE}/GetOperation`, Buffer.from([0x0a, 0x7f])),
    after: await probe.get(name),
  }),
  check: ({ refused, after }) =>
    firstOf(
      refused.code === Code.OK ? 'Get with bytes that are no request is OK' : undefined,
      codeFinding('Get after a request that could not be read', after, Code.OK),
    ),
});

export const WIRE_CASES: readonly ConformanceCase[] = [
  UNKNOWN_FIELDS_GET,
  UNKNOWN_FIELDS_LIST,
  ROUTING_HEADER,
  EMPTY_GET,
  MALFORMED_REQUEST,
];

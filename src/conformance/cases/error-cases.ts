/** AIP-193, over errors that every server can be made to answer. */
import { Code } from '../../core/code.ts';
import { eachErrorInfo, eachRefusal, hasErrorInfo, type Refused } from '../answer-checks.ts';
import { conformanceCase, type CaseDefinition, type ConformanceCase } from '../conformance-case.ts';
import { unknownName, wholeList, type Ground } from '../ground.ts';
import { Unmet } from '../operation-source.ts';
import type { RuleId } from '../rules/rule.ts';

const REASON = /^[A-Z][A-Z0-9_]+[A-Z0-9]$/;
const REASON_LENGTH_MAX = 63;
const KEY = /^[a-zA-Z0-9_-]{1,64}$/;
/** Of a name that a case made up, what no server has by itself. */
const UNKNOWN_NAME = /conformance-[0-9a-f-]{36}/;
/** The largest number of google.rpc.Code. */
const CODE_MAX = 16;

/**
 * Calls that are refused, whatever the server holds; not those that it has not, as their refusal is the gRPC library's own.
 *
 * @throws Unmet when none is refused.
 */
async function refusals(ground: Ground): Promise<readonly Refused[]> {
  const { probe } = ground;
  const unknown = unknownName(ground);
  const calls = [
    { what: 'Get of an unknown name', reply: await probe.get(unknown) },
    { what: 'Get of an empty name', reply: await probe.get('') },
    { what: 'Cancel of an unknown name', reply: await probe.cancel(unknown) },
    { what: 'Delete of an unknown name', reply: await probe.delete(unknown) },
    { what: 'Wait of an unknown name', reply: await probe.wait(unknown, { seconds: 0 }) },
    { what: 'List of -1 operations', reply: await probe.list({ ...wholeList(ground), pageSize: -1 }) },
  ];
  const refused = calls.filter(({ reply: { code } }) => code !== Code.OK && code !== Code.UNIMPLEMENTED);
  if (refused.length === 0) throw new Unmet('the server refuses nothing of what it should');
  return refused;
}

function errorCase(
  id: string,
  rules: readonly RuleId[],
  check: CaseDefinition<readonly Refused[]>['check'],
): ConformanceCase {
  return conformanceCase({ id, rules, ask: refusals, check });
}

/** As errorCase, for those that have an ErrorInfo at all: that others have none is a finding once, not of every case. */
function infoCase(
  id: string,
  rules: readonly RuleId[],
  check: CaseDefinition<readonly Refused[]>['check'],
): ConformanceCase {
  const ask = async (ground: Ground): Promise<readonly Refused[]> => {
    const informed = (await refusals(ground)).filter(({ reply }) => hasErrorInfo(reply));
    if (informed.length === 0) throw new Unmet('no error of the server has an ErrorInfo');
    return informed;
  };
  return conformanceCase({ id, rules, ask, check });
}

export const ERROR_CASES: readonly ConformanceCase[] = [
  errorCase('error-has-status', ['aip-193.status', 'aip-193.message'], (refused) =>
    eachRefusal(refused, ({ code, message }, reply) => {
      if (code !== reply.code) return `says code ${code} in its google.rpc.Status and ${reply.code} as gRPC`;
      if (code < 1 || code > CODE_MAX) return `has the code ${code}, which google.rpc.Code has not`;
      if (message === '') return 'has no message';
      return message === reply.message ? undefined : 'has one message as gRPC and another in its google.rpc.Status';
    }),
  ),
  errorCase('error-has-error-info', ['aip-193.info'], (refused) => eachErrorInfo(refused, () => undefined)),
  infoCase('error-reason-form', ['aip-193.reason'], (refused) =>
    eachErrorInfo(refused, ({ reason = '' }) =>
      REASON.test(reason) && reason.length <= REASON_LENGTH_MAX
        ? undefined
        : `has the reason ${JSON.stringify(reason)}`,
    ),
  ),
  infoCase('error-has-domain', ['aip-193.domain'], (refused) =>
    eachErrorInfo(refused, ({ domain = '' }) => (domain === '' ? 'has no domain in its ErrorInfo' : undefined)),
  ),
  infoCase('error-metadata-keys', ['aip-193.keys'], (refused) =>
    eachErrorInfo(refused, ({ metadata = {} }) => {
      const odd = Object.keys(metadata).find((key) => !KEY.test(key));
      return odd === undefined ? undefined : `has the metadata key ${JSON.stringify(odd)}`;
    }),
  ),
  infoCase('error-metadata-has-variables', ['aip-193.variables'], (refused) =>
    eachErrorInfo(refused, ({ metadata = {} }, { message }) => {
      const name = UNKNOWN_NAME.exec(message)?.[0];
      if (name === undefined || Object.values(metadata).some((value) => value.includes(name))) return undefined;
      return `has a message with ${name}, and not in the metadata of its ErrorInfo`;
    }),
  ),
  infoCase('error-details-once', ['aip-193.once'], (refused) =>
    eachRefusal(refused, ({ details }) => {
      const types = details.map(({ type }) => type);
      const twice = types.find((type, index) => types.indexOf(type) !== index);
      return twice === undefined ? undefined : `has two details of type ${twice}`;
    }),
  ),
];

import type { QueryParameter } from '../../schema/json/read-query-message.ts';

/** Parameters of every method, by the names that are ours; each is written as it is or with a `$` before it. */
const BOTH_SPELLINGS = [
  'alt',
  'callback',
  'fields',
  'prettyPrint',
  'quotaUser',
  'key',
  'access_token',
  'oauth_token',
  'uploadType',
  'upload_protocol',
] as const;

/**
 * What clients send that no discovery document has: Go's googleapi.Trace and UserIP, google-api-python-client's STACK_QUERY_PARAMETERS
 * ("accepted by the stack, but not visible via discovery"), and those of clients generated from older documents.
 */
const UNDOCUMENTED = ['trace', 'userIp', 'userip', 'strict', 'bearer_token'] as const;

/** Those whose name could be one of a field without the `$`. */
const DOLLAR_ONLY = ['$.xgafv', '$ct', '$userProject', '$apiVersion', '$outputDefaults'] as const;

export type SystemName = (typeof BOTH_SPELLINGS)[number] | (typeof UNDOCUMENTED)[number] | (typeof DOLLAR_ONLY)[number];

const BY_SPELLING: ReadonlyMap<string, SystemName> = new Map<string, SystemName>([
  // Older documents: "pp: Pretty-print response".
  ['pp', 'prettyPrint'],
  ...[...BOTH_SPELLINGS, ...UNDOCUMENTED].flatMap((name) => [[name, name] as const, [`$${name}`, name] as const]),
  ...DOLLAR_ONLY.map((name) => [name, name] as const),
]);

/** The texts that system parameters were given, in their order, whichever the spelling. */
export type SystemQuery = ReadonlyMap<SystemName, readonly string[]>;

export interface SplitQuery {
  readonly system: SystemQuery;
  /** What belongs to the request message. */
  readonly rest: readonly QueryParameter[];
}

/** Takes the system parameters out of a query. */
export function splitQuery(query: readonly QueryParameter[]): SplitQuery {
  const system = new Map<SystemName, string[]>();
  const rest: QueryParameter[] = [];
  for (const parameter of query) {
    const [written, text] = parameter;
    const name = BY_SPELLING.get(written);
    if (name === undefined) {
      rest.push(parameter);
      continue;
    }
    const texts = system.get(name);
    if (texts === undefined) system.set(name, [text]);
    else texts.push(text);
  }
  return { system, rest };
}

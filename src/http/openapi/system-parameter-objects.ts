import type { JsonObject } from '../../schema/message-json.ts';

const TEXT: JsonObject = { type: 'string' };
const BOOLEAN: JsonObject = { type: 'boolean' };

const SYSTEM: readonly (readonly [name: string, description: string, schema: JsonObject])[] = [
  ['$.xgafv', 'Form of errors: 1 adds `errors[]`.', { type: 'string', enum: ['1', '2'], default: '2' }],
  [
    'alt',
    'Form of the answer: `json`, also with `;enum-encoding=int`, or `proto`; `sse` of streams.',
    { type: 'string', default: 'json' },
  ],
  [
    'callback',
    'Name of the function that JSONP calls; on GET.',
    { type: 'string', pattern: '^[A-Za-z0-9_$.\\[\\]]*$' },
  ],
  ['fields', 'Which fields to answer, such as `name,metadata(status,counters)`.', TEXT],
  ['prettyPrint', 'Whether the answer is indented.', { type: 'boolean', default: true }],
  ['quotaUser', 'Changes nothing.', { type: 'string', maxLength: 40 }],
  ['key', 'An API key.', TEXT],
  ['access_token', 'An OAuth 2.0 token.', TEXT],
  ['oauth_token', 'An OAuth 2.0 token.', TEXT],
  ['uploadType', 'Protocol of an upload; changes nothing elsewhere.', TEXT],
  ['upload_protocol', 'Protocol of an upload; changes nothing elsewhere.', TEXT],
  ['$outputDefaults', 'Whether fields that are at their default are told too.', BOOLEAN],
];

/** The parameters of every method, by the keys that the document's components give them. */
export function systemParameterObjects(): JsonObject {
  return Object.fromEntries(
    SYSTEM.map(([name, description, schema]) => [keyOf(name), { name, in: 'query', description, schema }]),
  );
}

/** References to all of them. */
export function systemParameterReferences(): readonly JsonObject[] {
  return SYSTEM.map(([name]) => ({ $ref: `#/components/parameters/${keyOf(name)}` }));
}

/** Keys of components have letters, digits, points, dashes and underscores only. */
function keyOf(name: string): string {
  return name.replace(/^\$\.?/, '');
}

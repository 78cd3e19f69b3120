/** Whatever stands in system parameters, the answer is one of those that are documented. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StatusError } from '../../../src/core/status-error.ts';
import { checkFields } from '../../../src/http/parameters/check-fields.ts';
import { DEFAULT_FIELDS_LIMITS } from '../../../src/http/parameters/limits.ts';
import { parseFields } from '../../../src/http/parameters/parse-fields.ts';
import { selectFields } from '../../../src/http/parameters/select-fields.ts';
import { selectJson } from '../../../src/http/parameters/select-json.ts';
import { messageJson } from '../../../src/schema/message-json.ts';
import { decodeMessage, encodeMessage, type Message } from '../../../src/schema/protos.ts';
import { randomMessage } from '../../schema/json/random-message.ts';
import { startHttp } from '../http-server.ts';

const OPERATION = 'google.longrunning.Operation';

const step = fc.constantFrom(
  'name',
  'done',
  'error',
  'details',
  'metadata',
  'response',
  'value',
  '@type',
  '*',
  'x',
  '`a.b`',
);
const mark = fc.constantFrom(',', '/', '.', '(', ')', '`', ' ');
const fields = fc.oneof(
  fc
    .array(fc.oneof({ weight: 3, arbitrary: step }, { weight: 2, arbitrary: mark }), { maxLength: 12 })
    .map((all) => all.join('')),
  fc.array(step, { minLength: 1, maxLength: 4 }).map((path) => path.join('/')),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

/** What is selected, in both ways; undefined when the selection is refused. */
function select(text: string, message: Message): readonly unknown[] | undefined {
  try {
    const selection = parseFields(text, DEFAULT_FIELDS_LIMITS);
    checkFields(selection, OPERATION);
    const bytes = encodeMessage(OPERATION, selectFields(OPERATION, message, selection));
    return [selectJson(messageJson(OPERATION, message), selection), decodeMessage(OPERATION, bytes)];
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    expect(error.info.reason).toBe('INVALID_FIELDS');
    return undefined;
  }
}

test('any fields select of any operation, or are refused', () => {
  let selectedCount = 0;
  fc.assert(
    fc.property(fields, randomMessage(OPERATION), (text, random) => {
      const message = decodeMessage(OPERATION, encodeMessage(OPERATION, random));
      if (select(text, message) !== undefined) selectedCount += 1;
    }),
    { numRuns: 1500 },
  );
  expect(selectedCount).toBeGreaterThan(100);
});

let server: Awaited<ReturnType<typeof startHttp>>;

beforeAll(async () => {
  server = await startHttp();
  await server.add({ name: 'operations/1', state: 'QUEUED' });
});

afterAll(() => server.close());

const name = fc.constantFrom(
  ...[
    '$.xgafv',
    'alt',
    '$alt',
    'callback',
    '$callback',
    'fields',
    '$fields',
    'prettyPrint',
    'quotaUser',
    'key',
    'uploadType',
  ],
  ...['$outputDefaults', '$ct', 'x', ''],
);
const text = fc.oneof(
  fc.constantFrom('1', '2', 'json', 'proto', 'media', 'sse', 'json;enum-encoding=int', 'cb', 'name', 'true', '0', ''),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fields,
);
const encoded = fc
  .tuple(name, text)
  .map(([a, b]) => `${encodeURIComponent(a)}=${encodeURIComponent(b.toWellFormed())}`);
const raw = fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map((odd) => odd.replace(/[\s#]/g, '%'));
const query = fc.array(fc.oneof({ weight: 5, arbitrary: encoded }, { weight: 1, arbitrary: raw }), { maxLength: 5 });

test('any query is answered, with an error that has its ErrorInfo or with what was asked', async () => {
  await fc.assert(
    fc.asyncProperty(query, fc.constantFrom('operations/1', 'operations/none', 'none'), async (pieces, path) => {
      const response = await fetch(`http://${server.address}/v1/${path}?${pieces.join('&')}`);
      const body = await response.text();
      expect([200, 400, 404]).toContain(response.status);
      const type = response.headers.get('content-type') ?? '';
      if (!type.startsWith('application/json')) return;
      const { error } = JSON.parse(body) as { error?: { details: readonly object[] } };
      if (response.status !== 200) expect(error?.details[0]).toHaveProperty('reason');
    }),
    { numRuns: 400 },
  );
  expect(server.log.ofLevel('error')).toEqual([]);
});

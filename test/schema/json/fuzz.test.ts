import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Code } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import { jsonFields } from '../../../src/schema/json/json-fields.ts';
import { DEFAULT_PROTO_JSON_LIMITS } from '../../../src/schema/json/limits.ts';
import { readJsonMessage } from '../../../src/schema/json/read-json-message.ts';
import { readQueryMessage } from '../../../src/schema/json/read-query-message.ts';
import { decodeMessage, encodeMessage, type Message } from '../../../src/schema/protos.ts';

const STS = 'google.storagetransfer.v1.';
const TYPES = [
  'google.longrunning.Operation',
  'google.longrunning.ListOperationsRequest',
  'google.protobuf.Struct',
  'google.protobuf.Value',
  'google.rpc.ErrorInfo',
  `${STS}TransferJob`,
  `${STS}UpdateTransferJobRequest`,
  `${STS}AgentPool`,
  'google.cloud.storagebatchoperations.v1.Job',
];
const RUN_COUNT = 2000;
const limits = DEFAULT_PROTO_JSON_LIMITS;

/** Names that lead somewhere, so that the text is not refused at its first member. */
const NAMES = [
  ...new Set(TYPES.flatMap((type) => [...jsonFields(type).keys()])),
  '@type',
  'value',
  '__proto__',
  'constructor',
  'year',
  'bucketName',
  'includePrefixes',
];
const LEAVES = [
  'ENABLED',
  '1.5s',
  '2026-01-02T03:04:05Z',
  'NaN',
  '-1',
  'a,b_c',
  '',
  'AA==',
  0,
  -0,
  1e308,
  1.5,
  2 ** 53,
  true,
  null,
  'type.googleapis.com/google.protobuf.Any',
  'type.googleapis.com/google.rpc.ErrorInfo',
  'type.googleapis.com/google.protobuf.Duration',
  'type.googleapis.com/constructor',
  '/',
];

const json = fc
  .letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      fc.constantFrom(...LEAVES),
      fc.array(tie('node'), { maxLength: 3 }),
      fc
        .array(fc.tuple(fc.constantFrom(...NAMES), tie('node')), { maxLength: 5 })
        .map((entries) => Object.fromEntries(entries)),
    ),
  }))
  .node.map((node) => JSON.stringify(node));

/** One piece of the text is left out, doubled or replaced. */
const mutated = fc
  .record({
    text: json,
    from: fc.nat(),
    length: fc.nat(8),
    put: fc.constantFrom('', '"', '{', ']', ',', '\\', '\ud800', 'e9', '00'),
  })
  .map(({ text, from, length, put }) => {
    const start = from % (text.length + 1);
    return text.slice(0, start) + put + text.slice(start + (put === ',' ? -length : length));
  });

/** @returns whether it was read; what was read can go over the wire. */
function accepts(type: string, read: () => Message): boolean {
  try {
    decodeMessage(type, encodeMessage(type, read()));
    return true;
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== Code.INVALID_ARGUMENT) throw error;
    expect(error.message.length).toBeLessThan(10_000);
    return false;
  }
}

test('random and mutated JSON is read, or refused as INVALID_ARGUMENT', () => {
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), fc.oneof(json, mutated), (type, text) => {
      accepts(type, () => readJsonMessage(type, text, { limits }));
    }),
    { numRuns: RUN_COUNT },
  );
});

test('random bytes are', () => {
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), fc.uint8Array({ maxLength: 64 }), (type, bytes) => {
      accepts(type, () => readJsonMessage(type, bytes, { limits }));
    }),
    { numRuns: RUN_COUNT },
  );
});

test('random queries are', () => {
  const name = fc.array(fc.constantFrom(...NAMES, ''), { minLength: 1, maxLength: 4 }).map((steps) => steps.join('.'));
  const text = fc.oneof(fc.constantFrom(...LEAVES).map(String), fc.string({ unit: 'binary' }));

  fc.assert(
    fc.property(fc.constantFrom(...TYPES), fc.array(fc.tuple(name, text), { maxLength: 4 }), (type, parameters) => {
      accepts(type, () => readQueryMessage(type, parameters, limits));
    }),
    { numRuns: RUN_COUNT },
  );
});

/** Texts of megabytes: anything beyond linear time would run into the test's timeout. */
describe('as long as a text may be, it takes time linear to its length', () => {
  const size = limits.textLengthMax - 100;
  const many = (piece: string): string => piece.repeat(Math.floor(size / piece.length));
  const elements = (piece: string): string => Array.from({ length: limits.valueCountMax / 4 }, () => piece).join(',');

  test.each<[row: string, type: string, text: string]>([
    ['digits', 'google.protobuf.Int64Value', many('9')],
    ['zeros before a digit', 'google.protobuf.Int64Value', `0.${many('0')}1`],
    ['zeros behind a digit, as text', 'google.protobuf.Int64Value', `"1${many('0')}1"`],
    ['digits of an exponent', 'google.protobuf.DoubleValue', `1e${many('9')}`],
    ['escapes', 'google.protobuf.StringValue', `"${many('\\\\')}"`],
    ['an open string', 'google.protobuf.StringValue', `"${many('a')}`],
    ['space', 'google.protobuf.Value', many(' ')],
    ['lists', 'google.protobuf.Value', many('[')],
    ['base64 and what is none', 'google.protobuf.BytesValue', `"${many('A')}!"`],
    ['padding', 'google.protobuf.BytesValue', `"${many('=')}"`],
    ['paths of a mask', 'google.protobuf.FieldMask', `"${many('aB,')}"`],
    ['a duration', 'google.protobuf.Duration', `"${many('1')}s"`],
    ['unknown names', 'google.longrunning.Operation', `{${elements('"x":1')}}`],
    ['one name many times', 'google.longrunning.Operation', `{${elements('"name":"a"')}}`],
    ['one key many times', 'google.rpc.ErrorInfo', `{"metadata":{${elements('"a":"b"')}}}`],
    ['many Anys', 'google.rpc.Status', `{"details":[${elements('{}')}]}`],
    ['a long name', 'google.longrunning.Operation', `{"${many('n')}":1}`],
  ])('%s', (_row, type, text) => {
    expect([true, false]).toContain(accepts(type, () => readJsonMessage(type, text, { limits })));
  });
});

import { describe, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import { DEFAULT_PROTO_JSON_LIMITS } from '../../../src/schema/json/limits.ts';
import { readJsonMessage } from '../../../src/schema/json/read-json-message.ts';
import { decodeMessage, encodeMessage, packAny, type Message } from '../../../src/schema/protos.ts';

const STS = 'google.storagetransfer.v1.';
const BATCH = 'google.cloud.storagebatchoperations.v1.';
const PB = 'google.protobuf.';
const LIST = 'google.longrunning.ListOperationsRequest';
const OPERATION = 'google.longrunning.Operation';
const COUNTERS = `${STS}TransferCounters`;
const JOB = `${STS}TransferJob`;
const SPEC = `${STS}TransferSpec`;
const INFO = 'google.rpc.ErrorInfo';

function read(type: string, json: string, path = ''): Message {
  return readJsonMessage(type, json, { limits: DEFAULT_PROTO_JSON_LIMITS, path });
}

function refusal(act: () => unknown): StatusError {
  try {
    act();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** The message as gRPC would hand it over. */
function overTheWire(type: string, message: object): Message {
  return decodeMessage(type, encodeMessage(type, message));
}

const any = (name: string, message: object): object => {
  const { typeUrl, value } = packAny(name, message);
  return value.length === 0 ? { type_url: typeUrl } : { type_url: typeUrl, value };
};
const URL = 'type.googleapis.com/';

describe('protobuf JSON is read into the message that gRPC would bring', () => {
  test.each<[row: string, type: string, json: string, message: object]>([
    ['a name in camel case', LIST, '{"pageSize": 3}', { pageSize: 3 }],
    ['a name in snake case', LIST, '{"page_size": 3}', { pageSize: 3 }],
    ['null is a field that is not set', LIST, '{"pageSize": null, "filter": "f"}', { filter: 'f' }],
    ['a default is a field that is not set', LIST, '{"pageSize": 0, "filter": ""}', {}],
    ['a default of an optional field is set', `${BATCH}PutMetadata`, '{"contentType": ""}', { contentType: '' }],
    ['a default in a oneof is set', `${PB}Value`, '0', { numberValue: 0 }],
    ['null in a oneof sets nothing', SPEC, '{"gcsDataSource": null, "httpDataSource": {}}', { httpDataSource: {} }],
    ['int64 as text', COUNTERS, '{"bytesCopiedToSink": "9007199254740993"}', { bytesCopiedToSink: '9007199254740993' }],
    ['int64 as number', COUNTERS, '{"bytesCopiedToSink": 9007199254740993}', { bytesCopiedToSink: '9007199254740993' }],
    ['int64 with an exponent', COUNTERS, '{"bytesCopiedToSink": 1e3}', { bytesCopiedToSink: '1000' }],
    ['int64 with an empty fraction', COUNTERS, '{"bytesCopiedToSink": 1.50e1}', { bytesCopiedToSink: '15' }],
    ['int64 as text with an exponent', COUNTERS, '{"bytesCopiedToSink": "1e3"}', { bytesCopiedToSink: '1000' }],
    ['int64, the most', `${PB}Int64Value`, '9223372036854775807', { value: '9223372036854775807' }],
    ['int64, the least', `${PB}Int64Value`, '"-9223372036854775808"', { value: '-9223372036854775808' }],
    ['uint64, the most', `${PB}UInt64Value`, '18446744073709551615', { value: '18446744073709551615' }],
    ['int32 with an exponent', LIST, '{"pageSize": 2.5e1}', { pageSize: 25 }],
    ['int32 as text', LIST, '{"pageSize": "7"}', { pageSize: 7 }],
    ['uint32, the most', `${PB}UInt32Value`, '4294967295', { value: 4294967295 }],
    ['a boolean', OPERATION, '{"done": true}', { done: true }],
    ['a double', `${PB}DoubleValue`, '-1.5e-3', { value: -0.0015 }],
    ['a double as text', `${PB}DoubleValue`, '"2.5"', { value: 2.5 }],
    ['not a number', `${PB}DoubleValue`, '"NaN"', { value: Number.NaN }],
    ['infinity', `${PB}FloatValue`, '"-Infinity"', { value: Number.NEGATIVE_INFINITY }],
    ['a float has the precision of one', `${PB}FloatValue`, '0.1', { value: Math.fround(0.1) }],
    ['bytes in standard base64', `${PB}BytesValue`, '"+/8="', { value: Buffer.from([0xfb, 0xff]) }],
    ['bytes without padding', `${PB}BytesValue`, '"+/8"', { value: Buffer.from([0xfb, 0xff]) }],
    ['bytes in URL-safe base64', `${PB}BytesValue`, '"-_8="', { value: Buffer.from([0xfb, 0xff]) }],
    ['bytes in it without padding', `${PB}BytesValue`, '"-_8"', { value: Buffer.from([0xfb, 0xff]) }],
    ['an enum by its name', JOB, '{"status": "ENABLED"}', { status: 'ENABLED' }],
    ['an enum by its number', JOB, '{"status": 2}', { status: 'DISABLED' }],
    ['a number its enum does not know', JOB, '{"status": 77}', { status: 77 }],
    ['a time in UTC', `${PB}Timestamp`, '"2026-01-02T03:04:05.5Z"', { seconds: 1767323045, nanos: 5e8 }],
    ['a time with an offset', `${PB}Timestamp`, '"2026-01-02T08:34:05+05:30"', { seconds: 1767323045 }],
    ['a time of nine digits', `${PB}Timestamp`, '"1970-01-01T00:00:00.123456789Z"', { nanos: 123456789 }],
    ['a time before UTC', `${PB}Timestamp`, '"1970-01-01T00:00:00-00:30"', { seconds: 1800 }],
    [
      'the last time',
      `${PB}Timestamp`,
      '"9999-12-31T23:59:59.999999999Z"',
      { seconds: 253402300799, nanos: 999999999 },
    ],
    ['the first time', `${PB}Timestamp`, '"0001-01-01T00:00:00Z"', { seconds: -62135596800 }],
    ['a time before the epoch', `${PB}Timestamp`, '"1969-12-31T23:59:59.25Z"', { seconds: -1, nanos: 25e7 }],
    ['a duration', `${PB}Duration`, '"3.5s"', { seconds: 3, nanos: 5e8 }],
    ['a duration of nine digits', `${PB}Duration`, '"1.000000001s"', { seconds: 1, nanos: 1 }],
    ['a duration below zero', `${PB}Duration`, '"-0.5s"', { nanos: -5e8 }],
    ['the longest below zero', `${PB}Duration`, '"-315576000000s"', { seconds: -315576000000 }],
    ['the longest duration', `${PB}Duration`, '"315576000000s"', { seconds: 315576000000 }],
    ['no duration at all', `${PB}Duration`, '"0s"', {}],
    [
      'a mask in camel case',
      `${PB}FieldMask`,
      '"status,transferSpec.transferOptions"',
      {
        paths: ['status', 'transfer_spec.transfer_options'],
      },
    ],
    [
      'a mask in snake case',
      `${PB}FieldMask`,
      '"status,transfer_spec.transfer_options"',
      {
        paths: ['status', 'transfer_spec.transfer_options'],
      },
    ],
    ['an empty mask', `${PB}FieldMask`, '""', {}],
    [
      'an Any',
      OPERATION,
      `{"metadata": {"projectId": "p", "@type": "${URL}${STS}TransferOperation"}}`,
      {
        metadata: any(`${STS}TransferOperation`, { projectId: 'p' }),
      },
    ],
    [
      'an Any of a time',
      OPERATION,
      `{"metadata": {"@type": "${URL}${PB}Duration", "value": "1s"}}`,
      {
        metadata: any(`${PB}Duration`, { seconds: 1 }),
      },
    ],
    [
      'an Any of a Struct',
      OPERATION,
      `{"metadata": {"@type": "${URL}${PB}Struct", "value": {"@type": 1}}}`,
      {
        metadata: any(`${PB}Struct`, { fields: { '@type': { numberValue: 1 } } }),
      },
    ],
    [
      'an Any of an Any',
      OPERATION,
      `{"metadata": {"@type": "${URL}${PB}Any", "value": {"@type": "${URL}${INFO}", "reason": "R"}}}`,
      {
        metadata: any(`${PB}Any`, any(INFO, { reason: 'R' })),
      },
    ],
    [
      'an Any of nothing',
      OPERATION,
      `{"response": {"@type": "${URL}${PB}Empty"}}`,
      { response: any(`${PB}Empty`, {}) },
    ],
    [
      'an Any of nothing, as a value',
      OPERATION,
      `{"response": {"@type": "${URL}${PB}Empty", "value": {}}}`,
      {
        response: any(`${PB}Empty`, {}),
      },
    ],
    [
      'an Any whose type is of another place',
      OPERATION,
      '{"metadata": {"@type": "types.example.com/of/google.rpc.ErrorInfo", "reason": "R"}}',
      { metadata: { type_url: 'types.example.com/of/google.rpc.ErrorInfo', value: Buffer.from([10, 1, 82]) } },
    ],
    ['an empty Any', OPERATION, '{"response": {}}', { response: {} }],
    [
      'a Struct',
      `${PB}Struct`,
      '{"a": [1, "x", true, null, {}], "__proto__": {}}',
      {
        fields: Object.fromEntries([
          [
            'a',
            {
              listValue: {
                values: [
                  { numberValue: 1 },
                  { stringValue: 'x' },
                  { boolValue: true },
                  { nullValue: 0 },
                  { structValue: {} },
                ],
              },
            },
          ],
          ['__proto__', { structValue: {} }],
        ]),
      },
    ],
    [
      'a time of day',
      `${STS}Schedule`,
      '{"startTimeOfDay": {"hours": 24, "nanos": 1}}',
      { startTimeOfDay: { hours: 24, nanos: 1 } },
    ],
    ['null as a Value', `${PB}Value`, 'null', { nullValue: 'NULL_VALUE' }],
    ['a wrapper of a default', `${PB}Int32Value`, '0', {}],
    ['Empty', `${PB}Empty`, '{}', {}],
    [
      'a date',
      `${STS}Schedule`,
      '{"scheduleStartDate": {"year": 2026, "month": 1, "day": 2}}',
      {
        scheduleStartDate: { year: 2026, month: 1, day: 2 },
      },
    ],
    [
      'a map',
      INFO,
      '{"metadata": {"a": "", "__proto__": "c", "constructor": "d"}}',
      {
        metadata: Object.fromEntries([
          ['a', ''],
          ['__proto__', 'c'],
          ['constructor', 'd'],
        ]),
      },
    ],
    ['escapes', LIST, String.raw`{"filter": "\u00e9\ud83d\ude00\n\/\\\""}`, { filter: 'é😀\n/\\"' }],
    ['space around everything', LIST, ' \r\n{\t"filter" : "f" , "pageSize" : 1 } ', { filter: 'f', pageSize: 1 }],
  ])('%s', (_row, type, json, message) => {
    const given = read(type, json);

    expect(given).toEqual(overTheWire(type, message));
    expect(encodeMessage(type, given)).toEqual(encodeMessage(type, overTheWire(type, message)));
  });

  test('bytes are read as UTF-8', () => {
    const json = Buffer.from('{"filter": "é"}');

    expect(readJsonMessage(LIST, json, { limits: DEFAULT_PROTO_JSON_LIMITS })).toEqual({ filter: 'é' });
  });
});

describe('a mistake is INVALID_ARGUMENT with the path of its field', () => {
  test.each<[row: string, type: string, json: string, field: string, description: string]>([
    [
      'an unknown name',
      LIST,
      '{"nope": 1}',
      '',
      'Invalid JSON payload received. Unknown name "nope": Cannot find field.',
    ],
    [
      'an unknown name within',
      JOB,
      '{"transferSpec": {"x": 1}}',
      'transfer_spec',
      `Invalid JSON payload received. Unknown name "x" at 'transfer_spec': Cannot find field.`,
    ],
    [
      'names that every object has',
      LIST,
      '{"__proto__": 1}',
      '',
      'Invalid JSON payload received. Unknown name "__proto__": Cannot find field.',
    ],
    [
      'a name twice',
      LIST,
      '{"filter": "a", "filter": "a"}',
      '',
      'Invalid JSON payload received. Duplicate name "filter"',
    ],
    [
      'both spellings of a name',
      LIST,
      '{"pageSize": 1, "page_size": 1}',
      '',
      'Invalid JSON payload received. Duplicate name "page_size"',
    ],
    [
      'a key of a map twice',
      INFO,
      '{"metadata": {"a": "b", "a": "b"}}',
      'metadata',
      `Invalid JSON payload received. Duplicate name "a" at 'metadata'`,
    ],
    [
      'a name of a Struct twice',
      `${PB}Struct`,
      '{"a": 1, "a": 1}',
      '',
      'Invalid JSON payload received. Duplicate name "a"',
    ],
    [
      'two of a oneof',
      JOB,
      '{"transferSpec": {"gcsDataSource": {}, "awsS3DataSource": {}}}',
      'transfer_spec',
      `Invalid value at 'transfer_spec' (oneof), oneof field 'data_source' is already set. Cannot set 'awsS3DataSource'`,
    ],
    [
      'int32 that is a text',
      LIST,
      '{"pageSize": "abc"}',
      'page_size',
      `Invalid value at 'page_size' (TYPE_INT32), "abc"`,
    ],
    ['int32 with a fraction', LIST, '{"pageSize": 1.5}', 'page_size', `Invalid value at 'page_size' (TYPE_INT32), 1.5`],
    [
      'int32 too large',
      LIST,
      '{"pageSize": 2147483648}',
      'page_size',
      `Invalid value at 'page_size' (TYPE_INT32), 2147483648`,
    ],
    [
      'int32 in other digits',
      LIST,
      '{"pageSize": "0x10"}',
      'page_size',
      `Invalid value at 'page_size' (TYPE_INT32), "0x10"`,
    ],
    ['int32 with space', LIST, '{"pageSize": " 1"}', 'page_size', `Invalid value at 'page_size' (TYPE_INT32), " 1"`],
    ['int32 of nothing', LIST, '{"pageSize": ""}', 'page_size', `Invalid value at 'page_size' (TYPE_INT32), ""`],
    [
      'int64 too large',
      `${PB}Int64Value`,
      '9223372036854775808',
      '',
      `Invalid value at '' (TYPE_INT64), 9223372036854775808`,
    ],
    ['int64 of letters', `${PB}Int64Value`, '"x"', '', `Invalid value at '' (TYPE_INT64), "x"`],
    ['uint64 below zero', `${PB}UInt64Value`, '-1', '', `Invalid value at '' (TYPE_UINT64), -1`],
    [
      'an exponent beyond all',
      COUNTERS,
      '{"bytesCopiedToSink": 1e999999999}',
      'bytes_copied_to_sink',
      `Invalid value at 'bytes_copied_to_sink' (TYPE_INT64), 1e999999999`,
    ],
    ['a double too large', `${PB}DoubleValue`, '1e400', '', `Invalid value at '' (TYPE_DOUBLE), 1e400`],
    ['a float too large', `${PB}FloatValue`, '3.5e38', '', `Invalid value at '' (TYPE_FLOAT), 3.5e38`],
    ['another spelling of infinity', `${PB}DoubleValue`, '"inf"', '', `Invalid value at '' (TYPE_DOUBLE), "inf"`],
    ['a boolean as text', OPERATION, '{"done": "true"}', 'done', `Invalid value at 'done' (TYPE_BOOL), "true"`],
    [
      'a string that is a number',
      `${STS}AwsAccessKey`,
      '{"secretAccessKey": 123}',
      'secret_access_key',
      `Invalid value at 'secret_access_key' (TYPE_STRING), a number`,
    ],
    ['base64 of one character', `${PB}BytesValue`, '"A"', '', `Invalid value at '' (TYPE_BYTES), a string`],
    ['base64 of two alphabets', `${PB}BytesValue`, '"+_8="', '', `Invalid value at '' (TYPE_BYTES), a string`],
    ['base64 padded too much', `${PB}BytesValue`, '"+/8=="', '', `Invalid value at '' (TYPE_BYTES), a string`],
    [
      'an enum without that name',
      JOB,
      '{"status": "X"}',
      'status',
      `Invalid value at 'status' (type.googleapis.com/google.storagetransfer.v1.TransferJob.Status), "X"`,
    ],
    [
      'an enum in another case',
      JOB,
      '{"status": "enabled"}',
      'status',
      `Invalid value at 'status' (type.googleapis.com/google.storagetransfer.v1.TransferJob.Status), "enabled"`,
    ],
    [
      'an enum of a fraction',
      JOB,
      '{"status": 1.5}',
      'status',
      `Invalid value at 'status' (type.googleapis.com/google.storagetransfer.v1.TransferJob.Status), 1.5`,
    ],
    [
      'a time without an offset',
      `${PB}Timestamp`,
      '"2026-01-02T03:04:05"',
      '',
      `Invalid value at '' (${URL}${PB}Timestamp), "2026-01-02T03:04:05"`,
    ],
    [
      'a day that is not',
      `${PB}Timestamp`,
      '"2026-02-30T00:00:00Z"',
      '',
      `Invalid value at '' (${URL}${PB}Timestamp), "2026-02-30T00:00:00Z"`,
    ],
    [
      'a time of ten digits',
      `${PB}Timestamp`,
      '"2026-01-02T00:00:00.1234567890Z"',
      '',
      `Invalid value at '' (${URL}${PB}Timestamp), "2026-01-02T00:00:00.1234567890Z"`,
    ],
    [
      'a year too late by its offset',
      `${PB}Timestamp`,
      '"9999-12-31T23:59:59-01:00"',
      '',
      `Invalid value at '' (${URL}${PB}Timestamp), "9999-12-31T23:59:59-01:00"`,
    ],
    [
      'a duration too long',
      `${PB}Duration`,
      '"315576000000.1s"',
      '',
      `Invalid value at '' (${URL}${PB}Duration), "315576000000.1s"`,
    ],
    [
      'a year that is too late',
      `${PB}Timestamp`,
      '"10000-01-01T00:00:00Z"',
      '',
      `Invalid value at '' (${URL}${PB}Timestamp), "10000-01-01T00:00:00Z"`,
    ],
    [
      'a duration of ten digits',
      `${PB}Duration`,
      '"1.0000000001s"',
      '',
      `Invalid value at '' (${URL}${PB}Duration), "1.0000000001s"`,
    ],
    ['a duration without its unit', `${PB}Duration`, '3', '', `Invalid value at '' (${URL}${PB}Duration), 3`],
    [
      'a mask of more characters than there may be',
      `${PB}FieldMask`,
      JSON.stringify('a,'.repeat(40_000) + 'a'),
      '',
      "Invalid value at '': a mask has at most 65536 characters",
    ],
    ['a mask with a hole', `${PB}FieldMask`, '"a,,b"', '', `Invalid value at '' (${URL}${PB}FieldMask), "a,,b"`],
    [
      'an Any of a type nobody knows',
      OPERATION,
      `{"metadata": {"@type": "${URL}nope.Nope"}}`,
      'metadata',
      `Invalid value at 'metadata': the type of "@type", "${URL}nope.Nope", is not known here`,
    ],
    [
      'an Any without a type',
      OPERATION,
      '{"metadata": {"name": "x"}}',
      'metadata',
      `Invalid value at 'metadata': an Any needs a text as its member "@type"`,
    ],
    [
      'an Any of two types',
      OPERATION,
      `{"metadata": {"@type": "${URL}${PB}Empty", "@type": "${URL}${PB}Empty"}}`,
      'metadata',
      `Invalid value at 'metadata': there are two members "@type"`,
    ],
    [
      'a mistake within an Any',
      OPERATION,
      `{"metadata": {"@type": "${URL}${INFO}", "nope": 1}}`,
      'metadata',
      `Invalid JSON payload received. Unknown name "nope" at 'metadata': Cannot find field.`,
    ],
    [
      'an Any of a time without value',
      OPERATION,
      `{"metadata": {"@type": "${URL}${PB}Duration"}}`,
      'metadata',
      `Invalid value at 'metadata': a google.protobuf.Duration within an Any is its only other member, "value"`,
    ],
    [
      'a text for a message',
      JOB,
      '{"transferSpec": ""}',
      'transfer_spec',
      `Invalid value at 'transfer_spec' (${URL}${SPEC}), ""`,
    ],
    [
      'a list for a message',
      JOB,
      '{"transferSpec": []}',
      'transfer_spec',
      `Invalid value at 'transfer_spec' (${URL}${SPEC}), a list`,
    ],
    [
      'an element for a list',
      `${STS}ObjectConditions`,
      '{"includePrefixes": "a"}',
      'include_prefixes',
      `Invalid value at 'include_prefixes' (a list), "a"`,
    ],
    [
      'null in a list',
      `${STS}ObjectConditions`,
      '{"includePrefixes": ["a", null]}',
      'include_prefixes[1]',
      `Invalid value at 'include_prefixes[1]' (TYPE_STRING), null`,
    ],
    [
      'null in a map',
      INFO,
      '{"metadata": {"a": null}}',
      'metadata["a"]',
      `Invalid value at 'metadata["a"]' (TYPE_STRING), null`,
    ],
    [
      'a member of Empty',
      `${PB}Empty`,
      '{"a": 1}',
      '',
      'Invalid JSON payload received. Unknown name "a": Cannot find field.',
    ],
  ])('%s', (...[, type, json, field, description]) => {
    const error = refusal(() => read(type, json));

    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    expect(error.fieldViolations).toEqual([{ field, description }]);
  });

  test('several are told together, within the body of a request', () => {
    const error = refusal(() => read(JOB, '{"x": 1, "status": "X", "schedule": {"y": 1}}', 'transfer_job'));

    expect(error.fieldViolations.map(({ field }) => field)).toEqual([
      'transfer_job',
      'transfer_job.status',
      'transfer_job.schedule',
    ]);
    expect(error.message.split('\n')).toHaveLength(3);
  });

  test('more of them than the limit are not kept', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `"x${String(index)}": 1`);

    const error = refusal(() => read(LIST, `{${names.join(',')}}`));

    expect(error.fieldViolations).toHaveLength(DEFAULT_PROTO_JSON_LIMITS.violationCountMax);
  });
});

describe('what is no JSON is INVALID_ARGUMENT', () => {
  const deep = DEFAULT_PROTO_JSON_LIMITS.depthMax + 1;

  test.each<[row: string, json: string]>([
    ['nothing', ''],
    ['a bare word', 'nope'],
    ['a second value', '{} {}'],
    ['a comma at the end', '{"filter": "a",}'],
    ['a comment', '{} // x'],
    ['a name without quotes', '{filter: "a"}'],
    ['single quotes', "{'filter': 'a'}"],
    ['a number with a leading zero', '{"pageSize": 01}'],
    ['a number with a plus', '{"pageSize": +1}'],
    ['a number without a whole part', '{"pageSize": .5}'],
    ['NaN without quotes', '{"pageSize": NaN}'],
    ['a control in a string', '{"filter": "\u0001"}'],
    ['an unknown escape', String.raw`{"filter": "\x41"}`],
    ['a short escape', String.raw`{"filter": "\u12"}`],
    ['half a surrogate pair', String.raw`{"filter": "\ud800"}`],
    ['an open string', '{"filter": "a'],
    ['an open object', '{"filter": "a"'],
    ['too deep', '['.repeat(deep) + ']'.repeat(deep)],
    ['very deep', '['.repeat(1_000_000)],
    ['too many values', `[${'0,'.repeat(DEFAULT_PROTO_JSON_LIMITS.valueCountMax)}0]`],
    ['too long', ' '.repeat(DEFAULT_PROTO_JSON_LIMITS.textLengthMax + 1)],
  ])('%s', (_row, json) => {
    const error = refusal(() => read(`${PB}Value`, json));

    expect(error).toMatchObject({
      code: Code.INVALID_ARGUMENT,
      info: { reason: 'MALFORMED_JSON' },
      fieldViolations: [],
    });
  });

  test('bytes that are no UTF-8', () => {
    const bytes = Buffer.from([0x22, 0xff, 0x22]);

    const error = refusal(() => readJsonMessage(`${PB}Value`, bytes, { limits: DEFAULT_PROTO_JSON_LIMITS }));

    expect(error.info.reason).toBe('MALFORMED_JSON');
  });
});

test('a Struct as deep as the limit is one that can be stored and read again', () => {
  const depth = DEFAULT_PROTO_JSON_LIMITS.depthMax - 1;
  const json = `{"a": ${'['.repeat(depth)}${']'.repeat(depth)}}`;

  expect(overTheWire(`${PB}Struct`, read(`${PB}Struct`, json))).toEqual(read(`${PB}Struct`, json));
});

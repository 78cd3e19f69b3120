import { describe, expect, test } from '@jest/globals';
import { jsonText } from '../../../src/schema/json/json-text.ts';
import { messageJson, type MessageJsonOptions } from '../../../src/schema/message-json.ts';
import { decodeMessage, encodeMessage, packAny, wireAny } from '../../../src/schema/protos.ts';

const PB = 'google.protobuf.';
const STS = 'google.storagetransfer.v1.';
const URL = 'type.googleapis.com/';
const OPERATION = 'google.longrunning.Operation';
const JOB = `${STS}TransferJob`;

function written(type: string, message: object, options?: MessageJsonOptions): string {
  return jsonText(messageJson(type, decodeMessage(type, encodeMessage(type, message)), options));
}

interface Told {
  readonly '@type': string;
  readonly value: unknown;
}

const withMetadata = (name: string, message: object): object => ({ metadata: wireAny(packAny(name, message)) });

describe('a message is written as protobuf JSON', () => {
  test.each<[row: string, type: string, message: object, json: string]>([
    ['names in camel case', `${STS}TransferOperation`, { projectId: 'p' }, '{"projectId":"p"}'],
    ['defaults are left out', OPERATION, { name: '', done: false }, '{}'],
    ['an int64 of 0, and an enum of 0', `${STS}ErrorSummary`, { errorCode: 0, errorCount: '0' }, '{}'],
    ['an empty list', `${STS}ObjectConditions`, { includePrefixes: [] }, '{}'],
    ['an empty map', 'google.rpc.ErrorInfo', { reason: 'R', metadata: {} }, '{"reason":"R"}'],
    ['a message of defaults stays', `${STS}TransferSpec`, { objectConditions: {} }, '{"objectConditions":{}}'],
    [
      'a default of an optional field stays',
      'google.cloud.storagebatchoperations.v1.PutMetadata',
      { contentType: '', cacheControl: 'x' },
      '{"contentType":"","cacheControl":"x"}',
    ],
    [
      'int64 as text',
      `${STS}TransferCounters`,
      { bytesCopiedToSink: '9007199254740993' },
      '{"bytesCopiedToSink":"9007199254740993"}',
    ],
    ['uint64 as text', `${PB}UInt64Value`, { value: '18446744073709551615' }, '"18446744073709551615"'],
    ['int64, the least', `${PB}Int64Value`, { value: '-9223372036854775808' }, '"-9223372036854775808"'],
    ['int32 as number', 'google.rpc.Status', { code: 5 }, '{"code":5}'],
    ['bytes in padded standard base64', `${PB}BytesValue`, { value: Buffer.from([0xfb, 0xff]) }, '"+/8="'],
    ['an enum by its name', JOB, { status: 'ENABLED' }, '{"status":"ENABLED"}'],
    ['a number its enum does not know', JOB, { status: 77 }, '{"status":77}'],
    ['a time of seconds', `${PB}Timestamp`, { seconds: 1 }, '"1970-01-01T00:00:01Z"'],
    ['a time of milliseconds', `${PB}Timestamp`, { seconds: 1, nanos: 5e8 }, '"1970-01-01T00:00:01.500Z"'],
    ['the first time', `${PB}Timestamp`, { seconds: -62135596800 }, '"0001-01-01T00:00:00Z"'],
    [
      'the last time',
      `${PB}Timestamp`,
      { seconds: 253402300799, nanos: 999999999 },
      '"9999-12-31T23:59:59.999999999Z"',
    ],
    ['a time of microseconds', `${PB}Timestamp`, { nanos: 1000 }, '"1970-01-01T00:00:00.000001Z"'],
    ['a time of nanoseconds', `${PB}Timestamp`, { nanos: 1 }, '"1970-01-01T00:00:00.000000001Z"'],
    ['a duration of seconds', `${PB}Duration`, { seconds: 3 }, '"3s"'],
    ['a duration of microseconds', `${PB}Duration`, { nanos: 1000 }, '"0.000001s"'],
    ['a duration of nanoseconds', `${PB}Duration`, { seconds: -1, nanos: -1 }, '"-1.000000001s"'],
    ['the longest duration', `${PB}Duration`, { seconds: 315576000000 }, '"315576000000s"'],
    ['the longest below zero', `${PB}Duration`, { seconds: -315576000000 }, '"-315576000000s"'],
    ['a duration below zero', `${PB}Duration`, { nanos: -5e8 }, '"-0.500s"'],
    [
      'a mask in camel case',
      `${PB}FieldMask`,
      { paths: ['status', 'transfer_spec.transfer_options'] },
      '"status,transferSpec.transferOptions"',
    ],
    ['not a number', `${PB}DoubleValue`, { value: Number.NaN }, '"NaN"'],
    ['infinity', `${PB}DoubleValue`, { value: Number.NEGATIVE_INFINITY }, '"-Infinity"'],
    ['a wrapper of a default', `${PB}Int64Value`, {}, '"0"'],
    ['Empty', `${PB}Empty`, {}, '{}'],
    [
      'an Any',
      OPERATION,
      withMetadata('google.rpc.ErrorInfo', { reason: 'R' }),
      `{"metadata":{"@type":"${URL}google.rpc.ErrorInfo","reason":"R"}}`,
    ],
    [
      'an Any of a time',
      OPERATION,
      withMetadata(`${PB}Duration`, { seconds: 1 }),
      `{"metadata":{"@type":"${URL}${PB}Duration","value":"1s"}}`,
    ],
    [
      'an Any of a wrapper',
      OPERATION,
      withMetadata(`${PB}StringValue`, { value: 'x' }),
      `{"metadata":{"@type":"${URL}${PB}StringValue","value":"x"}}`,
    ],
    [
      'an Any of a Struct',
      OPERATION,
      withMetadata(`${PB}Struct`, { fields: { '@type': { stringValue: 'x' } } }),
      `{"metadata":{"@type":"${URL}${PB}Struct","value":{"@type":"x"}}}`,
    ],
    [
      'an Any of a mask',
      OPERATION,
      withMetadata(`${PB}FieldMask`, { paths: ['a_b'] }),
      `{"metadata":{"@type":"${URL}${PB}FieldMask","value":"aB"}}`,
    ],
    [
      'an Any of an Any',
      OPERATION,
      withMetadata(`${PB}Any`, wireAny(packAny('google.rpc.ErrorInfo', { reason: 'R' }))),
      `{"metadata":{"@type":"${URL}${PB}Any","value":{"@type":"${URL}google.rpc.ErrorInfo","reason":"R"}}}`,
    ],
    ['an Any of nothing', OPERATION, withMetadata(`${PB}Empty`, {}), `{"metadata":{"@type":"${URL}${PB}Empty"}}`],
    [
      'an Any whose type is of another place',
      OPERATION,
      { metadata: { type_url: 'types.example.com/of/google.rpc.ErrorInfo', value: Buffer.from([10, 1, 82]) } },
      '{"metadata":{"@type":"types.example.com/of/google.rpc.ErrorInfo","reason":"R"}}',
    ],
    [
      'an Any of a type that is not loaded',
      OPERATION,
      { metadata: { type_url: `${URL}acme.v1.Unknown`, value: Buffer.from('??') } },
      `{"metadata":{"@type":"${URL}acme.v1.Unknown","value":"Pz8="}}`,
    ],
    ['an empty Any', OPERATION, { metadata: {} }, '{"metadata":{}}'],
    [
      'a Struct',
      `${PB}Struct`,
      { fields: { a: { listValue: { values: [{ numberValue: 1 }, { nullValue: 0 }, { structValue: {} }] } } } },
      '{"a":[1,null,{}]}',
    ],
    [
      'a date',
      `${STS}Schedule`,
      { scheduleStartDate: { year: 2026, month: 1, day: 2 } },
      '{"scheduleStartDate":{"year":2026,"month":1,"day":2}}',
    ],
    [
      'a time of day',
      `${STS}Schedule`,
      { startTimeOfDay: { hours: 24, minutes: 0, nanos: 1 } },
      '{"startTimeOfDay":{"hours":24,"nanos":1}}',
    ],
    ['a map', 'google.rpc.ErrorInfo', { metadata: { a: '', b: 'c' } }, '{"metadata":{"a":"","b":"c"}}'],
    [
      'what a script would take for an end',
      OPERATION,
      { name: '</script>\u2028\u200b' },
      String.raw`{"name":"\u003c/script\u003e\u2028\u200b"}`,
    ],
  ])('%s', (_row, type, message, json) => {
    expect(written(type, message)).toBe(json);
  });

  // timestamp.proto and duration.proto bound both; an operation must be shown whatever its worker has reported.
  test.each<[row: string, type: string, message: object]>([
    ['a time after the last', `${PB}Timestamp`, { seconds: 253402300800 }],
    ['a time beyond all dates', `${PB}Timestamp`, { seconds: '9223372036854775807' }],
    ['a time before the first', `${PB}Timestamp`, { seconds: -62135596801 }],
    ['a time of too many nanoseconds', `${PB}Timestamp`, { nanos: 1e9 }],
    ['a time of nanoseconds below zero', `${PB}Timestamp`, { nanos: -1 }],
    ['a duration that is too long', `${PB}Duration`, { seconds: 315576000001 }],
    ['a duration of two signs', `${PB}Duration`, { seconds: 1, nanos: -1 }],
    ['a duration of too many nanoseconds', `${PB}Duration`, { nanos: 1e9 }],
    ['a field that is no time', `${STS}TransferOperation`, { projectId: 'p', startTime: { seconds: '8640000000001' } }],
  ])('an Any of %s, which JSON has no form for, is its bytes', (_row, type, message) => {
    const { typeUrl, value } = packAny(type, message);

    expect(JSON.parse(written(OPERATION, withMetadata(type, message)))).toEqual({
      metadata: { '@type': typeUrl, value: Buffer.from(value).toString('base64') },
    });
  });

  test('an Any within more others than a stack has room for is bytes from some depth on', () => {
    let any = packAny('google.rpc.ErrorInfo', { reason: 'R' });
    for (let depth = 0; depth < 20_000; depth += 1) any = packAny(`${PB}Any`, wireAny(any));

    const told = JSON.parse(written(OPERATION, { metadata: wireAny(any) })) as { metadata?: Told };
    let depth = 0;
    for (let at = told.metadata; typeof at === 'object'; at = at.value as Told) {
      expect(at['@type']).toBe(`${URL}${PB}Any`);
      depth += 1;
    }
    expect(depth).toBe(33);
  });

  test('enums are numbers where that is asked for, within an Any too', () => {
    const message = withMetadata(`${STS}TransferOperation`, { status: 'SUCCESS' });

    expect(written(OPERATION, message, { enums: 'numbers' })).toContain('"status":3');
  });

  test('defaults are told where that is asked for, but not those of a oneof', () => {
    expect(JSON.parse(written(OPERATION, {}, { hasDefaults: true }))).toEqual({ name: '', done: false });
    expect(JSON.parse(written(`${STS}AgentPool`, {}, { hasDefaults: true }))).toEqual({
      name: '',
      displayName: '',
      state: 'STATE_UNSPECIFIED',
    });
    expect(JSON.parse(jsonText(messageJson(`${STS}AgentPool.BandwidthLimit`, {}, { hasDefaults: true })))).toEqual({
      limitMbps: '0',
    });
  });

  test('indented text ends with a line feed', () => {
    expect(jsonText({ done: true, response: {} }, 'indented')).toBe('{\n  "done": true,\n  "response": {}\n}\n');
  });

  test.each([
    ['<>', '\\u003c\\u003e'],
    ["&'/", "&'/"],
    ['\u007f\u0080\u009f', '\\u007f\\u0080\\u009f'],
    ['\u00a0', '\u00a0'],
    ['\u00ad', '\\u00ad'],
    ['\u0600\u0604', '\\u0600\u0604'],
    ['\u17b5', '\\u17b5'],
    ['\u200b\u2028\u2029', '\\u200b\\u2028\\u2029'],
    ['\u206f\ufeff\ufffb', '\\u206f\\ufeff\\ufffb'],
    ['\u{1d173}\u{1d172}', '\\ud834\\udd73\u{1d172}'],
    ['\u{e0001}\u{e0041}\u{e0080}', '\\udb40\\udc01\\udb40\\udc41\u{e0080}'],
    ['é€😀', 'é€😀'],
  ])('%j is written as Google writes it', (text, written) => {
    expect(jsonText(text)).toBe(`"${written}"`);
    expect(JSON.parse(jsonText(text))).toBe(text);
  });
});

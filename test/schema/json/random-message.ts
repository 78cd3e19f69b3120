import fc from 'fast-check';
import { jsonFields, type JsonField } from '../../../src/schema/json/json-fields.ts';
import { packAny, wireAny, type Message } from '../../../src/schema/protos.ts';

type Values = fc.Arbitrary<unknown>;

/** Whole messages within a message; those of a Value count too. */
const DEPTH = 3;

const known = new Map<string, fc.Arbitrary<Message>>();

/** Messages of the type as a Method may answer them, every field set in some; numbers are never -0, which JSON.stringify has no form for. */
export function randomMessage(name: string, depth = DEPTH): fc.Arbitrary<Message> {
  const id = `${name}@${String(depth)}`;
  const arbitrary = known.get(id) ?? SPECIAL[name]?.(depth) ?? ofFields(name, depth);
  known.set(id, arbitrary);
  return arbitrary;
}

function ofFields(name: string, depth: number): fc.Arbitrary<Message> {
  const fields = [...new Set(jsonFields(name).values())].filter(({ type }) => depth > 0 || type.kind !== 'message');
  const members = Object.fromEntries(fields.map((field) => [field.key, ofField(field, depth)]));
  return fc.record(members, { requiredKeys: [] }).map((message) => oneOfEach(message, fields));
}

/** Leaves out what would be a second member of a oneof. */
function oneOfEach(message: Record<string, unknown>, fields: readonly JsonField[]): Message {
  const chosen = new Set<string>();
  const kept = fields.filter(({ key, oneof }) => {
    if (message[key] === undefined || (oneof !== undefined && chosen.has(oneof))) return false;
    if (oneof !== undefined) chosen.add(oneof);
    return true;
  });
  return Object.fromEntries(kept.map(({ key }) => [key, message[key]]));
}

function ofField(field: JsonField, depth: number): Values {
  const value = ofType(field, depth);
  if (field.rule === 'repeated') return fc.array(value, { maxLength: 3 });
  if (field.rule === 'map') return fc.dictionary(KEYS, value, { maxKeys: 3 });
  return value;
}

function ofType({ type, protoType }: JsonField, depth: number): Values {
  if (type.kind === 'message') return randomMessage(type.name, depth - 1);
  if (type.kind !== 'enum') return SCALARS[protoType] ?? fc.constant(undefined);
  const unknown = type.name === 'google.protobuf.NullValue' ? [] : [7777];
  return fc.constantFrom(...type.values.keys(), ...unknown);
}

const KEYS = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom('', '__proto__', 'constructor', '@type'),
);

/** Of 0, 3, 6 and 9 digits. */
const NANOS = fc.oneof(
  fc.integer({ min: 0, max: 999_999_999 }),
  fc.integer({ min: 0, max: 999 }).map((milliseconds) => milliseconds * 1e6),
  fc.integer({ min: 0, max: 999_999 }).map((microseconds) => microseconds * 1000),
);

const notNegativeZero = (value: number): boolean => !Object.is(value, -0);
const long = (min: bigint, max: bigint): Values => fc.bigInt({ min, max }).map(String);
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const int64 = long(-(2n ** 63n), 2n ** 63n - 1n);
const uint64 = long(0n, 2n ** 64n - 1n);

const SCALARS: Readonly<Record<string, Values>> = {
  TYPE_BOOL: fc.boolean(),
  TYPE_STRING: fc.string({ unit: 'binary', maxLength: 12 }),
  TYPE_BYTES: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  TYPE_DOUBLE: fc.double().filter(notNegativeZero),
  TYPE_FLOAT: fc.float().filter(notNegativeZero),
  TYPE_INT32: int32,
  TYPE_SINT32: int32,
  TYPE_SFIXED32: int32,
  TYPE_UINT32: uint32,
  TYPE_FIXED32: uint32,
  TYPE_INT64: int64,
  TYPE_SINT64: int64,
  TYPE_SFIXED64: int64,
  TYPE_UINT64: uint64,
  TYPE_FIXED64: uint64,
};

/** Messages of each form that an Any has in JSON. */
const IN_ANY = [
  ...[
    'Any',
    'BytesValue',
    'Duration',
    'Empty',
    'FieldMask',
    'Int64Value',
    'ListValue',
    'Struct',
    'Timestamp',
    'Value',
  ].map((name) => `google.protobuf.${name}`),
  'google.checks.report.v1alpha.Report',
  'google.cloud.storagebatchoperations.v1.OperationMetadata',
  'google.rpc.ErrorInfo',
  'google.storagetransfer.v1.TransferOperation',
];

/** What random fields would not make one of, or could not go on with for ever. */
const SPECIAL: Readonly<Record<string, (depth: number) => fc.Arbitrary<Message>>> = {
  'google.protobuf.Timestamp': () =>
    fc.record({
      seconds: fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
      nanos: NANOS,
    }),
  'google.protobuf.Duration': () =>
    fc
      .record({
        seconds: fc.integer({ min: 0, max: 315_575_999_999 }),
        nanos: NANOS,
        sign: fc.constantFrom(1, -1),
      })
      .map(({ seconds, nanos, sign }) => ({ seconds: sign * seconds, nanos: sign * nanos })),
  'google.protobuf.FieldMask': () =>
    fc.record({ paths: fc.array(fc.constantFrom('status', 'transfer_spec', 'a_b.c_d', 'x1.y'), { maxLength: 3 }) }),
  'google.protobuf.Any': (depth) =>
    fc.oneof(
      fc.constant({}),
      fc
        .constantFrom(...(depth > 0 ? IN_ANY : IN_ANY.filter((name) => name !== 'google.protobuf.Any')))
        .chain((name) => randomMessage(name, Math.max(depth - 1, 0)).map((message) => packed(name, message))),
    ),
  'google.protobuf.Value': (depth) => {
    const leaves = [
      fc.record({ numberValue: fc.double({ noNaN: true, noDefaultInfinity: true }).filter(notNegativeZero) }),
      fc.record({ stringValue: fc.string({ maxLength: 5 }) }),
      fc.record({ boolValue: fc.boolean() }),
      fc.constant({ nullValue: 'NULL_VALUE' }),
    ];
    if (depth <= 0) return fc.oneof(...leaves);
    return fc.oneof(
      ...leaves,
      fc.record({ structValue: randomMessage('google.protobuf.Struct', depth - 1) }),
      fc.record({ listValue: randomMessage('google.protobuf.ListValue', depth - 1) }),
    );
  },
};

function packed(name: string, message: Message): Message {
  return wireAny(packAny(name, message)) as Message;
}

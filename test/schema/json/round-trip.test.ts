import {
  createFileRegistry,
  fromBinary,
  fromJson,
  fromJsonString,
  toBinary,
  toJson,
  type DescMessage,
  type FileRegistry,
} from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadDescriptors } from '../../../src/schema/descriptors.ts';
import { jsonText } from '../../../src/schema/json/json-text.ts';
import { DEFAULT_PROTO_JSON_LIMITS } from '../../../src/schema/json/limits.ts';
import { readJsonMessage } from '../../../src/schema/json/read-json-message.ts';
import { messageJson } from '../../../src/schema/message-json.ts';
import { protoMessageTypes } from '../../../src/schema/message-types.ts';
import { decodeMessage, encodeMessage, type Message } from '../../../src/schema/protos.ts';
import { randomMessage } from './random-message.ts';

const OF_THE_APIS =
  /^(?:google\.(?:longrunning|storagetransfer\.v1|cloud\.storagebatchoperations\.v1|checks\.\w+\.v1alpha|rpc|type)|longrunning\.\w+\.v1)\./;
const WELL_KNOWN =
  /^google\.protobuf\.(?:Any|Timestamp|Duration|FieldMask|Struct|Value|ListValue|Empty|\w+(?:64|32|Bool|String|Bytes|Double|Float)?Value)$/;
const TYPES = protoMessageTypes.names().filter((name) => OF_THE_APIS.test(name) || WELL_KNOWN.test(name));

/** For each type; its fields' types come along. */
const RUN_COUNT = 15;

let registry: FileRegistry;

/** An implementation that shares nothing with ours but the protos. */
beforeAll(async () => {
  const { files } = await loadDescriptors();
  const protos = new Map(files.map(({ name, bytes }) => [name, fromBinary(FileDescriptorProtoSchema, bytes)]));
  registry = createFileRegistry({
    $typeName: 'google.protobuf.FileDescriptorSet',
    file: inOrder(protos),
  });
});

/** What a file imports stands before it. */
function inOrder(protos: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const add = (name: string): void => {
    const proto = protos.get(name);
    if (proto === undefined || ordered.has(proto)) return;
    proto.dependency.forEach(add);
    ordered.add(proto);
  };
  for (const name of protos.keys()) add(name);
  return [...ordered];
}

function schemaOf(type: string): DescMessage {
  const schema = registry.getMessage(type);
  if (schema === undefined) throw new Error(`the oracle has no ${type}`);
  return schema;
}

function read(type: string, json: string): Message {
  return readJsonMessage(type, json, { limits: DEFAULT_PROTO_JSON_LIMITS });
}

/** Off the wire, without defaults that were spelled out, within Anys either. */
function canonical(type: string, message: Message): { readonly message: Message; readonly oracleJson: unknown } {
  const schema = schemaOf(type);
  const oracleJson = toJson(schema, fromBinary(schema, encodeMessage(type, message)), { registry });
  const theirs = fromJson(schema, oracleJson, { registry });
  return { message: decodeMessage(type, toBinary(schema, theirs)), oracleJson };
}

test.each([
  ['google.longrunning.', 8],
  ['google.storagetransfer.v1.', 43],
  ['google.cloud.storagebatchoperations.v1.', 28],
  ['google.checks.', 50],
  ['longrunning.', 51],
  ['google.rpc.', 11],
  ['google.type.', 2],
  ['google.protobuf.', 17],
])('all types of %s are looked at, which are %i', (prefix, count) => {
  expect(TYPES.filter((name) => name.startsWith(prefix))).toHaveLength(count);
});

test.each(TYPES)('%s is the same after JSON, and is the same JSON elsewhere', (type) => {
  fc.assert(
    fc.property(randomMessage(type), (random) => {
      const { message, oracleJson } = canonical(type, random);
      const json = jsonText(messageJson(type, message));

      expect(read(type, json)).toEqual(message);
      expect(JSON.parse(json)).toEqual(oracleJson);
      expect(read(type, JSON.stringify(oracleJson))).toEqual(message);
      const theirs = fromJsonString(schemaOf(type), json, { registry });
      expect(decodeMessage(type, toBinary(schemaOf(type), theirs))).toEqual(message);
    }),
    { numRuns: RUN_COUNT },
  );
});

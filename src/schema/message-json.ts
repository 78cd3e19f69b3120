import { messageName, typeUrl, type Any } from '../core/any.ts';
import type { FieldType, MessageField } from '../operations/message-types.ts';
import { protoMessageTypes } from './message-types.ts';
import { domainAny, unpackAny, type Message } from './protos.ts';
import { durationText, rfc3339Text } from './time-text.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [member: string]: Json;
}

/**
 * A decoded message as protobuf's JSON: camelCase members, 64-bit integers and enums as texts, bytes in base64, times in RFC 3339,
 * and the members of an Any beside its `@type`. An Any of a type that is not loaded keeps its bytes, in base64, as `value`.
 *
 * @param name  the message's full name; one that is not loaded is a bug.
 */
export function messageJson(name: string, message: Message): Json {
  const special = WELL_KNOWN[name];
  if (special !== undefined) return special(message);
  const type = protoMessageTypes.find(name);
  if (type === undefined) throw new Error(`${name} is not a message of the loaded protos`);
  const fields = type.fieldNames.map((field) => type.field(field)).filter((field) => field !== undefined);
  const set = fields.filter(({ key }) => message[key] !== undefined && message[key] !== null);
  return Object.fromEntries(set.map((field) => [field.key, fieldJson(message[field.key], field)]));
}

/** proto3's JSON mapping: "If the Any contains a value that has a special JSON mapping", it stands in `value`. */
export function anyJson(any: Any): Json {
  const name = messageName(any);
  const type = { '@type': any.typeUrl === '' ? typeUrl(name) : any.typeUrl };
  const message = knownMessage(any);
  if (message === undefined) return { ...type, value: base64(any.value) };
  const json = messageJson(name, message);
  if (WELL_KNOWN[name] !== undefined && name !== 'google.protobuf.Empty') return { ...type, value: json };
  return { ...type, ...(json as JsonObject) };
}

/** Bytes that are not of the type they claim are shown as they are: what explains an operation must not fail on it. */
function knownMessage(any: Any): Message | undefined {
  try {
    return unpackAny(any);
  } catch {
    return undefined;
  }
}

/** What protobuf's JSON writes in another form than its fields. */
const WELL_KNOWN: Readonly<Record<string, (message: Message) => Json>> = {
  'google.protobuf.Any': (message) => anyJson(domainAny(message)),
  'google.protobuf.Timestamp': rfc3339Text,
  'google.protobuf.Duration': durationText,
  'google.protobuf.FieldMask': (message) => ((message['paths'] ?? []) as readonly string[]).join(','),
  'google.protobuf.Empty': () => ({}),
};

function fieldJson(value: unknown, { rule, type }: MessageField): Json {
  if (rule === 'repeated') return (value as readonly unknown[]).map((each) => valueJson(each, type));
  if (rule === 'single') return valueJson(value, type);
  return Object.fromEntries(Object.entries(value as Message).map(([key, each]) => [key, valueJson(each, type)]));
}

function valueJson(value: unknown, type: FieldType): Json {
  if (type.kind === 'message') return messageJson(type.name, value as Message);
  if (value instanceof Uint8Array) return base64(value);
  // Numbers that JSON has no form for.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value as Json;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

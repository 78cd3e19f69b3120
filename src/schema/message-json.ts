import { messageName, typeUrl, type Any } from '../core/any.ts';
import { durationText, rfc3339Text } from './time-text.ts';
import {
  domainAny,
  isKnownMessage,
  messageDescriptor,
  unpackAny,
  type FieldDescriptor,
  type Message,
  type MessageDescriptor,
} from './protos.ts';

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
  const descriptor = messageDescriptor(name);
  if (descriptor === undefined) throw new Error(`${name} is not a message of the loaded protos`);
  const members = descriptor.field
    .filter((field) => message[field.name] !== undefined && message[field.name] !== null)
    .map((field) => [field.name, fieldJson(message[field.name], field, { name, descriptor })] as const);
  return Object.fromEntries(members);
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

interface Scope {
  readonly name: string;
  readonly descriptor: MessageDescriptor;
}

function fieldJson(value: unknown, field: FieldDescriptor, scope: Scope): Json {
  const entry = mapEntry(field, scope);
  if (entry !== undefined) return mapJson(value as Message, entry, scope);
  if (field.label === 'LABEL_REPEATED')
    return (value as readonly unknown[]).map((each) => valueJson(each, field, scope));
  return valueJson(value, field, scope);
}

function mapEntry({ typeName, label }: FieldDescriptor, { descriptor }: Scope): MessageDescriptor | undefined {
  if (label !== 'LABEL_REPEATED' || typeName === '') return undefined;
  return descriptor.nestedType.find(({ name, options }) => name === typeName && options?.mapEntry === true);
}

function mapJson(map: Message, entry: MessageDescriptor, scope: Scope): Json {
  const field = entry.field.find(({ name }) => name === 'value');
  if (field === undefined) return {};
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, valueJson(value, field, scope)]));
}

function valueJson(value: unknown, { type, typeName }: FieldDescriptor, scope: Scope): Json {
  if (type === 'TYPE_MESSAGE') return messageJson(resolveName(typeName, scope.name), value as Message);
  if (value instanceof Uint8Array) return base64(value);
  // Numbers that JSON has no form for.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value as Json;
}

/** protobuf's rule of names: the innermost scope that has it. */
function resolveName(typeName: string, scope: string): string {
  const relative = typeName.replace(/^\./, '');
  const scopes = scope.split('.').map((_part, index, parts) => parts.slice(0, parts.length - index).join('.'));
  return scopes.map((each) => `${each}.${relative}`).find(isKnownMessage) ?? relative;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

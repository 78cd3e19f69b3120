import { messageName, typeUrl, type Any } from '../core/any.ts';
import type { FieldType, MessageField } from '../operations/message-types.ts';
import { fieldMaskText } from './json/field-mask.ts';
import { jsonFields } from './json/json-fields.ts';
import { DEFAULT_PROTO_JSON_LIMITS } from './json/limits.ts';
import { NoJsonForm } from './json/no-json-form.ts';
import { hasSpecialJson, isWrapper } from './json/special-json.ts';
import { protoMessageTypes } from './message-types.ts';
import { domainAny, unpackAny, type Message } from './protos.ts';
import { durationText, rfc3339Text } from './time-text.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [member: string]: Json;
}

export interface MessageJsonOptions {
  /** Numbers are what `alt=json;enum-encoding=int` asks for. */
  readonly enums?: 'names' | 'numbers';
  /** Whether fields that are at their default are told too; those that can tell a default from none are told when they are set. */
  readonly hasDefaults?: boolean;
}

interface Writing extends MessageJsonOptions {
  /** Anys around what is written. */
  readonly anyDepth?: number;
}

/**
 * Anys within each other that are told, as deep as JSON is read here. Nothing else bounds them: each has its own bytes, and 1 MiB holds
 * 20,000, more than the stack does.
 */
const ANY_DEPTH_MAX = DEFAULT_PROTO_JSON_LIMITS.depthMax;

/**
 * A decoded message as protobuf's JSON: camelCase members, 64-bit integers and enums as texts, bytes in base64, times in RFC 3339,
 * and the members of an Any beside its `@type`. What is at its default is left out. An Any of a type that is not loaded, of what JSON has
 * no form for, or within too many others, keeps its bytes, in base64, as `value`, and a number without a name of its enum stays a number:
 * what is stored can always be shown.
 *
 * @param name  the message's full name; one that is not loaded is a bug.
 * @throws NoJsonForm for a time that is none and in no Any.
 */
export function messageJson(name: string, message: Message, options: MessageJsonOptions = {}): Json {
  return written(name, message, options);
}

function written(name: string, message: Message, options: Writing): Json {
  const special = SPECIAL[name];
  if (special !== undefined) return special(message, options);
  if (isWrapper(name)) return wrapperJson(name, message);
  return fieldsJson(name, message, options);
}

/** A member that messages of one type may have. */
export interface JsonMember {
  readonly key: string;
  /** Whether it is a list of messages. */
  readonly isList: boolean;
}

/** The members of a message that is written by its fields, in their order. */
export function jsonMembers(name: string): readonly JsonMember[] {
  return fieldsOf(name).map(({ key, rule, type }) => ({ key, isList: rule === 'repeated' && type.kind === 'message' }));
}

/** proto3's JSON mapping: "If the Any contains a value that has a special JSON mapping", it stands in `value`. */
export function anyJson(any: Any, options: MessageJsonOptions = {}): Json {
  return writtenAny(any, options);
}

function writtenAny(any: Any, options: Writing): Json {
  if (any.typeUrl === '' && any.value.length === 0) return {};
  const { anyDepth = 0 } = options;
  const name = messageName(any);
  const type = { '@type': any.typeUrl === '' ? typeUrl(name) : any.typeUrl };
  const message = anyDepth < ANY_DEPTH_MAX ? knownMessage(any) : undefined;
  const json = message === undefined ? undefined : possibleJson(name, message, { ...options, anyDepth: anyDepth + 1 });
  if (json === undefined) return { ...type, value: base64(any.value) };
  return hasSpecialJson(name) ? { ...type, value: json } : { ...type, ...(json as JsonObject) };
}

/** Nobody checks the times that a worker reports; one that JSON has no form for must not hide its operation, and the list that has it. */
function possibleJson(name: string, message: Message, options: Writing): Json | undefined {
  try {
    return written(name, message, options);
  } catch (error) {
    if (error instanceof NoJsonForm) return undefined;
    throw error;
  }
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
const SPECIAL: Readonly<Record<string, (message: Message, options: Writing) => Json>> = {
  'google.protobuf.Any': (message, options) => writtenAny(domainAny(message), options),
  'google.protobuf.Timestamp': rfc3339Text,
  'google.protobuf.Duration': durationText,
  'google.protobuf.FieldMask': (message) => fieldMaskText((message['paths'] ?? []) as readonly string[]),
  'google.protobuf.Struct': structJson,
  'google.protobuf.ListValue': listJson,
  'google.protobuf.Value': dynamicJson,
};

function structJson({ fields }: Message): Json {
  const values = (fields ?? {}) as Readonly<Record<string, Message>>;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, dynamicJson(value)]));
}

function listJson({ values }: Message): Json {
  return ((values ?? []) as readonly Message[]).map(dynamicJson);
}

function dynamicJson({ structValue, listValue, stringValue, boolValue, numberValue }: Message): Json {
  if (structValue !== undefined) return structJson(structValue as Message);
  if (listValue !== undefined) return listJson(listValue as Message);
  if (stringValue !== undefined) return stringValue as string;
  if (boolValue !== undefined) return boolValue as boolean;
  return numberValue === undefined ? null : finite(numberValue as number);
}

/** The field of a wrapper says what it is also where it is not set. */
function wrapperJson(name: string, { value }: Message): Json {
  const [field] = fieldsOf(name);
  if (field === undefined) throw new Error(`${name} has no field`);
  return value === undefined ? defaultJson(name, field, {}) : valueJson(value, field.type, {});
}

/** Built member by member: an operation is written for each of its polls. */
function fieldsJson(name: string, message: Message, options: Writing): JsonObject {
  const json: Record<string, Json> = {};
  const fields = fieldsOf(name);
  for (const field of fields) {
    const value = message[field.key];
    const isAbsent = value === undefined || value === null;
    if (!isAbsent && (!isDefault(value, field) || isChosen(message, field.key, fields))) {
      json[field.key] = fieldJson(value, field, options);
    } else if (options.hasDefaults === true && hasDefault(name, field)) {
      json[field.key] = defaultJson(name, field, options);
    }
  }
  return json;
}

const fieldsByName = new Map<string, readonly MessageField[]>();

function fieldsOf(name: string): readonly MessageField[] {
  const known = fieldsByName.get(name);
  if (known !== undefined) return known;
  const type = protoMessageTypes.find(name);
  if (type === undefined) throw new Error(`${name} is not a message of the loaded protos`);
  const fields = type.fieldNames.map((field) => type.field(field)).filter((field) => field !== undefined);
  fieldsByName.set(name, fields);
  return fields;
}

function fieldJson(value: unknown, { rule, type }: MessageField, options: Writing): Json {
  if (rule === 'repeated') return (value as readonly unknown[]).map((each) => valueJson(each, type, options));
  if (rule === 'single') return valueJson(value, type, options);
  const entries = Object.entries(value as Message);
  return Object.fromEntries(entries.map(([key, each]) => [key, valueJson(each, type, options)]));
}

function valueJson(value: unknown, type: FieldType, options: Writing): Json {
  if (type.kind === 'message') return written(type.name, value as Message, options);
  if (type.kind === 'enum') return enumJson(value, type, options);
  if (value instanceof Uint8Array) return base64(value);
  return typeof value === 'number' ? finite(value) : (value as Json);
}

function enumJson(value: unknown, type: FieldType & { readonly kind: 'enum' }, { enums }: MessageJsonOptions): Json {
  // protobuf's JSON: null is "the JSON representation for NullValue".
  if (type.name === 'google.protobuf.NullValue') return null;
  return enums === 'numbers' ? (type.values.get(value as string) ?? (value as number)) : (value as Json);
}

/** What a field without presence leaves out on the wire; -0 has a bit that is set. */
function isDefault(value: unknown, { rule, type }: MessageField): boolean {
  if (rule === 'map') return Object.keys(value as object).length === 0;
  if (rule === 'repeated' || value instanceof Uint8Array) return (value as ArrayLike<unknown>).length === 0;
  if (type.kind === 'message') return false;
  if (type.kind === 'enum') return value === 0 || type.values.get(value as string) === 0;
  if (type.kind === 'integer') return value === 0 || value === '0';
  return value === '' || value === false || Object.is(value, 0);
}

/** A default that is told: the member of a oneof, which is no field, names the field. An optional field has a oneof of its own. */
function isChosen(message: Message, key: string, fields: readonly MessageField[]): boolean {
  return Object.keys(message).some(
    (member) => message[member] === key && !fields.some((field) => field.key === member),
  );
}

function hasDefault(name: string, { key, rule, type }: MessageField): boolean {
  if (rule !== 'single') return true;
  return type.kind !== 'message' && jsonFields(name).get(key)?.oneof === undefined;
}

function defaultJson(name: string, { key, rule, type }: MessageField, { enums }: MessageJsonOptions): Json {
  if (rule !== 'single') return rule === 'map' ? {} : [];
  if (type.kind === 'enum') return enums === 'numbers' ? 0 : ([...type.values.keys()][0] ?? 0);
  if (type.kind === 'boolean') return false;
  if (type.kind === 'string' || type.kind === 'bytes') return '';
  return jsonFields(name).get(key)?.protoType.endsWith('64') === true ? '0' : 0;
}

/** Numbers that JSON has no form for are texts. */
function finite(value: number): Json {
  return Number.isFinite(value) ? value : String(value);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

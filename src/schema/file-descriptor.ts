/**
 * A parsed .proto file as google/protobuf/descriptor.proto says it.
 *
 * protobufjs has a conversion of its own, and reflection cannot use it: it makes one file of all files of a package, names no
 * imports, shortens the names of types, and drops options that are extensions, such as google.api.http. Members have the names of
 * descriptor.proto, so that its type in the parsed root encodes them.
 */
import protobuf from 'protobufjs';
import { enumValueOptions, optionMembers, type Members, type ParsedOptions } from './descriptor-options.ts';

const { Enum, Field, MapField, Service, Type } = protobuf;

/** A file after parsing; all files are in one resolved root. */
export interface ParsedFile {
  readonly name: string;
  readonly package: string;
  readonly syntax: string;
  readonly dependencies: readonly string[];
  readonly options: ParsedOptions | undefined;
  /** Its package, which other files may share. */
  readonly namespace: protobuf.NamespaceBase;
  /** What the file itself defines at the top. */
  readonly contents: readonly protobuf.ReflectionObject[];
}

export interface FieldMembers extends Members {
  readonly name: string;
  readonly number: number;
  readonly extendee?: string;
}

export interface MessageMembers extends Members {
  readonly name: string;
  readonly field: readonly FieldMembers[];
  readonly nested_type: readonly MessageMembers[];
  readonly enum_type: readonly EnumMembers[];
  readonly extension: readonly FieldMembers[];
  readonly oneof_decl: readonly NamedMembers[];
}

export interface EnumMembers extends Members {
  readonly name: string;
  readonly value: readonly NamedMembers[];
}

export interface ServiceMembers extends Members {
  readonly name: string;
  readonly method: readonly NamedMembers[];
}

export interface NamedMembers extends Members {
  readonly name: string;
}

export interface FileMembers extends Members {
  readonly name: string;
  readonly package: string;
  readonly dependency: readonly string[];
  readonly message_type: readonly MessageMembers[];
  readonly enum_type: readonly EnumMembers[];
  readonly service: readonly ServiceMembers[];
  readonly extension: readonly FieldMembers[];
}

/** FieldDescriptorProto.Type; a message is 11, an enum 14. */
const SCALAR_TYPES: Readonly<Record<string, number>> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  bytes: 12,
  uint32: 13,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
};
const MESSAGE_TYPE = 11;
const ENUM_TYPE = 14;

/** FieldDescriptorProto.Label. */
const OPTIONAL = 1;
const REQUIRED = 2;
const REPEATED = 3;

/** Options in the syntax that are members of the field itself. */
const FIELD_MEMBERS: readonly string[] = ['default', 'json_name'];

export function fileMembers(file: ParsedFile): FileMembers {
  const { contents, syntax } = file;
  return {
    name: file.name,
    package: file.package,
    dependency: file.dependencies,
    message_type: contents.filter((object) => object instanceof Type).map(messageMembers),
    enum_type: contents.filter((object) => object instanceof Enum).map(enumMembers),
    service: contents.filter((object) => object instanceof Service).map(serviceMembers),
    extension: contents.filter((object) => object instanceof Field).map((field) => fieldMembers(field)),
    ...optionsMember('FileOptions', file.options, file.namespace),
    // Absent for proto2.
    ...(syntax === 'proto2' ? {} : { syntax }),
  };
}

function messageMembers(type: protobuf.Type): MessageMembers {
  // Extensions of this message by others are fields of it too, to protobufjs.
  const fields = type.fieldsArray.filter((field) => field.declaringField === null);
  const oneofs = [...type.oneofsArray].sort((a, b) => Number(isSynthetic(a)) - Number(isSynthetic(b)));
  const nested = type.nestedArray;
  return {
    name: type.name,
    field: fields.map((field) => fieldMembers(field, oneofs)),
    nested_type: [
      ...nested.filter((object) => object instanceof Type).map(messageMembers),
      ...fields.filter((field) => field instanceof MapField).map(mapEntry),
    ],
    enum_type: nested.filter((object) => object instanceof Enum).map(enumMembers),
    extension: nested.filter((object) => object instanceof Field).map((field) => fieldMembers(field)),
    // Their end is exclusive in descriptors, and inclusive in the syntax.
    extension_range: ranges(type.extensions).map(([start, end]) => ({ start, end: end + 1 })),
    oneof_decl: oneofs.map((oneof) => ({
      name: oneof.name,
      ...optionsMember('OneofOptions', oneof.parsedOptions, type),
    })),
    reserved_range: ranges(type.reserved).map(([start, end]) => ({ start, end: end + 1 })),
    reserved_name: names(type.reserved),
    ...optionsMember('MessageOptions', type.parsedOptions, type),
  };
}

/** A field that is `optional` in proto3 stands alone in a oneof that nobody wrote; those come after the written ones. */
function isSynthetic(oneof: protobuf.OneOf): boolean {
  return oneof.fieldsArray.some((field) => field.options?.['proto3_optional'] === true);
}

function fieldMembers(field: protobuf.Field, oneofs: readonly protobuf.OneOf[] = []): FieldMembers {
  const options = optionList(field.parsedOptions);
  const written = (name: string): unknown => options.find((option) => name in option)?.[name];
  const standard = options.filter((option) => !FIELD_MEMBERS.some((name) => name in option));
  const defaultValue = written('default') as string | number | boolean | undefined;
  return {
    name: field.name,
    number: field.id,
    label: labelOf(field),
    ...typeMembers(field),
    json_name: written('json_name') ?? jsonName(field.name),
    ...(defaultValue === undefined ? {} : { default_value: String(defaultValue) }),
    ...(field.partOf === null ? {} : { oneof_index: oneofs.indexOf(field.partOf) }),
    ...(field.options?.['proto3_optional'] === true ? { proto3_optional: true } : {}),
    ...(field.extensionField === null ? {} : { extendee: field.extensionField.parent?.fullName ?? '' }),
    ...optionsMember('FieldOptions', standard, scopeOf(field)),
  };
}

function labelOf(field: protobuf.Field): number {
  if (field.repeated || field instanceof MapField) return REPEATED;
  return field.required ? REQUIRED : OPTIONAL;
}

function typeMembers(field: protobuf.Field): Members {
  if (field instanceof MapField) {
    return { type: MESSAGE_TYPE, type_name: `${scopeOf(field).fullName}.${mapEntryName(field.name)}` };
  }
  return valueType(field);
}

function valueType({ type, resolvedType }: Pick<protobuf.Field, 'type' | 'resolvedType'>): Members {
  if (resolvedType === null) return { type: SCALAR_TYPES[type] };
  return { type: resolvedType instanceof Enum ? ENUM_TYPE : MESSAGE_TYPE, type_name: resolvedType.fullName };
}

/** descriptor.proto, MessageOptions.map_entry: what `map<K, V>` is short for. */
function mapEntry(field: protobuf.MapField): MessageMembers {
  const key = { name: 'key', number: 1, label: OPTIONAL, type: SCALAR_TYPES[field.keyType], json_name: 'key' };
  const value = { name: 'value', number: 2, label: OPTIONAL, ...valueType(field), json_name: 'value' };
  return {
    name: mapEntryName(field.name),
    field: [key, value],
    nested_type: [],
    enum_type: [],
    extension: [],
    oneof_decl: [],
    options: { map_entry: true },
  };
}

function mapEntryName(field: string): string {
  const camel = jsonName(field);
  return `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Entry`;
}

/** protobuf.dev, ProtoJSON: underscores go, and the letter after each is in upper case. */
function jsonName(field: string): string {
  return field.replace(/_+(.?)/g, (_underscores, next: string) => next.toUpperCase());
}

function enumMembers(type: protobuf.Enum): EnumMembers {
  return {
    name: type.name,
    value: Object.entries(type.values).map(([name, number]) => ({
      name,
      number,
      ...optionsMember('EnumValueOptions', enumValueOptions(type.valuesOptions?.[name]), scopeOf(type)),
    })),
    reserved_range: ranges(type.reserved).map(([start, end]) => ({ start, end })),
    reserved_name: names(type.reserved),
    ...optionsMember('EnumOptions', type.parsedOptions, scopeOf(type)),
  };
}

function serviceMembers(service: protobuf.Service): ServiceMembers {
  return {
    name: service.name,
    method: service.methodsArray.map((method) => ({
      name: method.name,
      input_type: method.resolvedRequestType?.fullName,
      output_type: method.resolvedResponseType?.fullName,
      ...(method.requestStream === true ? { client_streaming: true } : {}),
      ...(method.responseStream === true ? { server_streaming: true } : {}),
      ...optionsMember('MethodOptions', optionList(method.parsedOptions), service),
    })),
    ...optionsMember('ServiceOptions', service.parsedOptions, service),
  };
}

function optionsMember(kind: string, options: unknown, scope: protobuf.NamespaceBase): Members {
  const parsed = optionList(options);
  if (parsed.length === 0) return {};
  const type = scope.root.lookupType(`google.protobuf.${kind}`);
  return { options: optionMembers(type, parsed, scope) };
}

/** protobufjs' types say that it is an object; it is a list of objects of one member each. */
function optionList(parsed: unknown): ParsedOptions {
  return Array.isArray(parsed) ? (parsed as ParsedOptions) : [];
}

function scopeOf(object: protobuf.ReflectionObject): protobuf.NamespaceBase {
  if (object.parent === null) throw new Error(`${object.name} belongs to no file`);
  return object.parent;
}

type Range = readonly [start: number, end: number];

function ranges(given: readonly (readonly number[] | string)[] | undefined): readonly Range[] {
  return (given ?? []).filter((entry): entry is Range & number[] => typeof entry !== 'string');
}

function names(given: readonly (readonly number[] | string)[] | undefined): readonly string[] {
  return (given ?? []).filter((entry) => typeof entry === 'string');
}

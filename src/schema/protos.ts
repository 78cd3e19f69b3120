/**
 * Every .proto this product speaks, loaded once.
 *
 * Messages are plain objects in proto-loader's shape: camelCase members, enums by name, 64-bit integers as decimal strings,
 * bytes as Buffer, absent members left out, and for a oneof a member of its name that says which one is set. An Any within a
 * message keeps the member names of protobufjs' bundled type, `type_url` and `value`: see `wireAny` and `domainAny`.
 */
import {
  loadSync,
  type AnyDefinition,
  type EnumTypeDefinition,
  type MessageTypeDefinition,
  type PackageDefinition,
  type ServiceDefinition,
} from '@grpc/proto-loader';
import { messageName, typeUrl, type Any } from '../core/any.ts';
import { isOfAnys, protoDirectories, protoNames, protoNamesOfAnys } from './proto-files.ts';

/** A message as the wire's plain object. */
export type Message = Readonly<Record<string, unknown>>;

/** A google.protobuf.Any within a message. */
export interface WireAny {
  readonly type_url?: string;
  readonly value?: Uint8Array;
}

type MessageDefinition = MessageTypeDefinition<object, object>;

let loaded: PackageDefinition | undefined;
let loadedOfAnys: PackageDefinition | undefined;

/** Some 70 ms, spent at the first use: a thread that deals in no messages never pays it. */
function definitions(): PackageDefinition {
  loaded ??= load(protoNames());
  return loaded;
}

/** Some 30 ms, spent when one of their messages, or every message, is asked for. */
function definitionsOfAnys(): PackageDefinition {
  loadedOfAnys ??= load(protoNamesOfAnys());
  return loadedOfAnys;
}

function definitionOf(name: string): AnyDefinition | undefined {
  return isOfAnys(name) ? definitionsOfAnys()[name] : definitions()[name];
}

function load(names: readonly string[]): PackageDefinition {
  return loadSync([...names], {
    includeDirs: [...protoDirectories()],
    keepCase: false,
    longs: String,
    enums: String,
    defaults: false,
    arrays: false,
    oneofs: true,
  });
}

function isMessage(definition: AnyDefinition | undefined): definition is MessageDefinition {
  return definition !== undefined && 'format' in definition && 'serialize' in definition;
}

function hasDescriptor(definition: AnyDefinition): definition is MessageDefinition | EnumTypeDefinition {
  return 'format' in definition;
}

function isService(definition: AnyDefinition | undefined): definition is ServiceDefinition {
  return definition !== undefined && !('format' in definition);
}

function messageDefinition(name: string): MessageDefinition {
  const definition = definitionOf(name);
  if (!isMessage(definition)) throw new Error(`${name} is not a message of the loaded protos`);
  return definition;
}

/** Whether a full message name is loaded. */
export function isKnownMessage(name: string): boolean {
  return isMessage(definitionOf(name));
}

/**
 * The bytes of a message given as a plain object; members the type does not have are ignored.
 * @param name  full name, such as `google.longrunning.Operation`; one that is not loaded is a bug.
 */
export function encodeMessage(name: string, message: object): Buffer {
  return messageDefinition(name).serialize(message);
}

/**
 * The plain object of a message's bytes; fields the type does not have are dropped.
 * @throws Error when the bytes are not of the type.
 */
export function decodeMessage(name: string, bytes: Uint8Array): Message {
  return messageDefinition(name).deserialize(asBuffer(bytes)) as Message;
}

/** An Any holding the message. */
export function packAny(name: string, message: object): Any {
  return { typeUrl: typeUrl(name), value: encodeMessage(name, message) };
}

/**
 * The message within an Any, or undefined when its type is not loaded.
 * @throws Error when the bytes are not of the type.
 */
export function unpackAny(any: Any): Message | undefined {
  const name = messageName(any);
  return isKnownMessage(name) ? decodeMessage(name, any.value) : undefined;
}

/** An Any as a member of a message. */
export function wireAny(any: Any): WireAny {
  return { type_url: any.typeUrl, value: any.value };
}

/** What was an Any in a decoded message. */
export function domainAny(any: WireAny): Any {
  return { typeUrl: any.type_url ?? '', value: any.value ?? new Uint8Array(0) };
}

/** A service's methods by name, such as those of `google.longrunning.Operations`; undefined when it is not loaded. */
export function findService(name: string): ServiceDefinition | undefined {
  const definition = definitions()[name];
  return isService(definition) ? definition : undefined;
}

/** What descriptor.proto says of each message and enum loaded, by full name; those nested in a message are in its own. */
export function typeDescriptors(): ReadonlyMap<string, object> {
  const all = Object.entries({ ...definitionsOfAnys(), ...definitions() });
  return new Map(all.flatMap(([name, definition]) => (hasDescriptor(definition) ? [[name, definition.type]] : [])));
}

/**
 * The files that define a message and all that are loaded with it, each an encoded google.protobuf.FileDescriptorProto: one for each
 * package, with the members' names of decoded messages. Empty for a message that is not loaded.
 */
export function packageDescriptorsOf(messageName: string): readonly Uint8Array[] {
  const all = isOfAnys(messageName) ? definitionsOfAnys() : definitions();
  return Object.values(all).find(hasDescriptor)?.fileDescriptorProtos ?? [];
}

/** The full names of all services loaded. */
export function serviceNames(): readonly string[] {
  return Object.keys(definitions()).filter((name) => isService(definitions()[name]));
}

/** The same bytes as a Buffer, not copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

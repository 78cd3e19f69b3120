import { decodedFiles, type MessageDescriptor } from '../decoded-files.ts';
import { packageDescriptorsOf } from '../protos.ts';

/** What descriptor.proto says of one field, beyond how it is named and resolved. */
export interface FieldFacts {
  /** Of a single field, of a list's elements or of a map's values, such as `TYPE_INT32`. */
  readonly type: string;
  /** Of a map's keys. */
  readonly keyType?: string;
  /** The member of a decoded message that says which field of the oneof is set: `dataSink`, or `_name` for an optional `name`. */
  readonly oneof?: string;
}

const byMessage = new Map<string, ReadonlyMap<string, FieldFacts>>();

/**
 * The facts of a message's fields by their members' names; empty for a message that is not loaded.
 *
 * Some 100 ms at the first use, for all messages that are loaded with this one.
 */
export function fieldFacts(messageName: string): ReadonlyMap<string, FieldFacts> {
  if (!byMessage.has(messageName)) {
    for (const file of decodedFiles(packageDescriptorsOf(messageName))) {
      for (const message of file.messageType ?? []) describe(`${file.package ?? ''}.${message.name}`, message);
    }
  }
  return byMessage.get(messageName) ?? new Map<string, FieldFacts>();
}

function describe(name: string, message: MessageDescriptor): void {
  byMessage.set(name, new Map((message.field ?? []).map((field) => [field.name, factsOf(field, message)])));
  for (const nested of message.nestedType ?? []) describe(`${name}.${nested.name}`, nested);
}

function factsOf(field: NonNullable<MessageDescriptor['field']>[number], message: MessageDescriptor): FieldFacts {
  const [key, value] = mapEntry(field.name, message) ?? [];
  if (key !== undefined && value !== undefined) return { type: value.type, keyType: key.type };
  const oneof = field.oneofIndex === undefined ? undefined : message.oneofDecl?.[field.oneofIndex]?.name;
  return oneof === undefined ? { type: field.type } : { type: field.type, oneof };
}

/** The key and the value of a map: protobufjs names a map's entry after its field, with a capital. */
function mapEntry(fieldName: string, { nestedType, field }: MessageDescriptor): MessageDescriptor['field'] {
  const entryName = fieldName.charAt(0).toUpperCase() + fieldName.slice(1);
  const isMap = field?.some(({ name, typeName }) => name === fieldName && typeName === entryName) === true;
  const entry = nestedType?.find((nested) => nested.name === entryName) as
    (MessageDescriptor & { readonly options?: { readonly mapEntry?: boolean } }) | undefined;
  return isMap && entry?.options?.mapEntry === true ? entry.field : undefined;
}

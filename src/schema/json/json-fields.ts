import type { FieldType, MessageField } from '../../operations/message-types.ts';
import { protoMessageTypes } from '../message-types.ts';
import { fieldFacts } from './field-descriptors.ts';

/** A field as a reader of JSON knows it. */
export interface JsonField {
  /** Its member's name in a decoded message, which is that in JSON. */
  readonly key: string;
  /** As the proto has it, in snake case: the other spelling that JSON may use, and the one of paths. */
  readonly protoName: string;
  readonly rule: MessageField['rule'];
  /** Of a list's elements, and of a map's values. */
  readonly type: FieldType;
  /** The same as descriptor.proto names it, such as `TYPE_INT32`. */
  readonly protoType: string;
  /** Of a map's keys, such as `TYPE_STRING`. */
  readonly keyType: string | undefined;
  /** The member of a decoded message that says which field of the oneof is set; an optional field has one of its own. */
  readonly oneof: string | undefined;
}

/** The fields of a message by both spellings of their names. */
export type JsonFields = ReadonlyMap<string, JsonField>;

const fieldsByMessage = new Map<string, JsonFields>();

/** @param messageName  one that is not loaded is a bug. */
export function jsonFields(messageName: string): JsonFields {
  const known = fieldsByMessage.get(messageName);
  if (known !== undefined) return known;
  const fields = describe(messageName);
  fieldsByMessage.set(messageName, fields);
  return fields;
}

function describe(messageName: string): JsonFields {
  const type = protoMessageTypes.find(messageName);
  if (type === undefined) throw new Error(`${messageName} is not a message of the loaded protos`);
  const facts = fieldFacts(messageName);
  const fields = new Map<string, JsonField>();
  for (const protoName of type.fieldNames) {
    const field = type.field(protoName);
    const fact = field === undefined ? undefined : facts.get(field.key);
    if (field === undefined || fact === undefined) throw new Error(`${messageName}.${protoName} is not described`);
    const { type: protoType, keyType, oneof } = fact;
    const described = { key: field.key, protoName, rule: field.rule, type: field.type, protoType, keyType, oneof };
    fields.set(protoName, described).set(field.key, described);
  }
  return fields;
}

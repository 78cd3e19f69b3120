import type { JsonField } from '../../schema/json/json-fields.ts';
import type { JsonObject } from '../../schema/message-json.ts';

type FieldType = JsonField['type'];

/** Names a message's or an enum's schema, and sees that there is one. */
export type Reference = (type: FieldType & { readonly kind: 'message' | 'enum' }) => JsonObject;

const SIGNED_64: JsonObject = { type: 'string', format: 'int64', pattern: '^-?[0-9]+$' };
const UNSIGNED_64: JsonObject = { type: 'string', format: 'uint64', pattern: '^[0-9]+$' };
const SIGNED_32: JsonObject = { type: 'integer', format: 'int32', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };
const UNSIGNED_32: JsonObject = { type: 'integer', format: 'int64', minimum: 0, maximum: 2 ** 32 - 1 };
const NOT_FINITE: JsonObject = { type: 'string', enum: ['NaN', 'Infinity', '-Infinity'] };

/** Scalars as protobuf's JSON writes them; it reads numbers for texts and texts for numbers too. */
const SCALARS: Readonly<Record<string, JsonObject>> = {
  TYPE_BOOL: { type: 'boolean' },
  TYPE_STRING: { type: 'string' },
  TYPE_BYTES: { type: 'string', contentEncoding: 'base64' },
  TYPE_DOUBLE: { anyOf: [{ type: 'number', format: 'double' }, NOT_FINITE] },
  TYPE_FLOAT: { anyOf: [{ type: 'number', format: 'float' }, NOT_FINITE] },
  TYPE_INT32: SIGNED_32,
  TYPE_SINT32: SIGNED_32,
  TYPE_SFIXED32: SIGNED_32,
  TYPE_UINT32: UNSIGNED_32,
  TYPE_FIXED32: UNSIGNED_32,
  TYPE_INT64: SIGNED_64,
  TYPE_SINT64: SIGNED_64,
  TYPE_SFIXED64: SIGNED_64,
  TYPE_UINT64: UNSIGNED_64,
  TYPE_FIXED64: UNSIGNED_64,
};

/** The schema of a field's value. */
export function fieldSchema(field: JsonField, reference: Reference): JsonObject {
  const value = valueSchema(field, reference);
  if (field.rule === 'repeated') return { type: 'array', items: value };
  return field.rule === 'map' ? { type: 'object', additionalProperties: value } : value;
}

function valueSchema({ type, protoType }: JsonField, reference: Reference): JsonObject {
  if (type.kind === 'message' || type.kind === 'enum') return reference(type);
  const scalar = SCALARS[protoType];
  if (scalar === undefined) throw new Error(`${protoType} is no scalar`);
  return scalar;
}

import { jsonFields, type JsonField } from '../../schema/json/json-fields.ts';
import { hasSpecialJson, isWrapper } from '../../schema/json/special-json.ts';
import type { JsonObject } from '../../schema/message-json.ts';
import type { Schemas } from './schemas.ts';

const OF_TEXT: ReadonlySet<string> = new Set(
  ['Timestamp', 'Duration', 'FieldMask'].map((name) => `google.protobuf.${name}`),
);

export type QueryParameterObject = JsonObject & { readonly name: string; readonly schema: JsonObject };

/**
 * The parameters of a query that fill a request: fields of scalars and texts, those of messages within it by paths such as
 * `schedule.scheduleStartDate.year`; not what the path or the body fills, nor what a query has no form for.
 *
 * @param filled  fields, by the proto's own paths, that the path or the body fills.
 */
export function queryParameters(
  messageName: string,
  filled: ReadonlySet<string>,
  schemas: Schemas,
): readonly QueryParameterObject[] {
  return parametersOf({ messageName, path: '', within: [] }, filled, schemas);
}

interface Place {
  readonly messageName: string;
  /** Of JSON's names, with its dot at the end; '' for the request. */
  readonly path: string;
  /** The messages around it: what holds itself is not gone into. */
  readonly within: readonly string[];
}

function parametersOf(place: Place, filled: ReadonlySet<string>, schemas: Schemas): readonly QueryParameterObject[] {
  const fields = [...new Set(jsonFields(place.messageName).values())];
  return fields.flatMap((field): readonly QueryParameterObject[] => {
    const isFilled = place.path === '' && filled.has(field.protoName);
    if (isFilled || field.rule === 'map') return [];
    if (isText(field)) return [parameter(field, place, schemas)];
    return innerParameters(field, place, schemas);
  });
}

function innerParameters(
  { key, rule, type }: JsonField,
  place: Place,
  schemas: Schemas,
): readonly QueryParameterObject[] {
  const { messageName, path, within } = place;
  if (type.kind !== 'message' || rule === 'repeated' || hasSpecialJson(type.name)) return [];
  if (within.includes(type.name)) return [];
  const inner = { messageName: type.name, path: `${path}${key}.`, within: [...within, messageName] };
  return parametersOf(inner, new Set(), schemas);
}

function isText({ type }: JsonField): boolean {
  return type.kind !== 'message' || OF_TEXT.has(type.name) || isWrapper(type.name);
}

function parameter(field: JsonField, { path }: Place, schemas: Schemas): QueryParameterObject {
  return { name: `${path}${field.key}`, in: 'query', schema: schemas.ofField(field) };
}

import { jsonFields, type JsonField } from '../../schema/json/json-fields.ts';
import { hasSpecialJson } from '../../schema/json/special-json.ts';
import type { FieldSelection } from './field-selection.ts';
import { noMatchingFields } from './fields-error.ts';

type FieldType = JsonField['type'];

/** What is within them only an answer tells. */
const DYNAMIC: ReadonlySet<string> = new Set(
  ['Any', 'Struct', 'Value', 'ListValue'].map((name) => `google.protobuf.${name}`),
);

/**
 * Checks that a response can have what is selected, before anything is done: names are those of JSON, in camel case.
 *
 * A response without any fields, such as that of a cancel, takes every selection: it answers the same.
 * @param messageName  the response's full name.
 * @throws StatusError INVALID_ARGUMENT naming the first path that no response has.
 */
export function checkFields(selection: FieldSelection, messageName: string): void {
  if (jsonFields(messageName).size === 0) return;
  const path = firstUnmatched(selection, { kind: 'message', name: messageName });
  if (path !== undefined) throw noMatchingFields(path.join('.'));
}

/** @returns the steps that lead there, undefined when all match. */
function firstUnmatched(selection: FieldSelection, type: FieldType): readonly string[] | undefined {
  if (type.kind === 'message' && DYNAMIC.has(type.name)) return undefined;
  const fields = fieldsOf(type);
  for (const [name, within] of selection.members) {
    const field = fields.find(({ key }) => key === name);
    const rest = field === undefined ? [] : unmatchedOf(within, field);
    if (rest !== undefined) return [name, ...rest];
  }
  const { each } = selection;
  return each === undefined ? undefined : unmatchedOfEach(each, fields);
}

/** `*` matches where one member at least has what is selected within. */
function unmatchedOfEach(each: FieldSelection, fields: readonly JsonField[]): readonly string[] | undefined {
  let rest: readonly string[] = [];
  for (const field of fields) {
    const unmatched = unmatchedOf(each, field);
    if (unmatched === undefined) return undefined;
    rest = unmatched;
  }
  return ['*', ...rest];
}

function unmatchedOf(selection: FieldSelection, { rule, type }: JsonField): readonly string[] | undefined {
  if (rule !== 'map') return firstUnmatched(selection, type);
  for (const [key, within] of [...selection.members, ...eachOf(selection)]) {
    const rest = firstUnmatched(within, type);
    if (rest !== undefined) return [key, ...rest];
  }
  return undefined;
}

function eachOf({ each }: FieldSelection): readonly (readonly [string, FieldSelection])[] {
  return each === undefined ? [] : [['*', each]];
}

/** Those with a name in JSON: of what JSON writes as one text, none. */
function fieldsOf(type: FieldType): readonly JsonField[] {
  if (type.kind !== 'message' || hasSpecialJson(type.name)) return [];
  return [...new Set(jsonFields(type.name).values())];
}

import { messageName } from '../../core/any.ts';
import { jsonFields, type JsonField } from '../../schema/json/json-fields.ts';
import { hasSpecialJson } from '../../schema/json/special-json.ts';
import { domainAny, packAny, unpackAny, wireAny, type Message, type WireAny } from '../../schema/protos.ts';
import { isWhole, withinMember, type FieldSelection } from './field-selection.ts';

type Selections = readonly FieldSelection[];

/**
 * What is selected of a decoded message, as a message of its own: for answers in bytes, where `selectJson` is for JSON, with names that
 * are JSON's here too.
 *
 * An Any whose type is not loaded, whose bytes are not of it, or whose JSON is a text, is kept whole.
 */
export function selectFields(name: string, message: Message, selection: FieldSelection): Message {
  return selected(name, message, [selection]);
}

function selected(name: string, message: Message, selections: Selections): Message {
  if (isWhole(selections)) return message;
  if (name === 'google.protobuf.Any') return ofAny(message, selections);
  if (name === 'google.protobuf.Struct') return ofStruct(message, selections);
  if (name === 'google.protobuf.ListValue') return ofList(message, selections);
  if (name === 'google.protobuf.Value') return ofValue(message, selections);
  return hasSpecialJson(name) ? message : ofFields(name, message, selections);
}

function ofFields(name: string, message: Message, selections: Selections): Message {
  const kept: Record<string, unknown> = {};
  for (const field of new Set(jsonFields(name).values())) {
    const value = message[field.key];
    const within = withinMember(selections, field.key);
    if (value === undefined || within.length === 0) continue;
    kept[field.key] = ofField(field, value, within);
    // Which field of the oneof is set, as decodeMessage has it.
    if (field.oneof !== undefined) kept[field.oneof] = message[field.oneof];
  }
  return kept;
}

function ofField({ rule, type }: JsonField, value: unknown, selections: Selections): unknown {
  const each = (one: unknown, within: Selections): unknown =>
    type.kind === 'message' ? selected(type.name, one as Message, within) : one;
  if (rule === 'single') return each(value, selections);
  if (rule === 'repeated') return (value as readonly unknown[]).map((one) => each(one, selections));
  return isWhole(selections) ? value : ofEntries(value as Message, selections, each);
}

function ofEntries(
  entries: Message,
  selections: Selections,
  select: (value: unknown, within: Selections) => unknown,
): Message {
  const kept = Object.entries(entries).flatMap(([key, value]) => {
    const within = withinMember(selections, key);
    return within.length === 0 ? [] : [[key, select(value, within)] as const];
  });
  return Object.fromEntries(kept);
}

function ofAny(any: WireAny, selections: Selections): Message {
  const known = domainAny(any);
  const name = messageName(known);
  const inner = unpacked(any);
  if (inner === undefined) return any as Message;
  const within = hasSpecialJson(name) ? withinMember(selections, 'value') : selections;
  return { ...wireAny(packAny(name, selected(name, inner, within))), type_url: known.typeUrl };
}

function unpacked(any: WireAny): Message | undefined {
  try {
    return unpackAny(domainAny(any));
  } catch {
    return undefined;
  }
}

function ofStruct({ fields }: Message, selections: Selections): Message {
  const values = (fields ?? {}) as Readonly<Record<string, Message>>;
  return {
    fields: ofEntries(values, selections, (value, within) =>
      selected('google.protobuf.Value', value as Message, within),
    ),
  };
}

function ofList({ values }: Message, selections: Selections): Message {
  return {
    values: ((values ?? []) as readonly Message[]).map((value) => selected('google.protobuf.Value', value, selections)),
  };
}

function ofValue(value: Message, selections: Selections): Message {
  const { structValue, listValue } = value;
  if (structValue !== undefined) return { ...value, structValue: ofStruct(structValue as Message, selections) };
  if (listValue !== undefined) return { ...value, listValue: ofList(listValue as Message, selections) };
  return value;
}

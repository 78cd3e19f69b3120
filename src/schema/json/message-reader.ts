import { typeUrl } from '../../core/any.ts';
import { encodeMessage, isKnownMessage, type Message, type WireAny } from '../protos.ts';
import { readFieldMask } from './field-mask.ts';
import { jsonFields, type JsonField } from './json-fields.ts';
import { JsonMembers, JsonNumber, type JsonMember, type JsonNode } from './json-node.ts';
import type { ProtoJsonLimits } from './limits.ts';
import type { Refusals } from './refusals.ts';
import { readEnum, SCALAR_READERS } from './scalar-readers.ts';
import { hasSpecialJson, isWrapper } from './special-json.ts';
import { structMessage, valueMessage } from './struct-messages.ts';
import { readDuration, readTimestamp } from './time-readers.ts';

type SpecialReader = (node: JsonNode, path: string) => Message | undefined;

const VALUE = 'google.protobuf.Value';

/**
 * Nodes → messages as decodeMessage makes them: what is set to its default is absent, and a oneof has the member that says which field
 * is set. What is wrong is told to the refusals; the result then is not to be used.
 */
export class MessageReader {
  readonly #refusals: Refusals;
  readonly #limits: Pick<ProtoJsonLimits, 'fieldMaskLengthMax'>;
  readonly #special: ReadonlyMap<string, SpecialReader>;

  constructor(refusals: Refusals, limits: Pick<ProtoJsonLimits, 'fieldMaskLengthMax'>) {
    this.#refusals = refusals;
    this.#limits = limits;
    this.#special = new Map<string, SpecialReader>([
      ['google.protobuf.Any', (node, path) => this.#any(node, path)],
      ['google.protobuf.Timestamp', this.#text('google.protobuf.Timestamp', readTimestamp)],
      ['google.protobuf.Duration', this.#text('google.protobuf.Duration', readDuration)],
      ['google.protobuf.FieldMask', (node, path) => this.#fieldMask(node, path)],
      ['google.protobuf.Struct', (node, path) => this.#struct(node, path)],
      ['google.protobuf.ListValue', (node, path) => this.#listValue(node, path)],
      [VALUE, (node, path) => this.#value(node, path)],
    ]);
  }

  /** @param path  of the node within the request, '' for the request itself. */
  read(messageName: string, node: JsonNode, path: string): Message | undefined {
    const special = this.#special.get(messageName);
    if (special !== undefined) return special(node, path);
    if (isWrapper(messageName)) return this.#wrapper(messageName, node, path);
    if (node instanceof JsonMembers) return this.#members(messageName, node.entries, path);
    return this.#refuse(path, typeUrl(messageName), node);
  }

  #members(messageName: string, entries: readonly JsonMember[], path: string): Message {
    const fields = jsonFields(messageName);
    const seen = new Set<string>();
    const message: Record<string, unknown> = {};
    for (const [name, node] of entries) {
      const field = fields.get(name);
      if (field === undefined) this.#refusals.unknownName(path, name);
      else if (seen.has(field.key)) this.#refusals.duplicate(path, name);
      else {
        seen.add(field.key);
        this.#set(message, field, node, path);
      }
    }
    return message;
  }

  #set(message: Record<string, unknown>, field: JsonField, node: JsonNode, path: string): void {
    // proto3's JSON mapping: "null is an accepted value for all field types and treated as the default value".
    if (node === null && !(field.rule === 'single' && takesNull(field))) return;
    const { key, oneof } = field;
    if (oneof !== undefined && message[oneof] !== undefined) {
      const oneofName = oneof.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      this.#refusals.secondOfOneof(path, oneofName, key);
      return;
    }
    const value = this.#field(field, node, path === '' ? field.protoName : `${path}.${field.protoName}`);
    if (value === undefined || (oneof === undefined && isDefault(value, field))) return;
    message[key] = value;
    if (oneof !== undefined) message[oneof] = key;
  }

  #field(field: JsonField, node: JsonNode, path: string): unknown {
    if (field.rule === 'repeated') return this.#list(field, node, path);
    if (field.rule === 'map') return this.#map(field, node, path);
    return this.#single(field, node, path);
  }

  #single(field: JsonField, node: JsonNode, path: string): unknown {
    const { type, protoType } = field;
    if (type.kind === 'message') return this.read(type.name, node, path);
    if (type.kind === 'enum') {
      if (node === null && isNullValue(field)) return 'NULL_VALUE';
      return readEnum(node, type.values) ?? this.#refuse(path, typeUrl(type.name ?? 'enum'), node);
    }
    return SCALAR_READERS[protoType]?.(node) ?? this.#refuse(path, protoType, node);
  }

  #list(field: JsonField, node: JsonNode, path: string): unknown {
    if (!Array.isArray(node)) return this.#refuse(path, 'a list', node);
    return (node as readonly JsonNode[]).map((each, index) => this.#element(field, each, `${path}[${String(index)}]`));
  }

  #map(field: JsonField, node: JsonNode, path: string): Message | undefined {
    if (!(node instanceof JsonMembers)) return this.#refuse(path, 'an object', node);
    const values = new Map<string, unknown>();
    for (const [name, each] of node.entries) {
      const key = this.#mapKey(field, name, path);
      if (key === undefined) continue;
      if (values.has(key)) this.#refusals.duplicate(path, name);
      values.set(key, this.#element(field, each, memberPath(path, name)));
    }
    return Object.fromEntries(values);
  }

  /** "The map value and repeated element may not be null", unless null is a value of theirs. */
  #element(field: JsonField, node: JsonNode, path: string): unknown {
    if (node === null && !takesNull(field)) return this.#refuse(path, field.protoType, node);
    return this.#single(field, node, path);
  }

  #mapKey({ keyType = 'TYPE_STRING' }: JsonField, name: string, path: string): string | undefined {
    if (keyType === 'TYPE_STRING') return name;
    const isBoolean = name === 'true' || name === 'false';
    const key = keyType === 'TYPE_BOOL' ? (isBoolean ? name : undefined) : SCALAR_READERS[keyType]?.(name);
    if (key === undefined) this.#refuse(memberPath(path, name), keyType, name);
    return key?.toString();
  }

  #wrapper(messageName: string, node: JsonNode, path: string): Message | undefined {
    const field = jsonFields(messageName).get('value');
    const value = field === undefined ? undefined : this.#single(field, node, path);
    if (field === undefined || value === undefined) return undefined;
    return isDefault(value, field) ? {} : { value };
  }

  #text(messageName: string, read: (text: string) => object | undefined): SpecialReader {
    return (node, path) => {
      const message = typeof node === 'string' ? read(node) : undefined;
      return (message as Message | undefined) ?? this.#refuse(path, typeUrl(messageName), node);
    };
  }

  /** One text is many values here. */
  #fieldMask(node: JsonNode, path: string): Message | undefined {
    const { fieldMaskLengthMax } = this.#limits;
    if (typeof node === 'string' && node.length > fieldMaskLengthMax) {
      return this.#refuseRule(path, `a mask has at most ${String(fieldMaskLengthMax)} characters`);
    }
    return this.#text('google.protobuf.FieldMask', readFieldMask)(node, path);
  }

  #any(node: JsonNode, path: string): Message | undefined {
    if (!(node instanceof JsonMembers)) return this.#refuse(path, typeUrl('google.protobuf.Any'), node);
    if (node.entries.length === 0) return {};
    const types = node.entries.filter(([name]) => name === '@type');
    const url = types[0]?.[1];
    if (types.length > 1) return this.#refuseRule(path, 'there are two members "@type"');
    if (typeof url !== 'string') return this.#refuseRule(path, 'an Any needs a text as its member "@type"');
    const name = url.slice(url.lastIndexOf('/') + 1);
    if (url === name || !isKnownMessage(name)) {
      return this.#refuseRule(
        path,
        `the type of "@type", ${JSON.stringify(url.slice(0, 128).toWellFormed())}, is not known here`,
      );
    }
    const content = this.#content(
      name,
      node.entries.filter(([member]) => member !== '@type'),
      path,
    );
    // What was refused leaves holes that cannot be encoded.
    if (content === undefined || !this.#refusals.isEmpty) return undefined;
    const value = encodeMessage(name, content);
    return { type_url: url, ...(value.length === 0 ? {} : { value }) } satisfies WireAny;
  }

  /** What stands beside an Any's `@type`. Some write an Empty as a `value`, as other types with a form of their own. */
  #content(messageName: string, members: readonly JsonMember[], path: string): Message | undefined {
    const [first] = members;
    const isEmptyValue = messageName === 'google.protobuf.Empty' && first?.[0] === 'value';
    if (!hasSpecialJson(messageName) && !isEmptyValue) return this.#members(messageName, members, path);
    if (first?.[0] !== 'value' || members.length > 1) {
      return this.#refuseRule(path, `a ${messageName} within an Any is its only other member, "value"`);
    }
    return this.read(messageName, first[1], `${path}.value`);
  }

  #struct(node: JsonNode, path: string): Message | undefined {
    if (!(node instanceof JsonMembers)) return this.#refuse(path, typeUrl('google.protobuf.Struct'), node);
    const values = new Map<string, Message>();
    for (const [name, each] of node.entries) {
      if (values.has(name)) this.#refusals.duplicate(path, name);
      values.set(name, this.#value(each, memberPath(path, name)) ?? {});
    }
    return structMessage(values);
  }

  #listValue(node: JsonNode, path: string): Message | undefined {
    if (!Array.isArray(node)) return this.#refuse(path, typeUrl('google.protobuf.ListValue'), node);
    const nodes = node as readonly JsonNode[];
    const values = nodes.map((each, index) => this.#value(each, `${path}[${String(index)}]`) ?? {});
    return values.length === 0 ? {} : { values };
  }

  #value(node: JsonNode, path: string): Message | undefined {
    if (node instanceof JsonMembers) return valueMessage('structValue', this.#struct(node, path));
    if (node === null) return valueMessage('nullValue', 'NULL_VALUE');
    if (typeof node === 'string') return valueMessage('stringValue', node);
    if (typeof node === 'boolean') return valueMessage('boolValue', node);
    if (!(node instanceof JsonNumber)) return valueMessage('listValue', this.#listValue(node, path));
    const number = SCALAR_READERS['TYPE_DOUBLE']?.(node);
    return number === undefined ? this.#refuse(path, 'TYPE_DOUBLE', node) : valueMessage('numberValue', number);
  }

  #refuse(path: string, type: string, node: JsonNode): Message | undefined {
    this.#refusals.value(path, type, node);
    return undefined;
  }

  #refuseRule(path: string, description: string): Message | undefined {
    this.#refusals.rule(path, description);
    return undefined;
  }
}

function takesNull(field: JsonField): boolean {
  return (field.type.kind === 'message' && field.type.name === VALUE) || isNullValue(field);
}

function isNullValue({ type }: JsonField): boolean {
  return type.kind === 'enum' && type.name === 'google.protobuf.NullValue';
}

function memberPath(path: string, name: string): string {
  return `${path}[${JSON.stringify(name.slice(0, 64).toWellFormed())}]`;
}

/** What a field without presence leaves out on the wire: in it, such a value and none are the same. */
function isDefault(value: unknown, { rule, type }: JsonField): boolean {
  if (rule === 'repeated') return (value as readonly unknown[]).length === 0;
  if (rule === 'map') return Object.keys(value as object).length === 0;
  if (type.kind === 'message') return false;
  if (type.kind === 'enum') return value === 0 || type.values.get(value as string) === 0;
  // -0 has a bit that is set.
  if (typeof value === 'number') return Object.is(value, 0);
  if (value instanceof Uint8Array) return value.length === 0;
  return value === false || value === '' || (type.kind === 'integer' && value === '0');
}

import type { FieldType, MessageField, MessageType, MessageTypes } from '../operations/message-types.ts';
import { typeDescriptors } from './protos.ts';

/** The part of google.protobuf.DescriptorProto that is read, as proto-loader gives it. */
interface MessageDescriptor {
  readonly name: string;
  readonly field: readonly FieldDescriptor[];
  readonly nestedType: readonly MessageDescriptor[];
  readonly enumType: readonly EnumDescriptor[];
  readonly options?: { readonly mapEntry?: boolean } | null;
}

interface FieldDescriptor {
  /** In camel case. */
  readonly name: string;
  readonly label: string;
  readonly type: string;
  /** Relative to the message, where it is a message or an enum. */
  readonly typeName: string;
}

interface EnumDescriptor {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number: number }[];
}

type Descriptor = MessageDescriptor | EnumDescriptor;

/** The message types of the protos that are loaded, described at the first use: some ms for all of them. */
export const protoMessageTypes: MessageTypes = {
  names: () => index().names,
  find: (name) => index().find(name),
};

let indexed: TypeIndex | undefined;

function index(): TypeIndex {
  indexed ??= new TypeIndex(typeDescriptors() as ReadonlyMap<string, Descriptor>);
  return indexed;
}

/** Every message and enum by its full name, nested ones too, and the messages that were asked for as fields. */
class TypeIndex {
  /** An Any is resolved to messages of the top level only. */
  readonly names: readonly string[];
  readonly #descriptors = new Map<string, Descriptor>();
  readonly #found = new Map<string, MessageType | undefined>();

  constructor(topLevel: ReadonlyMap<string, Descriptor>) {
    for (const [name, descriptor] of topLevel) this.#add(name, descriptor);
    this.names = [...topLevel].flatMap(([name, descriptor]) => (isMessage(descriptor) ? [name] : []));
  }

  find(name: string): MessageType | undefined {
    if (!this.#found.has(name)) {
      const descriptor = this.#descriptors.get(name);
      const isKnown = descriptor !== undefined && isMessage(descriptor);
      this.#found.set(name, isKnown ? this.#describe(name, descriptor) : undefined);
    }
    return this.#found.get(name);
  }

  #add(name: string, descriptor: Descriptor): void {
    this.#descriptors.set(name, descriptor);
    if (!isMessage(descriptor)) return;
    for (const nested of descriptor.nestedType) if (!isMapEntry(nested)) this.#add(`${name}.${nested.name}`, nested);
    for (const nested of descriptor.enumType) this.#add(`${name}.${nested.name}`, nested);
  }

  #describe(name: string, descriptor: MessageDescriptor): MessageType {
    const fields = new Map(descriptor.field.map((field) => [field.name, this.#fieldOf(field, name, descriptor)]));
    return {
      name,
      fieldNames: [...fields.keys()].map(snakeCase),
      field: (written) => fields.get(camelCase(written)),
    };
  }

  #fieldOf(field: FieldDescriptor, scope: string, parent: MessageDescriptor): MessageField {
    const key = field.name;
    const entry = mapEntryOf(field, parent);
    const [keyField, valueField] = entry?.field ?? [];
    if (keyField !== undefined && valueField !== undefined) {
      return { key, rule: 'map', type: this.#typeOf(valueField, scope), mapKey: mapKeyOf(keyField) };
    }
    const rule = field.label === 'LABEL_REPEATED' ? 'repeated' : 'single';
    return { key, rule, type: this.#typeOf(field, scope) };
  }

  #typeOf({ type, typeName }: FieldDescriptor, scope: string): FieldType {
    const scalar = SCALARS.get(type);
    if (scalar !== undefined) return { kind: scalar };
    const name = this.#fullName(typeName, scope);
    const descriptor = this.#descriptors.get(name);
    if (descriptor === undefined || isMessage(descriptor)) return { kind: 'message', name };
    return { kind: 'enum', name, values: new Map(descriptor.value.map((value) => [value.name, value.number])) };
  }

  /** Names are looked up from the innermost scope outwards, as protoc does. */
  #fullName(typeName: string, scope: string): string {
    if (typeName.startsWith('.')) return typeName.slice(1);
    for (let outer = scope; outer !== ''; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
      if (this.#descriptors.has(`${outer}.${typeName}`)) return `${outer}.${typeName}`;
    }
    return typeName;
  }
}

const SCALARS: ReadonlyMap<string, Exclude<FieldType['kind'], 'enum' | 'message'>> = new Map([
  ['TYPE_STRING', 'string'],
  ['TYPE_BYTES', 'bytes'],
  ['TYPE_BOOL', 'boolean'],
  ['TYPE_DOUBLE', 'float'],
  ['TYPE_FLOAT', 'float'],
  ...['INT32', 'INT64', 'UINT32', 'UINT64', 'SINT32', 'SINT64', 'FIXED32', 'FIXED64', 'SFIXED32', 'SFIXED64'].map(
    (width) => [`TYPE_${width}`, 'integer'] as const,
  ),
]);

function isMessage(descriptor: Descriptor): descriptor is MessageDescriptor {
  return 'field' in descriptor;
}

function isMapEntry({ options }: MessageDescriptor): boolean {
  return options?.mapEntry === true;
}

/** protobufjs names a map's entry after its field, with a capital; no other field can have this name and an entry. */
function mapEntryOf({ name, typeName }: FieldDescriptor, parent: MessageDescriptor): MessageDescriptor | undefined {
  if (typeName !== name.charAt(0).toUpperCase() + name.slice(1)) return undefined;
  return parent.nestedType.find((nested) => isMapEntry(nested) && nested.name === typeName);
}

function mapKeyOf({ type }: FieldDescriptor): NonNullable<MessageField['mapKey']> {
  if (type === 'TYPE_STRING') return 'string';
  if (type === 'TYPE_BOOL') return 'boolean';
  return type.endsWith('64') ? 'long' : 'integer';
}

/** As protobufjs turns a field's name into its member's; a name that is in camel case stays as it is. */
function camelCase(name: string): string {
  return name.charAt(0) + name.slice(1).replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

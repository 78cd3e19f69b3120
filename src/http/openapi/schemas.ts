import { jsonFields, type JsonField } from '../../schema/json/json-fields.ts';
import { isWrapper } from '../../schema/json/special-json.ts';
import type { JsonObject } from '../../schema/message-json.ts';
import { fieldSchema, type Reference } from './field-schema.ts';
import { SPECIAL_SCHEMAS } from './special-schemas.ts';

/** Gathers the schemas of messages and enums that a document names, and of all that these name, each once. */
export class Schemas {
  readonly #schemas = new Map<string, JsonObject>();

  /** A reference to the schema of a message. @param messageName  full name; one that is not loaded is a bug. */
  ofMessage(messageName: string): JsonObject {
    return this.#named(messageName, () => this.#messageSchema(messageName));
  }

  /** The schema of a field, with references in it. */
  ofField(field: JsonField): JsonObject {
    return fieldSchema(field, this.#reference);
  }

  /** All of them by their full names, sorted. */
  all(): JsonObject {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  readonly #reference: Reference = (type) => {
    if (type.kind === 'message') return this.ofMessage(type.name);
    if (type.name === 'google.protobuf.NullValue') return { type: 'null' };
    // A number where the caller asks for numbers, and where none of the names has it.
    const schema: JsonObject = { anyOf: [{ type: 'string', enum: [...type.values.keys()] }, { type: 'integer' }] };
    return type.name === undefined ? schema : this.#named(type.name, () => schema);
  };

  /** Named before it is made: messages may hold themselves. */
  #named(name: string, make: () => JsonObject): JsonObject {
    if (!this.#schemas.has(name)) {
      this.#schemas.set(name, {});
      this.#schemas.set(name, make());
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  #messageSchema(messageName: string): JsonObject {
    const special = SPECIAL_SCHEMAS[messageName];
    if (special !== undefined) return special;
    const fields = [...new Set(jsonFields(messageName).values())];
    const [first] = fields;
    if (isWrapper(messageName) && first !== undefined) return this.ofField(first);
    const properties = fields.map((field) => [field.key, this.ofField(field)] as const);
    return { type: 'object', ...oneofs(fields), properties: Object.fromEntries(properties) };
  }
}

/** At most one of a oneof's fields may be given; an optional field, whose oneof has a name of its own, stands alone. */
function oneofs(fields: readonly JsonField[]): JsonObject {
  const byOneof = Map.groupBy(fields, ({ oneof }) => oneof);
  const choices = [...byOneof].filter(([oneof, members]) => oneof !== undefined && members.length > 1);
  const sentences = choices.map(([, members]) => `At most one of ${members.map(({ key }) => key).join(', ')}.`);
  return sentences.length === 0 ? {} : { description: sentences.join(' ') };
}

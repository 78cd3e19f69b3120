/** The type of one value of a message; integers of every width are `integer`, `float` stands for float and double. */
export type FieldType =
  | { readonly kind: 'string' | 'bytes' | 'boolean' | 'integer' | 'float' }
  /** Numbers by name; the first is that of a field that is not set. `name` is its full name, where it has one. */
  | { readonly kind: 'enum'; readonly name?: string; readonly values: ReadonlyMap<string, number> }
  /** By its full name. */
  | { readonly kind: 'message'; readonly name: string };

export interface MessageField {
  /** Its member's name in a decoded message. */
  readonly key: string;
  readonly rule: 'single' | 'repeated' | 'map';
  /** Of a repeated field's elements, and of a map's values. */
  readonly type: FieldType;
  /** What a map's keys are; those of 64 bits are `long`, and are not readable in a decoded message. */
  readonly mapKey?: 'string' | 'integer' | 'boolean' | 'long';
}

/** What is known of a message type. */
export interface MessageType {
  /** The full name, such as `google.rpc.Status`. */
  readonly name: string;
  /** In snake case, as the type's definition has them. */
  readonly fieldNames: readonly string[];
  /** A field by its name in snake case or camel case. */
  field(name: string): MessageField | undefined;
}

/** Which message types exist, so that filters can be checked before there is a message. */
export interface MessageTypes {
  /** The full names of all messages that an Any can be resolved to. */
  names(): readonly string[];
  /** One of these, or one nested within them. */
  find(name: string): MessageType | undefined;
}

/**
 * JSON as it was written: numbers keep their digits, since 64 bits do not fit a double, and objects all their members in order, since
 * two of one name are a mistake that a plain object would hide.
 */
export type JsonNode = null | boolean | string | JsonNumber | JsonMembers | readonly JsonNode[];

export type JsonMember = readonly [name: string, value: JsonNode];

export class JsonNumber {
  readonly text: string;

  /** @param text  a number of JSON's grammar. */
  constructor(text: string) {
    this.text = text;
  }
}

export class JsonMembers {
  readonly entries: readonly JsonMember[];

  constructor(entries: readonly JsonMember[]) {
    this.entries = entries;
  }
}

/** What kind of value it is, for messages that must not show the value itself. */
export function nodeKind(node: JsonNode): string {
  if (node === null) return 'null';
  if (node instanceof JsonNumber) return 'a number';
  if (node instanceof JsonMembers) return 'an object';
  if (Array.isArray(node)) return 'a list';
  return typeof node === 'string' ? 'a string' : 'a boolean';
}

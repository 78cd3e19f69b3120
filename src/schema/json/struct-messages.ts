import type { Message } from '../protos.ts';

/** A google.protobuf.Value as it comes off the wire, with the name of what is set. */
export function valueMessage(kind: string, value: unknown): Message {
  return { [kind]: value, kind };
}

/** A google.protobuf.Struct as it comes off the wire. A member may be named as anything, `__proto__` too. */
export function structMessage(values: ReadonlyMap<string, Message>): Message {
  return values.size === 0 ? {} : { fields: Object.fromEntries(values) };
}

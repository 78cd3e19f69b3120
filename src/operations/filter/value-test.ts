/** What an Any holds; undefined when its type is not known, or its bytes are not of it. */
export interface OpenedAny {
  /** The message's full name. */
  readonly type: string;
  readonly message: unknown;
}

/** Opens an Any that is a member of a decoded message; the same one again costs nothing. */
export type AnyOpener = (any: object) => OpenedAny | undefined;

/** Whether a value of a decoded message, undefined where it is not set, is as a filter asks. */
export type ValueTest = (value: unknown, open: AnyOpener) => boolean;

/** A member of a decoded message or map; undefined when it has none of its own, whatever objects inherit. */
export function memberOf(message: unknown, key: string): unknown {
  return hasMember(message, key) ? message[key] : undefined;
}

export function hasMember(message: unknown, key: string): message is Readonly<Record<string, unknown>> {
  return typeof message === 'object' && message !== null && Object.hasOwn(message, key);
}

// AIP-160: "if any non-primitive field in the chain is not set on the entry being evaluated, the entry should be skipped …
// This applies even when the comparison is a `!=`"
export function whenSet(test: ValueTest): ValueTest {
  return (value, open) => value !== undefined && test(value, open);
}

export const isSet: ValueTest = (value) => value !== undefined;

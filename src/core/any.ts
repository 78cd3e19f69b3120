/**
 * A google.protobuf.Any: encoded message bytes with the URL of their type.
 *
 * `typeUrl` reads `type.googleapis.com/<full message name>`. The bytes are never changed once stored.
 */
export interface Any {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

const PREFIX = 'type.googleapis.com/';

/** The type URL of a full message name, such as `google.protobuf.Empty`. */
export function typeUrl(messageName: string): string {
  return PREFIX + messageName;
}

/** The full message name within an Any's type URL: all that follows its last slash. */
export function messageName(any: Any): string {
  return any.typeUrl.slice(any.typeUrl.lastIndexOf('/') + 1);
}

/** A google.protobuf.Empty, the response of work that has nothing to return. */
export const EMPTY: Any = { typeUrl: typeUrl('google.protobuf.Empty'), value: new Uint8Array(0) };

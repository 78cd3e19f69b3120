/** The wire form of messages, as far as a decoded message does not show it. */

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** A field as it stands in a message. */
export interface WireField {
  readonly number: number;
  /** Of a message, text or bytes; empty for others. */
  readonly value: Uint8Array;
}

/**
 * The fields of a message, in their order, each time that it stands there: a oneof that was set twice shows here only.
 *
 * @throws Error when the bytes are no message.
 */
export function wireFields(bytes: Uint8Array): readonly WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at];
      if (byte === undefined) throw new Error('the message ends within a number');
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error('a number has more than ten bytes');
  };
  while (at < bytes.length) {
    const tag = varint();
    const type = tag % 8;
    const size = type === VARINT ? 0 : type === DELIMITED ? varint() : fixedSize(type);
    if (type === VARINT) varint();
    if (at + size > bytes.length) throw new Error('the message ends within a field');
    const value = bytes.subarray(at, at + (type === DELIMITED ? size : 0));
    fields.push({ number: Math.floor(tag / 8), value });
    at += size;
  }
  return fields;
}

function fixedSize(type: number): number {
  if (type === FIXED64) return 8;
  if (type === FIXED32) return 4;
  throw new Error(`wire type ${type} is none of proto3's`);
}

/** Field 1000 with the text `later`, which no message here has: as a newer client would send it. */
export const UNKNOWN_FIELD: Uint8Array = Buffer.from([0xc2, 0x3e, 5, ...Buffer.from('later')]);

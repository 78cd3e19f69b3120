/** The tag of a length-delimited field: a string, bytes, or a message. */
export function delimited(fieldNumber: number): number {
  return (fieldNumber << 3) | 2;
}

/**
 * Bytes of length-delimited fields, each by its tag below 128. With bytes of other fields before or after they are a message: so
 * what is encoded already is put into a message without decoding it.
 */
export function encodeFields(fields: readonly (readonly [tag: number, value: Uint8Array])[]): Buffer {
  const size = fields.reduce((sum, [, value]) => sum + 1 + varintSize(value.length) + value.length, 0);
  const output = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const [tag, value] of fields) {
    output[offset] = tag;
    offset = writeVarint(output, value.length, offset + 1);
    output.set(value, offset);
    offset += value.length;
  }
  return output;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size += 1;
  return size;
}

/** @returns the offset behind it. */
function writeVarint(output: Buffer, value: number, offset: number): number {
  let rest = value;
  let at = offset;
  for (; rest > 0x7f; rest >>>= 7) output[at++] = (rest & 0x7f) | 0x80;
  output[at++] = rest;
  return at;
}

/** google/longrunning/operations.proto, message ListOperationsResponse: all three fields are length-delimited. */
const OPERATIONS = (1 << 3) | 2;
const NEXT_PAGE_TOKEN = (2 << 3) | 2;
const UNREACHABLE = (3 << 3) | 2;

/**
 * An encoded ListOperationsResponse around operations that are encoded already: their bytes are copied once and never decoded.
 */
export function encodeListResponse(
  operations: readonly Uint8Array[],
  nextPageToken: string,
  unreachable: readonly string[] = [],
): Buffer {
  const fields: [tag: number, value: Uint8Array][] = operations.map((operation) => [OPERATIONS, operation]);
  if (nextPageToken !== '') fields.push([NEXT_PAGE_TOKEN, Buffer.from(nextPageToken)]);
  for (const name of unreachable) fields.push([UNREACHABLE, Buffer.from(name)]);
  return concatenate(fields);
}

function concatenate(fields: readonly (readonly [tag: number, value: Uint8Array])[]): Buffer {
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

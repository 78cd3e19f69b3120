import { encodeFields } from './wire-fields.ts';

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
  return encodeFields(fields);
}

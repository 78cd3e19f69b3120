import type { Operation } from './operation.ts';
import type { ListQuery } from './operation-repository.ts';

/** Bytes of the values that a record holds, as `ListQuery.bytesMax` counts them. */
export function valueBytesOf({ request, metadata, checkpoint, result, encoded }: Operation): number {
  const response = result !== undefined && 'response' in result ? result.response.value.byteLength : 0;
  const report = (metadata?.value.byteLength ?? 0) + (checkpoint?.value.byteLength ?? 0);
  return request.value.byteLength + report + response + encoded.byteLength;
}

/** The records up to the one that brings their values to so many bytes, that one included. */
export function cutToBytes(records: readonly Operation[], bytesMax: number): readonly Operation[] {
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    bytes += valueBytesOf(record);
    if (bytes >= bytesMax) return records.slice(0, index + 1);
  }
  return records;
}

/** The items in parts: each ends with the one that brings it to so many bytes. */
export function partsOfBytes<T extends { readonly valueBytes: number }>(
  items: readonly T[],
  bytesMax: number,
): readonly (readonly T[])[] {
  const parts: T[][] = [];
  let bytes = bytesMax;
  for (const item of items) {
    if (bytes >= bytesMax) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(item);
    bytes += item.valueBytes;
  }
  return parts;
}

/** Whether nothing lies behind a page of the query: it is short of the limit, and of the bytes. */
export function isLastPage(
  page: readonly Operation[],
  { limit, bytesMax = Infinity }: Pick<ListQuery, 'limit' | 'bytesMax'>,
): boolean {
  const bytes = page.reduce((sum, record) => sum + valueBytesOf(record), 0);
  return page.length < limit && bytes < bytesMax;
}

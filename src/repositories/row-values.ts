/** How much the values in rows take: reads end with the row that has enough of them. */
import { COLUMN_INDEX as AT } from './operation-columns.ts';
import type { Row } from './sqlite-protocol.ts';

const VALUE_COLUMNS = ['request', 'metadata', 'checkpoint', 'response', 'encoded'] as const;

/** Bytes of the row's values, as valueBytesOf counts those of a record. */
export function rowValueBytes(row: Row): number {
  let bytes = 0;
  for (const column of VALUE_COLUMNS) bytes += (row[AT[column]] as Uint8Array | null)?.byteLength ?? 0;
  return bytes;
}

/** The rows up to the one that brings their values to so many bytes. */
export function cutRows(rows: Iterable<Row>, bytesMax: number): readonly Row[] {
  const taken: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    taken.push(row);
    bytes += rowValueBytes(row);
    if (bytes >= bytesMax) break;
  }
  return taken;
}

/** Whether a read came to its end before its bounds: nothing lies behind its rows. */
export function isLastRead(
  rows: readonly Row[],
  { limit, bytesMax }: { readonly limit: number; readonly bytesMax: number },
): boolean {
  return rows.length < limit && rows.reduce((sum, row) => sum + rowValueBytes(row), 0) < bytesMax;
}

/** The same, in SQL: SQLite knows the length of a value without reading it. */
export const VALUE_BYTES = VALUE_COLUMNS.map((column) => `coalesce(length(${column}), 0)`).join(' + ');

import type { ReadOptions } from '../../transfers/object-store.ts';

/** How many bytes a read is expected to answer; 0 where nobody knows. */
export function expectedSizeOf({ offsetBytes = 0, lengthBytes = Infinity, expect }: ReadOptions): number {
  const restBytes = expect === undefined ? Infinity : expect.sizeBytes - offsetBytes;
  const sizeBytes = Math.min(lengthBytes, restBytes);
  return Number.isFinite(sizeBytes) ? sizeBytes : 0;
}

import type { Stats } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import { isSameTime } from '../../transfers/delta.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import { attributesOf } from './file-attributes.ts';

/** Times of files go through numbers of 53 bits: what they differ by within that is no difference, milliseconds. */
const TIME_GRAIN_MS = 0.001;

type Expected = Pick<ObjectRecord, 'sizeBytes' | 'modifyTimeMs'>;

export function recordOf(key: ByteString, stats: Stats): ObjectRecord {
  return { key, sizeBytes: stats.size, modifyTimeMs: stats.mtimeMs, attributes: attributesOf(stats) };
}

/** Whether a file is still the one that was expected. */
export function isExpectedFile({ size, mtimeMs }: Stats, expect: Expected): boolean {
  return isExpectedRecord({ sizeBytes: size, modifyTimeMs: mtimeMs }, expect);
}

export function isExpectedRecord(found: Expected, expect: Expected): boolean {
  return found.sizeBytes === expect.sizeBytes && isSameTime(found.modifyTimeMs, expect.modifyTimeMs, TIME_GRAIN_MS);
}

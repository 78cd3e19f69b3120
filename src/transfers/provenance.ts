/**
 * What a copy remembers of the object it was made of, in the sink's own metadata, so that the next run can tell that both are
 * still the same without reading either.
 */
import type { ObjectMetadata } from './object-metadata.ts';
import type { ObjectRecord } from './object-record.ts';

/** The source of a copy, as it was when it was copied. */
export interface Provenance {
  /** Of the source; down to the microsecond where we wrote it, to the second where gsutil or Google's service did. */
  readonly modifyTimeMs?: number;
  /** Whether `modifyTimeMs` is to the second only. */
  readonly isWholeSeconds?: boolean;
  /** ObjectRecord.etag of the source. */
  readonly etag?: string;
}

/** Seconds since the epoch; gsutil, gcloud and Google's service write and read it. */
const FILE_MTIME = 'goog-reserved-file-mtime';
/** The same with a fraction of six digits, ours. */
const FILE_MTIME_EXACT = 'longrunning-file-mtime';
/** Storage Transfer Service's own name for it, on copies of objects of other clouds. */
const SOURCE_ETAG = 'x-goog-source-etag';

/** The pairs to store with a copy of `source`. One with an ETag is known by that, a file by its time. */
export function provenancePairs(source: Pick<ObjectRecord, 'modifyTimeMs' | 'etag'>): Readonly<Record<string, string>> {
  if (source.etag !== undefined) return { [SOURCE_ETAG]: source.etag };
  const seconds = source.modifyTimeMs / 1000;
  return { [FILE_MTIME]: String(Math.floor(seconds)), [FILE_MTIME_EXACT]: seconds.toFixed(6) };
}

/** What a sink object's metadata tells of its source; undefined when it tells nothing. */
export function provenanceOf(metadata: ObjectMetadata | undefined): Provenance | undefined {
  const custom = metadata?.custom;
  if (custom === undefined) return undefined;
  const etag = custom[SOURCE_ETAG];
  const exact = numberOf(custom[FILE_MTIME_EXACT]);
  const whole = numberOf(custom[FILE_MTIME]);
  if (etag === undefined && exact === undefined && whole === undefined) return undefined;
  // Another tool that rewrites the object keeps pairs it does not know: the exact time counts only beside the same seconds.
  const isExact = exact !== undefined && (whole === undefined || Math.floor(exact) === whole);
  const seconds = isExact ? exact : whole;
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(seconds === undefined ? {} : { modifyTimeMs: seconds * 1000, isWholeSeconds: !isExact }),
  };
}

/**
 * When the content of a record was last written: of the file that the object was made of, where its metadata tells that, and by
 * the store's own time otherwise. What a file that is made of the object gets.
 */
export function originalTimeMs({
  modifyTimeMs,
  metadata,
}: {
  readonly modifyTimeMs: number;
  readonly metadata?: ObjectMetadata | undefined;
}): number {
  return metadata === undefined ? modifyTimeMs : (provenanceOf(metadata)?.modifyTimeMs ?? modifyTimeMs);
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?\d{1,15}(\.\d{1,9})?$/.test(text)) return undefined;
  return Number(text);
}

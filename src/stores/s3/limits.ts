/** Bounds of S3 stores. Sizes are bytes, times milliseconds. */
export interface S3Limits {
  /** Keys asked for in one request; S3 gives at most 1,000 (API reference, ListObjectsV2). */
  readonly listPageCountMax: number;
  /** Up to this an object is one PUT, held in memory; a longer one goes in parts of at least this. At least 5 MiB, S3's least part. */
  readonly partSizeBytesMin: number;
  /** Objects above this cannot be copied by one request; S3 copies at most 5 GiB (API reference, CopyObject). */
  readonly copySizeBytesMax: number;
  /** Of the parts of a copy within the service: large, as no byte passes here. */
  readonly copyPartSizeBytes: number;
  /** How long the service may take to put parts together or to copy, before its first byte. */
  readonly slowResponseTimeoutMs: number;
  /** How long the removal of what a failed write left may take; after that the janitor's. */
  readonly cleanUpTimeoutMs: number;
  /** How long it is remembered what a sink's server does, before it is asked again. */
  readonly abilityAgeMaxMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_S3_LIMITS: S3Limits = Object.freeze({
  listPageCountMax: 1000,
  partSizeBytesMin: 8 * MIB,
  copySizeBytesMax: 5 * 1024 * MIB,
  copyPartSizeBytes: 512 * MIB,
  slowResponseTimeoutMs: 600_000,
  cleanUpTimeoutMs: 5000,
  abilityAgeMaxMs: 3_600_000,
});

/** S3 API reference, "Amazon S3 multipart upload limits". */
export const S3_PART_SIZE_BYTES_MIN = 5 * MIB;
export const S3_PART_SIZE_BYTES_MAX = 5 * 1024 * MIB;
export const S3_PART_COUNT_MAX = 10_000;

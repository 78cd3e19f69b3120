/** Bounds of the Google Cloud Storage store. Sizes are bytes, times milliseconds. */
export interface GcsLimits {
  /** Up to this an object is one request, whole or nothing; above it, a resumable upload. Held in memory while it is sent. */
  readonly singleRequestSizeBytesMax: number;
  /** Of a resumable upload that write() makes, one request each; a multiple of 256 KiB. Held in memory while it is sent. */
  readonly chunkSizeBytes: number;
  /** Objects asked of one page of a listing; the service gives no more than 1000. */
  readonly listPageCountMax: number;
  /** Ends of uploads, each under 256 KiB, kept until their uploads are completed; beyond it the oldest upload must begin anew. */
  readonly heldTailCountMax: number;
  /** How long the removal of an upload that failed is tried; then the service removes it, a week after it was begun. */
  readonly cleanupTimeoutMs: number;
  /** Answers to one rewrite; each copies a gigabyte and more, and an object has 5 TiB at most. */
  readonly rewriteCallCountMax: number;
  /** An access token is renewed so long before it ends: clocks differ, and a request takes its time. */
  readonly tokenMarginMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_GCS_LIMITS: GcsLimits = Object.freeze({
  singleRequestSizeBytesMax: 8 * MIB,
  chunkSizeBytes: 8 * MIB,
  listPageCountMax: 1000,
  heldTailCountMax: 128,
  cleanupTimeoutMs: 5000,
  rewriteCallCountMax: 100_000,
  tokenMarginMs: 5 * 60_000,
});

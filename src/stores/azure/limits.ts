/** Bounds of the Azure Blob Storage store. Sizes are bytes, times milliseconds. */
export interface AzureLimits {
  /** Up to this a blob is one request, whole or nothing; above it, a list of blocks of this size. Held in memory while it is sent. */
  readonly singleRequestSizeBytesMax: number;
  /** Blobs asked of one page of a listing; the service gives no more than 5000. */
  readonly listPageCountMax: number;
  /** How long the look at what a failed write left is tried. */
  readonly cleanupTimeoutMs: number;
  /** Uploads aborted here that are remembered as such; the service itself forgets their blocks after a week. */
  readonly abortedUploadCountMax: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_AZURE_LIMITS: AzureLimits = Object.freeze({
  singleRequestSizeBytesMax: 8 * MIB,
  listPageCountMax: 5000,
  cleanupTimeoutMs: 5000,
  abortedUploadCountMax: 1000,
});

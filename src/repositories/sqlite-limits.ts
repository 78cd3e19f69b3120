/** What a SQLite database may use, and how long it may wait. */
export interface SqliteLimits {
  /** How long to wait for another process to let go of the file, milliseconds: one that is ending needs a moment. */
  readonly openTimeoutMs: number;
  /** Operations kept decoded for Get, by count: with small records their objects weigh more than their bytes. */
  readonly cacheRecordsMax: number;
  /** The same, in bytes. */
  readonly cacheBytesMax: number;
  /** Writes in one commit: it bounds how long a read waits behind one, about 10 ms at this many. */
  readonly commitWritesMax: number;
  /** Bytes of values in one commit, likewise; a single larger write goes alone. */
  readonly commitBytesMax: number;
  /**
   * Writes waiting for their commit; beyond it callers are told to come back (RESOURCE_EXHAUSTED). Counted apart for new
   * records and for changes of those that are there, so that no storm of creates keeps work from being written.
   */
  readonly queuedWritesMax: number;
  /** The same, in bytes of values. */
  readonly queuedBytesMax: number;
  /** Reads waiting for their answer, likewise. */
  readonly queuedReadsMax: number;
  /**
   * Collections that one shared claim looks at, by count: many that have their share hold up the database's thread for some 0.1 s at most.
   * The next claim goes on behind them.
   */
  readonly shareCollectionsMax: number;
  /** Operations of one session that an expiry reads and changes at once: some 10 ms. */
  readonly expiryPageSize: number;
  /** The same, as bytes of their values: what is read of them is held together. */
  readonly expiryPageBytes: number;
  /** Names that a reader of hints may be behind by; older ones are lost. */
  readonly hintsPerReaderMax: number;
  /** SQLite's own cache, bytes: the inner pages of the indexes of some 10^6 operations. */
  readonly pageCacheBytes: number;
  /** Pages in the write-ahead log that start a checkpoint: more is faster on average, and longer each time. */
  readonly checkpointPages: number;
  /** Pages in the file (of 4096 bytes each), to keep it from filling a disk; 0 = as many as SQLite can. */
  readonly filePagesMax: number;
}

export const DEFAULT_SQLITE_LIMITS: SqliteLimits = {
  openTimeoutMs: 5_000,
  cacheRecordsMax: 20_000,
  cacheBytesMax: 64 * 1024 * 1024,
  commitWritesMax: 512,
  commitBytesMax: 8 * 1024 * 1024,
  queuedWritesMax: 100_000,
  queuedBytesMax: 256 * 1024 * 1024,
  queuedReadsMax: 20_000,
  shareCollectionsMax: 10_000,
  expiryPageSize: 256,
  expiryPageBytes: 8 * 1024 * 1024,
  hintsPerReaderMax: 100_000,
  pageCacheBytes: 64 * 1024 * 1024,
  checkpointPages: 2_000,
  filePagesMax: 0,
};

/** Bounds of watches. */
export interface WatchLimits {
  /** Watches of this process; one that is idle costs some 10 kB with its call. More are refused. */
  readonly watchCountMax: number;
  /** A watch that has told nothing for so long says that it is alive, milliseconds: less than proxies let a stream be idle. */
  readonly heartbeatMs: number;
  /** Names that a slow reader may be behind by; beyond it all is told anew. Some 100 bytes each. */
  readonly pendingCountMax: number;
  /** Names whose latest change is remembered, for those who come back: some 200 bytes each. */
  readonly changeLogCountMax: number;
  /** Operations read at once: some milliseconds of the database's thread. */
  readonly readCountMax: number;
  /** Encoded messages kept for watches that send the same, over all of them, bytes. */
  readonly encodedBytesMax: number;
  /** Names that a filter is known to leave out, for each filter; it saves telling again that they are not to be seen. */
  readonly outsideCountMax: number;
  /** So far back the ends of operations are told again to who comes back: clocks are set, and commits come after their time. */
  readonly endMarginMs: number;
  /** After a read that failed, milliseconds. */
  readonly retryDelayMs: number;
}

export const DEFAULT_WATCH_LIMITS: WatchLimits = {
  watchCountMax: 5_000,
  heartbeatMs: 15_000,
  pendingCountMax: 10_000,
  changeLogCountMax: 20_000,
  readCountMax: 256,
  encodedBytesMax: 16 * 1024 * 1024,
  outsideCountMax: 10_000,
  endMarginMs: 60_000,
  retryDelayMs: 1_000,
};

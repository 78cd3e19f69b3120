/** Bounds of watches. */
export interface WatchLimits {
  /** Watches of this process; one that is idle costs some 10 kB with its call. More are refused. */
  readonly watchCountMax: number;
  /**
   * Watches of one connection; more are refused. One whose reader stands costs some 200 kB. Connections over Unix sockets cannot be
   * told apart: for them there is `watchCountMax` alone, so that none is refused for what another one has.
   */
  readonly clientWatchCountMax: number;
  /** A watch that has told nothing for so long says that it is alive, milliseconds: less than proxies let a stream be idle. */
  readonly heartbeatMs: number;
  /** Changes that a watch keeps for a slow reader, some 50 bytes each; one that is behind by more goes through those remembered. */
  readonly pendingCountMax: number;
  /** Names whose latest change is remembered, for those who come back and those who are slow: some 400 bytes each. */
  readonly changeLogCountMax: number;
  /** Operations, or changes, read at once: some milliseconds of the database's thread. */
  readonly readCountMax: number;
  /** Operations read first, as nobody knows yet how large they are. */
  readonly firstReadCount: number;
  /** Bytes of operations read at once: to be offered, fewer are read while they have more; for a first telling the read ends there. */
  readonly readBytesMax: number;
  /** Watches that read whole records at a time; the others wait. */
  readonly readerCountMax: number;
  /** Encoded messages that a watch holds while its reader stands, bytes; one message alone may have more. */
  readonly heldBytesMax: number;
  /** Encoded messages that readers were given and have not taken, over all watches, bytes; who finds no room waits. Each byte costs up to four. */
  readonly untakenBytesMax: number;
  /** Smaller messages, and first tellings, find room always, bytes: `watchCountMax` bounds them. */
  readonly smallMessageBytes: number;
  /** A reader that takes nothing for so long is cut off while others wait for room, milliseconds. */
  readonly untakenMaxMs: number;
  /** Encoded messages kept for watches that send the same, over all of them, bytes. */
  readonly encodedBytesMax: number;
  /** Names that filters are known to leave out, over all of them, some 150 bytes each; it saves telling again that they are not seen. */
  readonly outsideCountMax: number;
  /** Damaged records that are remembered, so that each is logged once. */
  readonly damagedCountMax: number;
  /** So far back the ends of operations are told again to who comes back: clocks are set, and commits come after their time. */
  readonly endMarginMs: number;
  /** Of one turn of the event loop, for offering changes; and as much for telling them. Milliseconds. */
  readonly turnMs: number;
  /** After a read that failed, and for those who are turned away, milliseconds … */
  readonly retryDelayMs: number;
  /** … doubled with each further failure, up to this. */
  readonly retryDelayMaxMs: number;
}

export const DEFAULT_WATCH_LIMITS: WatchLimits = {
  watchCountMax: 5_000,
  // What an owner of the client may carry out at once, each with a watch of its own, and some beside it.
  clientWatchCountMax: 1_250,
  heartbeatMs: 15_000,
  pendingCountMax: 1_000,
  changeLogCountMax: 20_000,
  readCountMax: 256,
  firstReadCount: 16,
  readBytesMax: 4 * 1024 * 1024,
  readerCountMax: 2,
  heldBytesMax: 64 * 1024,
  // Thirty readers that are behind by operations of a megabyte: as many as one core copies in some tens of milliseconds.
  untakenBytesMax: 32 * 1024 * 1024,
  // What a connection's own buffer takes.
  smallMessageBytes: 16 * 1024,
  // Who takes 4 MiB in that time reads at 7 Mbit/s.
  untakenMaxMs: 5_000,
  encodedBytesMax: 16 * 1024 * 1024,
  outsideCountMax: 100_000,
  damagedCountMax: 1_000,
  endMarginMs: 60_000,
  turnMs: 4,
  retryDelayMs: 1_000,
  retryDelayMaxMs: 10_000,
};

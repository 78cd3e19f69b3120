export interface JanitorLimits {
  /** Between two rounds that nothing asked for: what could not be removed is tried again, milliseconds. */
  readonly intervalMs: number;
  /** After the end of an operation, so that the ends of many are one round, milliseconds. */
  readonly delayMs: number;
  /** Journal entries of one round; each may name a thousand files. */
  readonly entryCountMax: number;
  /** A round that takes longer is given up on, milliseconds: a file system that does not answer must not end all cleaning. */
  readonly roundMaxMs: number;
  /** Entries that could not be cleaned and are passed over until the next interval. */
  readonly failedCountMax: number;
}

export const DEFAULT_JANITOR_LIMITS: JanitorLimits = {
  intervalMs: 300_000,
  delayMs: 100,
  entryCountMax: 100,
  // A hundred thousand removals on a disk that is slow, and busy.
  roundMaxMs: 600_000,
  failedCountMax: 10_000,
};

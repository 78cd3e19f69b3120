export interface ChecksLimits {
  /** Resources that one List may look at to fill a page; a page may then be short. */
  readonly listScanCountMax: number;
  /** Resources that are read at a time. */
  readonly listReadSize: number;
  /** Bytes of the resources on one page, as they are stored; the first comes whatever its size. */
  readonly listBytesMax: number;
  /** Bytes that a filter goes through before the event loop has another turn. */
  readonly listTurnBytes: number;
  /** Apps of one account. */
  readonly appCountMax: number;
  /** How long a report is kept, milliseconds. */
  readonly reportRetentionMs: number;
}

export const DEFAULT_CHECKS_LIMITS: ChecksLimits = {
  // A report has some kB: some tens of milliseconds for a page of a filter that matches little.
  listScanCountMax: 1024,
  listReadSize: 64,
  // gRPC clients take 4 MiB.
  listBytesMax: 3.5 * 1024 * 1024,
  // Some ms between two turns of the event loop.
  listTurnBytes: 128 * 1024,
  // An app is made by its first upload: an account that is full shows that its ids are made up.
  appCountMax: 1000,
  // Two releases a year can still be compared.
  reportRetentionMs: 400 * 86_400_000,
};

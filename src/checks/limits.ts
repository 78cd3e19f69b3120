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
  /** How long a report or a scan is kept, milliseconds. */
  readonly reportRetentionMs: number;
  /** Of a GenerateScanRequest, bytes. */
  readonly scanRequestSizeMaxBytes: number;
  /** Sources of a GenerateScanRequest, and pieces of code, each. */
  readonly scanFindingCountMax: number;
  /** How long the lease of a worker lasts without a renewal, milliseconds. */
  readonly leaseDurationMs: number;
  /** How long a worker has to confirm a cancel, milliseconds. */
  readonly cancelGraceMs: number;
  /** How long an upload or a scan waits for a worker, milliseconds. */
  readonly abandonAfterMs: number;
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
  // Its worker is sent it in one message, of 4 MiB for other clients than ours, with metadata and a checkpoint of up to 1.5 MiB.
  scanRequestSizeMaxBytes: 2 * 1024 * 1024,
  // Some tens of milliseconds of one turn to check and to encode.
  scanFindingCountMax: 10_000,
  // As OperationControl has them unless told otherwise.
  leaseDurationMs: 30_000,
  cancelGraceMs: 10_000,
  // A worker that is down over a night still finds them.
  abandonAfterMs: 86_400_000,
};

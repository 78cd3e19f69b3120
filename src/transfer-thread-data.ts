import type { TransferLimits } from './transfers/limits.ts';

/** What the sidecar tells every thread that carries out transfers: its `workerData`. */
export interface TransferThreadData {
  readonly limits: TransferLimits;
  /** Resolved values of --posix-root. */
  readonly posixRoots: readonly string[];
}

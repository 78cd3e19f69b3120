import type { ClaimShare } from './operation-repository.ts';
import type { Lease } from './lease.ts';

/** A worker of this process, as those see it who explain why work waits. */
export interface WorkerStatus {
  readonly name: string;
  readonly kinds: readonly string[];
  /** How projects share it, where they do. */
  readonly share?: ClaimShare;
  readonly slotCount: number;
  /** Free slots: none while it is quarantined. */
  readonly freeCount: number;
  readonly held: readonly Lease[];
  /** It gets no work, as a handler of its does not stop. */
  readonly quarantined: boolean;
}

/** Who carries out what in this process. */
export interface WorkerDirectory {
  workers(): readonly WorkerStatus[];
}

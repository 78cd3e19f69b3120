import type { BucketBindings } from './core/bucket-binding.ts';
import type { ActivityLogLimits } from './stores/activity-log/limits.ts';
import type { StoreLimits } from './stores/places/limits.ts';
import type { EgressPolicy } from './stores/web/egress.ts';
import type { TransferLimits } from './transfers/limits.ts';

/** What the sidecar tells every thread that carries out transfers: its `workerData`. */
export interface TransferThreadData {
  readonly limits: TransferLimits;
  readonly stores: StoreLimits;
  /** See OpenBucketOptions. */
  readonly sortDirectory: string;
  /** Resolved values of --posix-root. */
  readonly posixRoots: readonly string[];
  readonly buckets: BucketBindings;
  /** Hosts that callers may name. */
  readonly allowedHosts: EgressPolicy;
  /** Rates of agent pools, by name: memory that all threads share. */
  readonly poolRates: Readonly<Record<string, SharedArrayBuffer>>;
  /** See S3AbilityCache; shared as well. */
  readonly s3Abilities: SharedArrayBuffer;
  /** Absent when they are written nowhere. */
  readonly activityLog?: ActivityLogPlace;
}

/** Where the activities of transfers are written. */
export interface ActivityLogPlace {
  readonly directory: string;
  readonly limits: ActivityLogLimits;
}

/** What the sidecar tells the janitor's thread. */
export interface JanitorThreadData {
  /** Bytes of journal entries. */
  readonly values: readonly Uint8Array[];
  readonly posixRoots: readonly string[];
  readonly buckets: BucketBindings;
  readonly stores: StoreLimits;
  /** See OpenBucketOptions. */
  readonly sortDirectory: string;
  /** What is asked of stores is given up then, milliseconds. */
  readonly roundMaxMs: number;
}

/** What became of each of them, in their order: how many files were removed, or why not all could be. */
export type JanitorOutcome = { readonly removedCount: number } | { readonly failure: string };

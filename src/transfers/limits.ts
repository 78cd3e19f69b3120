import { availableParallelism } from 'node:os';

/**
 * When a published object survives a power cut.
 *
 * `none`: when the system writes it back, as with cp, rsync and rclone; a crash of the process alone loses nothing.
 * `batch`: when its group is committed: data is synced before any rename, renames before the counters.
 * `file`: when its rename returns; each file and each directory is synced by itself.
 */
export type Durability = 'none' | 'batch' | 'file';

/** `auto`: large files share their blocks with their source where the file system can (XFS, btrfs, bcachefs). `never`: they are copied. */
export type ReflinkUse = 'auto' | 'never';

/** Every bound of the transfer engine. Sizes are bytes, times milliseconds. */
export interface TransferLimits {
  readonly durability: Durability;
  readonly reflink: ReflinkUse;
  /** Smaller ones are copied: a clone takes a child process, some 3 ms of CPU, as long as it takes to copy half of the default. */
  readonly reflinkSizeBytesMin: number;
  /** Threads that copy. More than the cores pays only where the disk is slow. */
  readonly copyThreadCount: number;
  /** Bytes between two looks at the word: what an interrupt waits for at most. */
  readonly chunkSizeBytes: number;
  /** Above this an object is copied by itself, in slices, resumable, without holding the cursor back. */
  readonly largeObjectSizeBytes: number;
  /** Large objects begun or waiting; each is in every checkpoint, with its key. */
  readonly pendingCountMax: number;
  /** Bytes of a large object between two saved checkpoints, and between two turns of its thread. */
  readonly sliceSizeBytes: number;
  /** Objects in the first group: small, so that a life of 50 ms still commits something. */
  readonly groupObjectCountInitial: number;
  /** How long the walk may take for the first group; doubles up to groupDurationTargetMs. */
  readonly groupPlanDurationInitialMs: number;
  /** Objects in a group at most: what an interrupt may have to remove (times groupsInFlightMax), and what a journal entry holds. */
  readonly groupObjectCountMax: number;
  readonly groupSizeBytesInitial: number;
  readonly groupSizeBytesMax: number;
  /** A group that takes longer makes the next one smaller; one of under half the time, larger. */
  readonly groupDurationTargetMs: number;
  /** Groups between their journal entry and their commit; more hides the latency of syncs. */
  readonly groupsInFlightMax: number;
  /** Records walked for one group at most, copied or not: a no-op run still moves its cursor. */
  readonly groupRecordCountMax: number;
  /** What one message to a copy thread holds: enough to pay for the message, little enough to share evenly. */
  readonly batchObjectCountMax: number;
  readonly batchSizeBytesMax: number;
  /** Objects up to this are received whole and handed to copy threads; groupsInFlightMax x groupObjectCountMax of them may be in memory. */
  readonly receivedSizeBytesMax: number;
  /** Of these, handed over together: fewer than in a batch that is copied, so that writing does not wait for the last answers. */
  readonly receivedObjectCountMax: number;
  readonly listPageCountMax: number;
  /** Stats of objects that listings do not decide, at a time: each is a request, and most of what a run without changes waits for. */
  readonly statsInFlightMax: number;
  /** Objects and parts on their way between stores that are spoken to by requests; each store may allow fewer. */
  readonly requestsInFlightMax: number;
  /** Bytes of those: a store may have to hold a body whole to sign it, and parts are read before they are sent. */
  readonly bytesInFlightMax: number;
  /** Of an upload's parts, unless the store's rules ask for more. Each is held in memory until it is sent. */
  readonly partSizeBytes: number;
  /** Of a large object that is read from a store into a file, a request; as it passes it is held nowhere. */
  readonly rangeSizeBytes: number;
  /** Parts of one object side by side. */
  readonly partsInFlightMax: number;
  /** How long one clean-up at a store may take after an interrupt; what it does not reach is the janitor's. */
  readonly cleanUpMaxMs: number;
  /** Names of one walk in memory, all levels together (about 60 bytes each); larger directories are read in several passes. */
  readonly namesInMemoryMax: number;
  /** Names of one directory in memory, even when the levels above it have used up namesInMemoryMax. */
  readonly namesPerDirectoryMin: number;
  /** Directory file descriptors kept open by each thread, for each tree. */
  readonly directoryDescriptorCountMax: number;
  /** Samples kept for each code; transfer_types.proto, ErrorSummary: "at most 5". */
  readonly failureSampleCountMax: number;
  /** When this many objects failed first, all with one code, the run is given up. */
  readonly failureBreakerCount: number;
  /** Tries of a call that failed with a transient error (EIO, EMFILE, …) before it counts. */
  readonly transientTryCountMax: number;
  readonly transientDelayMs: number;
  /** How long an interrupt waits for the directories' last sync before it reports without it. */
  readonly interruptSyncWaitMaxMs: number;
  /** Bandwidth of one transfer; absent = unlimited. */
  readonly bytesPerSecondMax?: number;
  readonly objectsPerSecondMax?: number;
}

const MIB = 1024 * 1024;

/** The defaults; docs/decisions/0010 has the measurements behind those that were measured. */
export const DEFAULT_TRANSFER_LIMITS: TransferLimits = Object.freeze({
  durability: 'batch',
  reflink: 'auto',
  reflinkSizeBytesMin: 16 * MIB,
  copyThreadCount: Math.max(2, availableParallelism()),
  chunkSizeBytes: MIB,
  largeObjectSizeBytes: 8 * MIB,
  pendingCountMax: 64,
  sliceSizeBytes: 64 * MIB,
  groupObjectCountInitial: 64,
  groupPlanDurationInitialMs: 50,
  groupObjectCountMax: 256,
  groupSizeBytesInitial: 16 * MIB,
  groupSizeBytesMax: 512 * MIB,
  groupDurationTargetMs: 2000,
  groupsInFlightMax: 3,
  groupRecordCountMax: 50_000,
  batchObjectCountMax: 64,
  batchSizeBytesMax: 4 * MIB,
  receivedSizeBytesMax: 64 * 1024,
  receivedObjectCountMax: 32,
  listPageCountMax: 1000,
  statsInFlightMax: 32,
  requestsInFlightMax: 32,
  bytesInFlightMax: 64 * MIB,
  partSizeBytes: 8 * MIB,
  rangeSizeBytes: 16 * MIB,
  partsInFlightMax: 4,
  cleanUpMaxMs: 5000,
  namesInMemoryMax: 262_144,
  namesPerDirectoryMin: 4096,
  directoryDescriptorCountMax: 32,
  failureSampleCountMax: 5,
  failureBreakerCount: 1000,
  transientTryCountMax: 3,
  transientDelayMs: 20,
  interruptSyncWaitMaxMs: 500,
});

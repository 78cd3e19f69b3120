import type { BucketBindings } from '../../src/core/bucket-binding.ts';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { DEFAULT_STORE_LIMITS } from '../../src/stores/places/limits.ts';
import { openEnds } from '../../src/stores/places/open-ends.ts';
import { openManifest } from '../../src/stores/places/open-manifest.ts';
import { DEFAULT_TRANSFER_LIMITS, type TransferLimits } from '../../src/transfers/limits.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import type { TransferEnvironment, TransferEvent } from '../../src/transfers/transfer-environment.ts';
import type { Deletes, OverwriteWhen, TransferRequest } from '../../src/transfers/spec.ts';

/** A source and a sink in a directory of their own, and transfers between them. */
export class TransferFixture {
  readonly directory: string;
  readonly source: string;
  readonly sink: string;
  readonly events: TransferEvent[] = [];

  /** @param directory  an existing fixture's. */
  constructor(directory = realpathSync(mkdtempSync(join(tmpdir(), 'transfer-')))) {
    this.directory = directory;
    this.source = join(directory, 'source');
    this.sink = join(directory, 'sink');
  }

  request(
    overwriteWhen: OverwriteWhen = 'DIFFERENT',
    metadata = NOTHING_PRESERVED,
    deletes: Deletes = 'nothing',
  ): TransferRequest {
    return {
      operationName: 'transferOperations/transferJobs-1-1',
      projectId: 'project',
      transferJobName: 'transferJobs/1',
      startTimeMs: Date.now(),
      spec: {
        source: { kind: 'posix', rootDirectory: this.source },
        sink: { kind: 'posix', rootDirectory: this.sink },
        overwriteWhen,
        metadata,
        deletes,
      },
    };
  }

  environment(limits: Partial<TransferLimits> = {}, bindings: BucketBindings = {}): TransferEnvironment {
    const all = { ...TEST_LIMITS, ...limits };
    const sortDirectory = this.directory;
    const places = { sortDirectory, posixRoots: [this.directory], bindings, egress: [], stores: DEFAULT_STORE_LIMITS };
    const parts = { ...places, limits: all, clock: systemClock };
    return {
      limits: all,
      open: (spec, options) => openEnds(spec, { ...parts, ...options }),
      openManifest: (location, ends, how) => openManifest(location, ends, { ...parts, ...how }),
      observe: (event) => this.events.push(event),
    };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Small enough that a tree of a second crosses every boundary many times; nothing waits for the disk. */
export const TEST_LIMITS: TransferLimits = {
  ...DEFAULT_TRANSFER_LIMITS,
  durability: 'none',
  copyThreadCount: 2,
  chunkSizeBytes: 16 * 1024,
  largeObjectSizeBytes: 64 * 1024,
  sliceSizeBytes: 128 * 1024,
  partSizeBytes: 48 * 1024,
  rangeSizeBytes: 48 * 1024,
  receivedSizeBytesMax: 16 * 1024,
  receivedObjectCountMax: 4,
  partsInFlightMax: 2,
  requestsInFlightMax: 8,
  groupObjectCountInitial: 8,
  groupObjectCountMax: 64,
  batchObjectCountMax: 8,
  listPageCountMax: 50,
};

import { WORD } from '../../operations/task.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { AttributeUpdate, Copier, LargeObject, SliceOutcome, StagingGroup } from '../../transfers/copier.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import { copyDirectories } from './copy-directories.ts';
import { DirectoryTree } from './directory-tree.ts';
import { firstIndexes } from './first-indexes.ts';
import type { DoomedObject, RemoveOutcome } from '../../transfers/removal.ts';
import type { KeyRanges } from '../../transfers/selection/key-ranges.ts';
import { mayShareExtents, placeOf } from './reflink.ts';
import { splitSlice } from './split-slice.ts';
import { PosixSink, type PosixSinkOptions } from './posix-sink.ts';

export interface PosixCopierOptions extends PosixSinkOptions {
  readonly sourceRoot: number;
}

/** Copies between two directory trees: a pool of threads with synchronous calls, and syncs by the group. */
export class PosixCopier extends PosixSink implements Copier {
  readonly #options: PosixCopierOptions;
  readonly #source: DirectoryTree;
  /** As far as the roots show it; what is mounted within them is copied. */
  readonly #mayClone: boolean;
  /** Large objects whose slices are being copied. */
  #slicingCount = 0;

  constructor(options: PosixCopierOptions) {
    super(options);
    this.#options = options;
    this.#source = new DirectoryTree(options.sourceRoot, options.limits.directoryDescriptorCountMax);
    this.#mayClone = mayShareExtents(placeOf(options.sourceRoot), placeOf(options.sinkRoot));
  }

  async stage(group: StagingGroup): Promise<void> {
    await this.runBatches('copy', group);
  }

  async updateAttributes(updates: readonly AttributeUpdate[]): Promise<ReadonlyMap<number, FailureCause>> {
    const { batchObjectCountMax, durability } = this.limits;
    const failures = new Map<number, FailureCause>();
    const running = firstIndexes(updates.length, batchObjectCountMax).map(async (first) => {
      const batch = updates.slice(first, first + batchObjectCountMax);
      const found = await this.pool.run({ kind: 'attributes', updates: batch });
      for (const { index, cause } of found ?? []) failures.set(first + index, cause);
    });
    await Promise.allSettled(running);
    await Promise.all(running);
    const keys = updates.map(({ key }) => key);
    if (durability === 'batch') await this.syncs.sync(undefined, keys, []);
    return failures;
  }

  remove(side: 'source' | 'sink', objects: readonly DoomedObject[]): Promise<readonly (RemoveOutcome | undefined)[]> {
    return this.removeFiles(side, objects);
  }

  isRemoved(side: 'source' | 'sink', object: DoomedObject): Promise<boolean> {
    return this.isFileRemoved(side === 'sink' ? this.sink : this.#source, object);
  }

  copyDirectories(onFailure: (key: ByteString, cause: FailureCause) => void, ranges?: KeyRanges): Promise<void> {
    const { word, limits } = this.#options;
    return copyDirectories({
      ...this.#options,
      isStopped: () => this.stopped.signal.aborted || Atomics.load(word, 0) !== WORD.RUN,
      onFailure,
      ...(ranges === undefined ? {} : { ranges }),
      sync: (keys) => (limits.durability === 'none' ? Promise.resolve() : this.syncs.sync(undefined, [], keys)),
    });
  }

  async stageSlice(object: LargeObject): Promise<SliceOutcome> {
    const cloned = this.#isForClone(object) ? await this.#clone(object) : undefined;
    if (cloned !== undefined) return cloned;
    this.#slicingCount += 1;
    try {
      return (await this.#slice(object)) ?? { kind: 'staged', object };
    } finally {
      this.#slicingCount -= 1;
    }
  }

  /** Threads are shared among the objects that are here: the last one has them all. */
  async #slice(object: LargeObject): Promise<SliceOutcome | undefined> {
    const { pool, limits, checked } = this;
    const isChecked = object.stagedBytes === 0 ? false : checked.has(object.stagingName);
    const count = Math.ceil(limits.copyThreadCount / this.#slicingCount);
    const outcome = await (count === 1
      ? pool.run({ kind: 'slice', object, isChecked })
      : splitSlice(object, { pool, limits, isChecked, count }));
    if (outcome?.kind === 'staged') checked.add(object.stagingName);
    return outcome;
  }

  #isForClone({ sizeBytes, stagedBytes }: LargeObject): boolean {
    const { reflink, reflinkSizeBytesMin } = this.limits;
    return reflink === 'auto' && stagedBytes === 0 && sizeBytes >= reflinkSizeBytesMin && this.#mayClone;
  }

  async #clone(object: LargeObject): Promise<SliceOutcome | undefined> {
    const flushing = this.pool.run({ kind: 'flush-source', object });
    if (!(await this.syncs.untilStopped(flushing)) || (await flushing) !== true) return undefined;
    return this.pool.run({ kind: 'clone', object });
  }

  override async close(): Promise<void> {
    await super.close();
    this.#source.clear();
  }
}

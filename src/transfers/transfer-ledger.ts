import type { TaskJournal, ThreadTaskContext } from '../operations/task.ts';
import { toByteString, toBytes, type ByteString } from './byte-string.ts';
import type { TransferCheckpoint } from './checkpoint.ts';
import type { LargeObject } from './copier.ts';
import { fromPending, toPending } from './pending-object.ts';
import type { TransferProgress } from './progress.ts';
import type { PublishedObject, RemovedObject } from './recovered-object.ts';
import { countRemoved } from './removal.ts';
import { TransferTally } from './transfer-tally.ts';

type Context = Pick<ThreadTaskContext<TransferCheckpoint, TransferProgress>, 'checkpoint' | 'saveCheckpoint'> & {
  readonly journal: TaskJournal<TransferCheckpoint, TransferProgress>;
};

/** An entry that an earlier attempt left open; it is settled when the cursor has passed its last key. */
export interface LeftEntry {
  readonly id: string;
  readonly lastKey: ByteString;
}

/**
 * What is settled: cursor, counters and pending objects, always saved together.
 *
 * Changes are made in memory first and written in the order in which they were made, each with all before it.
 */
export class TransferLedger {
  readonly #context: Context;
  readonly #pending = new Map<ByteString, LargeObject>();
  readonly tally: TransferTally;
  readonly #sampleCountMax: number;
  #cursor: ByteString | undefined;
  #isListed = false;
  #left: LeftEntry[] = [];
  #ahead: readonly PublishedObject[] = [];
  #removedAhead: readonly RemovedObject[] = [];
  /** Entries that nothing settles: their staging could not be removed. */
  readonly #kept = new Set<string>();
  #written: Promise<void> = Promise.resolve();

  constructor(context: Context, sampleCountMax: number) {
    this.#context = context;
    this.#sampleCountMax = sampleCountMax;
    const checkpoint = context.checkpoint;
    this.#cursor = checkpoint?.cursor === undefined ? undefined : toByteString(checkpoint.cursor);
    this.tally = new TransferTally(sampleCountMax, checkpoint?.progress);
    for (const object of checkpoint?.pending ?? []) this.setPending(fromPending(object));
  }

  get cursor(): ByteString | undefined {
    return this.#cursor;
  }

  get pending(): readonly LargeObject[] {
    return [...this.#pending.values()];
  }

  setPending(object: LargeObject): void {
    this.#pending.set(object.key, object);
  }

  removePending(key: ByteString): void {
    this.#pending.delete(key);
  }

  /** @param found  by earlier attempts, behind the cursor and not counted yet: that is when the cursor passes it. */
  leave(
    entries: readonly LeftEntry[],
    found: { readonly published: readonly PublishedObject[]; readonly removed: readonly RemovedObject[] },
  ): void {
    this.#left.push(...entries);
    this.#ahead = found.published;
    this.#removedAhead = found.removed;
  }

  /** What earlier attempts have published and the cursor has not passed. */
  get ahead(): readonly PublishedObject[] {
    return this.#ahead;
  }

  /** What is settled, and what is known to have been removed ahead of it, as a tally of the caller's own. */
  settled(): TransferTally {
    const settled = new TransferTally(this.#sampleCountMax, this.tally.progress());
    for (const { kind, sizeBytes } of this.#removedAhead) countRemoved(kind, sizeBytes, settled);
    for (const { isRemovedFromSource, sizeBytes } of this.#ahead) {
      if (isRemovedFromSource) countRemoved('copied', sizeBytes, settled);
    }
    return settled;
  }

  /** What clients are shown: what is ahead too, as they may have seen it counted, and counters never go down. */
  shown(): TransferProgress {
    const shown = this.settled();
    for (const { sizeBytes } of this.#ahead) {
      shown.found(sizeBytes);
      shown.copied(sizeBytes);
    }
    return { ...shown.progress(), outlook: { isListed: this.#isListed, stagedBytes: this.#stagedBytes() } };
  }

  /** Everything is found, and counted as such. */
  listed(): void {
    this.#isListed = true;
  }

  #stagedBytes(): number {
    let bytes = 0;
    for (const { stagedBytes } of this.#pending.values()) bytes += stagedBytes;
    return bytes;
  }

  /** Every key up to this one is decided. Answers the old entries that are settled with it. */
  advance(cursor: ByteString): readonly string[] {
    if (this.#cursor === undefined || cursor > this.#cursor) this.#cursor = cursor;
    const passed = this.#left.filter(({ lastKey }) => lastKey <= cursor);
    this.#left = this.#left.filter(({ lastKey }) => lastKey > cursor);
    this.#ahead = this.#ahead.filter(({ key }) => key > cursor);
    this.#removedAhead = this.#removedAhead.filter(({ key }) => key > cursor);
    return passed.map(({ id }) => id);
  }

  /** All old entries: the walk is at its end. */
  advanceToEnd(): readonly string[] {
    const ids = this.#left.map(({ id }) => id);
    this.#left = [];
    return ids;
  }

  /** These entries outlive the transfer, for the janitor: the staging they name could not be removed. */
  keep(ids: readonly string[]): void {
    for (const id of ids) this.#kept.add(id);
  }

  /** Writes the state as it is now, without those entries (but for the kept ones), in one transaction. */
  commit(ids: readonly string[]): Promise<void> {
    return this.#commit(ids, this.checkpoint(), this.shown());
  }

  /** The last commit of a transfer that was stopped for good. */
  end(ids: readonly string[], progress: TransferProgress): Promise<void> {
    return this.#commit(ids, { ...this.checkpoint(), progress, pending: [] }, progress);
  }

  /** @param shown  what clients see, where that is more than usual. */
  save(shown = this.shown()): Promise<void> {
    const checkpoint = this.checkpoint();
    return this.#write(() => this.#context.saveCheckpoint(checkpoint, shown));
  }

  checkpoint(): TransferCheckpoint {
    return {
      ...(this.#cursor === undefined ? {} : { cursor: toBytes(this.#cursor) }),
      progress: this.tally.progress(),
      pending: this.pending.map(toPending),
    };
  }

  #commit(ids: readonly string[], checkpoint: TransferCheckpoint, shown: TransferProgress): Promise<void> {
    const settled = ids.filter((id) => !this.#kept.has(id));
    return this.#write(() => this.#context.journal.commit(settled, checkpoint, shown));
  }

  #write(write: () => Promise<void>): Promise<void> {
    const written = this.#written.then(write);
    // Whoever asked sees the rejection; here it only must not be reported a second time.
    this.#written = written.catch(() => undefined);
    return written;
  }
}

import { Code } from '../core/code.ts';
import { activityOf } from './activity-log.ts';
import type { LargeObject, PlannedObject } from './copier.ts';
import { eachBounded } from '../core/each-bounded.ts';
import { encodeGroupEntry, encodeUploadEntry } from './group-entry.ts';
import type { GroupRunnerOptions } from './group-runner.ts';
import { fatalError, type FailureCause } from './object-failure.ts';
import type { PendingEntry } from './recovery.ts';
import { countRemoval, removalActivities, type Removal } from './removal.ts';
import { stagingName } from './staging-name.ts';

/** A large object with the journal entries that name its staging, and the commit that counts it as found. */
interface Work {
  object: LargeObject;
  readonly entryIds: string[];
  readonly isFound: Promise<boolean>;
  isCountedAsFound: boolean;
  /** From the source, once it is published. */
  removal?: Removal;
}

/**
 * Copies large objects one slice at a time, a few side by side, while groups of small ones go on.
 *
 * An object is pending in the checkpoint from the commit of its group to its own, and keeps its staging over a pause or crash.
 */
export class LargeObjectRunner {
  readonly #options: GroupRunnerOptions;
  readonly #queue: Work[] = [];
  readonly #active = new Set<Work>();
  /** Begun, and neither published nor given up: their staging may be there. */
  readonly #staging = new Set<Work>();
  readonly #running = new Set<Promise<void>>();
  readonly #published = new Set<Work>();
  /** An interrupt cut short their publishing: the sink knows whether they are there. */
  readonly #uncertain = new Set<Work>();
  #wake: (() => void) | undefined;

  constructor(options: GroupRunnerOptions) {
    this.#options = options;
  }

  /** Takes over what the walk found; it becomes pending with the next commit. */
  plan(object: PlannedObject): LargeObject {
    const { copier, names } = this.#options;
    const nothing = { stagedBytes: 0, stagedCrc32c: 0 };
    if (copier.hasUploads) return { ...object, ...nothing, stagingName: '', uploadId: '' };
    return { ...object, ...nothing, stagingName: stagingName(names.next().prefix, 0) };
  }

  /** @param isFound  resolves with the commit of its group; false = that never came. */
  add(object: LargeObject, isFound: Promise<boolean>, entries: readonly PendingEntry[] = []): void {
    const work = { object, isFound, entryIds: entries.map(({ id }) => id), isCountedAsFound: false };
    void isFound.then((value) => {
      work.isCountedAsFound = value;
    });
    this.#queue.push(work);
    this.#start();
  }

  get count(): number {
    return this.#queue.length + this.#active.size;
  }

  /** What was published and is not in the ledger: the transfer stopped between the two. */
  get unsettled(): readonly { readonly object: LargeObject; readonly isCountedAsFound: boolean }[] {
    return [...this.#published];
  }

  /** What was removed from the source of these. */
  get unsettledRemovals(): readonly Removal[] {
    return [...this.#published].flatMap(({ removal }) => removal ?? []);
  }

  /** Resolves when fewer than `count` are left, or the transfer is to drain and the active ones have. */
  async waitBelow(count: number): Promise<void> {
    while (this.count >= count && !(this.#options.control.isDraining && this.#active.size === 0)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async drain(): Promise<void> {
    await this.waitBelow(1);
    await Promise.all(this.#running);
  }

  #start(): void {
    const { limits, control } = this.#options;
    while (this.#active.size < limits.copyThreadCount && !control.isDraining) {
      const work = this.#queue.shift();
      if (work === undefined) return;
      this.#active.add(work);
      const running = this.#run(work)
        .catch((error: unknown) => {
          control.fail(error);
        })
        .finally(() => {
          this.#active.delete(work);
          this.#running.delete(running);
          this.#start();
          this.#wake?.();
        });
      this.#running.add(running);
    }
  }

  async #run(work: Work): Promise<void> {
    this.#staging.add(work);
    // An earlier attempt's entry names the same staging, size and time.
    if (work.entryIds.length === 0) await this.#journal(work, work.object);
    const staged = await this.#stage(work);
    if (staged === 'stopped') return;
    if (typeof staged === 'object') return this.#settle(work, staged);
    const outcome =
      staged === 'published' ? ({ kind: staged } as const) : await this.#options.copier.publishLarge(work.object);
    if (outcome.kind === 'interrupted') {
      this.#uncertain.add(work);
      return;
    }
    if (outcome.kind === 'published') {
      this.#setPublished(work);
      await this.#removeFromSource(work);
    }
    await this.#settle(work, outcome.kind === 'failed' ? outcome.cause : undefined);
  }

  #setPublished(work: Work): void {
    this.#staging.delete(work);
    this.#published.add(work);
  }

  /** Its copy is durable, unless a stop kept that from being known. */
  async #removeFromSource(work: Work): Promise<void> {
    const { deletes, control, copier } = this.#options;
    if (deletes !== 'from-source' || control.isStopped) return;
    const objects = [work.object];
    work.removal = { kind: 'copied', objects, outcomes: await copier.remove('source', objects) };
  }

  async #journal({ entryIds }: Work, object: LargeObject): Promise<void> {
    const { journal, names, sinkRoot } = this.#options;
    const id = names.next().entryId;
    entryIds.push(id);
    // The staging name is the prefix and the index in base 36, and there is one object: index 0.
    const value =
      object.uploadId === undefined
        ? encodeGroupEntry(sinkRoot, object.stagingName.slice(0, -1), [object])
        : encodeUploadEntry(sinkRoot, object);
    await journal.begin({ id, value });
  }

  /** All slices. A source that changes is begun anew, once. */
  async #stage(work: Work): Promise<'complete' | 'published' | 'stopped' | FailureCause> {
    const { copier, control, ledger } = this.#options;
    let changeCount = 0;
    for (;;) {
      if (control.isDraining) return 'stopped';
      const outcome = await copier.stageSlice(work.object);
      if (outcome.kind === 'failed') return outcome.cause;
      if (outcome.kind === 'published') return 'published';
      if (outcome.kind === 'changed') {
        changeCount += 1;
        if (changeCount > 1) return SOURCE_CHANGED;
        await this.#restart(work, outcome.object);
        continue;
      }
      work.object = outcome.object;
      if (outcome.kind === 'begun') await this.#journal(work, work.object);
      else if (this.#isComplete(work.object)) return 'complete';
      if (!(await work.isFound) || control.isStopped) return 'stopped';
      ledger.setPending(work.object);
      void ledger.save().catch((error: unknown) => {
        control.fail(error);
      });
    }
  }

  /** A copier that is asked to drain may not have checked what it answers: the next attempt's does. */
  #isComplete({ stagedBytes, sizeBytes }: LargeObject): boolean {
    return stagedBytes === sizeBytes && !this.#options.control.isDraining;
  }

  /** Its new size and time are journaled before anything of them can be published; no checkpoint has one of them without its count. */
  async #restart(work: Work, object: LargeObject): Promise<void> {
    const { ledger, copier } = this.#options;
    // An upload is for bytes of one source; a file is written anew.
    if (copier.hasUploads && !(await copier.discardOne(work.object))) ledger.keep(work.entryIds);
    await this.#journal(work, object);
    if (!(await work.isFound)) return;
    ledger.tally.add('bytesFoundFromSource', object.sizeBytes - work.object.sizeBytes);
    ledger.setPending(object);
    work.object = object;
  }

  async #settle(work: Work, failure: FailureCause | undefined): Promise<void> {
    const { ledger, control, sourceUrl, log } = this.#options;
    if (failure?.fatal !== undefined) {
      control.fail(fatalError(failure));
      return;
    }
    if (!(await work.isFound) || control.isStopped) return;
    const { key, sizeBytes } = work.object;
    log.write([activityOf('COPY', 'source', work.object, failure)]);
    if (failure === undefined) {
      ledger.tally.copied(sizeBytes);
      if (work.removal !== undefined) {
        log.write(removalActivities(work.removal));
        countRemoval(work.removal, ledger.tally, this.#options);
      }
    } else {
      await this.#discardOne(work);
      ledger.tally.failed({ key, sizeBytes, ...failure }, sourceUrl);
    }
    ledger.removePending(key);
    this.#published.delete(work);
    await ledger.commit(work.entryIds);
  }

  /** Removes the staging of all that is left. Answers how many could not be removed. */
  async discard(): Promise<number> {
    let leftCount = 0;
    // What no entry announces was never begun.
    const begun = [...this.#staging, ...this.#queue].filter(({ entryIds }) => entryIds.length > 0);
    await eachBounded(begun, this.#options.limits.statsInFlightMax, async (work) => {
      if (this.#uncertain.has(work) && (await this.#isPublished(work))) this.#setPublished(work);
      else if (!(await this.#discardOne(work))) leftCount += 1;
    });
    return leftCount;
  }

  /** A sink that does not answer now leaves it to the next run to find the object equal. */
  async #isPublished({ object }: Work): Promise<boolean> {
    return this.#options.copier.isPublished(object).catch(() => false);
  }

  async #discardOne(work: Work): Promise<boolean> {
    const { copier, ledger } = this.#options;
    this.#staging.delete(work);
    const isGone = await copier.discardOne(work.object);
    if (!isGone) ledger.keep(work.entryIds);
    return isGone;
  }
}

const SOURCE_CHANGED: FailureCause = {
  code: Code.FAILED_PRECONDITION,
  detail: 'the source was modified while it was copied, twice; run the transfer again when it is at rest',
};

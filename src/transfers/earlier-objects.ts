import { activityOf, type ActivityLog } from './activity-log.ts';
import type { ByteString } from './byte-string.ts';
import { isSameTime } from './delta.ts';
import type { ListCursor } from './list-cursor.ts';
import type { Draft } from './planned-group.ts';
import type { PublishedObject, RemovedObject } from './recovered-object.ts';
import { countRemoved, removalActivities } from './removal.ts';

export interface EarlierObjectsOptions {
  /** Both in the order of keys. */
  readonly published: readonly PublishedObject[];
  readonly removed: readonly RemovedObject[];
  readonly logs: ActivityLog['accepts'];
  /** See DeltaRules. */
  readonly grainMs: number;
}

/** What earlier attempts published and removed behind the cursor: it joins the walk, and counts as the cursor passes it. */
export class EarlierObjects {
  readonly #options: EarlierObjectsOptions;
  #publishedIndex = 0;
  #removedIndex = 0;

  constructor(options: EarlierObjectsOptions) {
    this.#options = options;
  }

  /** Steps over the published object of this key; undefined when there is none, or its source has changed since. */
  takePublished(key: ByteString, source: ListCursor): PublishedObject | undefined {
    const object = this.#options.published[this.#publishedIndex];
    if (object?.key !== key) return undefined;
    this.#publishedIndex += 1;
    if (object.linkTarget !== source.linkTarget || object.sizeBytes !== source.sizeBytes) return undefined;
    const isSame =
      object.etag !== undefined || source.etag !== undefined
        ? object.etag === source.etag
        : isSameTime(object.modifyTimeMs, source.modifyTimeMs, this.#options.grainMs);
    return isSame ? object : undefined;
  }

  /**
   * What was published, and has left the source since, was found and copied all the same; what was removed is counted once, here.
   *
   * @param onPassed  told of each key, in order within either.
   */
  countBefore(key: ByteString | undefined, draft: Draft, onPassed: (key: ByteString) => void): void {
    const { published, removed } = this.#options;
    for (;;) {
      const object = published[this.#publishedIndex];
      if (object === undefined || (key !== undefined && object.key >= key)) break;
      this.countPublished(object, draft);
      onPassed(object.key);
      this.#publishedIndex += 1;
    }
    for (;;) {
      const object = removed[this.#removedIndex];
      if (object === undefined || (key !== undefined && object.key > key)) return;
      countRemoved(object.kind, object.sizeBytes, draft.tally);
      draft.activities.push(...removalActivities({ kind: object.kind, objects: [object], outcomes: ['removed'] }));
      onPassed(object.key);
      this.#removedIndex += 1;
    }
  }

  countPublished(object: PublishedObject, draft: Draft): void {
    const { sizeBytes, isRemovedFromSource } = object;
    draft.tally.found(sizeBytes);
    draft.tally.copied(sizeBytes);
    this.#logCopied(object, draft);
    if (isRemovedFromSource) countRemoved('copied', sizeBytes, draft.tally);
  }

  /** The attempt that copied it may have died before it could. */
  #logCopied(object: PublishedObject, { activities }: Draft): void {
    if (!this.#options.logs('COPY', 'SUCCEEDED')) return;
    activities.push(activityOf('COPY', 'source', object));
    if (object.isRemovedFromSource) activities.push(activityOf('DELETE', 'source', object));
  }
}

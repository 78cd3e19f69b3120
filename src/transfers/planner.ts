import { activityOf, type ActivityLog } from './activity-log.ts';
import type { ByteString } from './byte-string.ts';
import { eachBounded } from '../core/each-bounded.ts';
import type { PlannedObject } from './copier.ts';
import { doomed } from './doomed.ts';
import { compareObjects, isSameTime, isToBeCopied, type DeltaRules } from './delta.ts';
import { KeptDirectories } from './kept-directories.ts';
import type { GroupSize } from './group-sizer.ts';
import type { TransferLimits } from './limits.ts';
import type { ListCursor } from './list-cursor.ts';
import { failureCauseOf, type FailureCause } from './object-failure.ts';
import { NO_METADATA } from './object-metadata.ts';
import type { ObjectRecord } from './object-record.ts';
import type { ListNote } from './object-store.ts';
import { isSameAttributes, wantedAttributes, type PreservedMetadata } from './posix-metadata.ts';
import {
  failObject,
  finish,
  isEndable,
  isFull,
  newDraft,
  skipObject,
  type Draft,
  type PlannedGroup,
} from './planned-group.ts';
import { countRemoved, removalActivities } from './removal.ts';
import type { PublishedObject, RemovedObject } from './recovered-object.ts';
import type { Deletes } from './spec.ts';
import { objectUrl } from './transfer-tally.ts';

export interface PlannerOptions {
  readonly source: ListCursor;
  readonly sink: ListCursor;
  /** What earlier attempts published behind the checkpoint's cursor, in the order of keys. */
  readonly published: readonly PublishedObject[];
  /** What they removed there, in the order of keys. */
  readonly removed: readonly RemovedObject[];
  readonly deletes: Deletes;
  /** Whether such activities are to be told. */
  readonly logs: ActivityLog['accepts'];
  /** Behind it all of this is planned. */
  readonly cursor: ByteString | undefined;
  readonly rules: DeltaRules;
  readonly metadata: PreservedMetadata;
  /** Empty objects of other stores whose names end in '/' stand for directories, and are left alone. */
  readonly hasSinkDirectories: boolean;
  /** What a stat tells of an object, for those that the rules call unknown; as ObjectStore.stat. */
  readonly stat: (side: 'source' | 'sink', key: ByteString) => Promise<ObjectRecord | undefined>;
  readonly sourceUrl: string;
  readonly sinkUrl: string;
  readonly limits: TransferLimits;
  /** Asked between records: the plan is not wanted any more. */
  readonly isStopped: () => boolean;
  readonly now: () => number;
}

/** What the sink holds at a key. */
type SinkSide = 'absent' | 'special' | 'present' | FailureCause;

/** Merge-joins both listings and what was published already, and cuts the result into groups. */
export class Planner {
  readonly #options: PlannerOptions;
  #publishedIndex = 0;
  #removedIndex = 0;
  readonly #kept = new KeptDirectories();
  /** The source's directory that could not be listed last: what only the sink has there may be what the source has, too. */
  #unlistedSource: ByteString | undefined;
  /** The last key that both have, whatever it is at either: not the sink's alone. */
  #met: ByteString | undefined;
  /** The last key that was taken: a directory that fails later than that was found before. */
  #lastKey: ByteString | undefined;
  /** The sink's directory that could not be listed last: what it holds is unknown. */
  #unlisted: { readonly key: ByteString; readonly cause: FailureCause } | undefined;

  constructor(options: PlannerOptions) {
    this.#options = options;
    this.#lastKey = options.cursor;
  }

  /** The next group; undefined at the end, or when stopped. */
  async next(size: GroupSize): Promise<PlannedGroup | undefined> {
    const { source, isStopped, limits } = this.#options;
    const draft = newDraft(limits);
    const deadline = this.#options.now() + size.planDurationMs;
    for (;;) {
      if (isStopped()) return undefined;
      if (!source.isReady) {
        if (isEndable(draft) && this.#options.now() > deadline) break;
        if (!(await source.load())) {
          if (await this.#takeRest(draft, size)) break;
          continue;
        }
      }
      if (isEndable(draft) && isFull(draft, size, limits)) break;
      if (!this.#take(draft)) await this.#options.sink.load();
    }
    if (draft.unsure.length > 0) await this.#settleUnsure(draft);
    return isStopped() ? undefined : finish(draft);
  }

  /** Asks the stores for what their listings do not tell, several at a time: a walk of equal objects waits for little else. */
  async #settleUnsure(draft: Draft): Promise<void> {
    const { limits, isStopped } = this.#options;
    await eachBounded(draft.unsure, limits.statsInFlightMax, async (pair) => {
      if (isStopped()) return;
      try {
        await this.#settle(pair, draft);
      } catch (error) {
        if (isStopped()) return;
        this.#fail(draft, pair.source, failureCauseOf(error), this.#options.sourceUrl);
      }
    });
    for (const objects of [draft.small, draft.skipped]) objects.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async #settle({ source, sink }: Draft['unsure'][number], draft: Draft): Promise<void> {
    const { rules, stat } = this.#options;
    const { key } = source;
    const found = rules.sink.mayTellMore ? await stat('sink', key) : sink;
    const there = found === undefined ? undefined : { ...found, metadata: found.metadata ?? NO_METADATA };
    const isOpen = there !== undefined && compareObjects(source, there, rules) === 'unknown';
    // One that has gone meanwhile is for the copy to find out.
    const from = isOpen ? ((await stat('source', key)) ?? source) : source;
    if (there !== undefined && !isToBeCopied(from, there, rules)) this.#skipEqual(source, draft);
    else this.#addPlanned(plannedOf(source, found?.etag), draft);
  }

  /** Behind the source's end there may be more that only the sink has. true when the draft is to be ended here. */
  async #takeRest(draft: Draft, size: GroupSize): Promise<boolean> {
    const { sink, deletes, limits } = this.#options;
    if (deletes === 'unique-in-sink' && !sink.isEnded) {
      if (isEndable(draft) && isFull(draft, size, limits)) return true;
      if (this.#seekSink(undefined, draft) === undefined) await sink.load();
      return false;
    }
    this.#countBefore(undefined, draft);
    return true;
  }

  /** One record or note of the source, without waiting; false when the sink must be loaded first. */
  #take(draft: Draft): boolean {
    const { source } = this.#options;
    const key = source.key;
    const note = source.note;
    // No group ends at a directory that was listed: this one failed, and was counted, before the attempt began.
    if (key === this.#options.cursor) {
      this.#noteDirectory(note);
      source.advance();
      return true;
    }
    const isSought = note === undefined || this.#options.deletes === 'unique-in-sink';
    const side = isSought ? this.#seekSink(key, draft) : 'absent';
    if (side === undefined) return false;
    this.#countBefore(key, draft);
    if (note === undefined) this.#decide(key, side, draft);
    else this.#countNote(note, draft);
    this.#noteDirectory(note);
    this.#advance(key, draft);
    draft.isBehindListed = note?.kind === 'directory';
    source.advance();
    return true;
  }

  #noteDirectory(note: ListNote | undefined): void {
    if (note?.kind === 'directory') this.#kept.note(note.key);
    if (note?.kind === 'directory-failed') this.#unlistedSource = note.key;
  }

  #decide(key: ByteString, side: SinkSide, draft: Draft): void {
    const { source, rules } = this.#options;
    const published = this.#takePublished(key);
    if (this.#options.hasSinkDirectories && source.sizeBytes === 0 && key.endsWith('/')) {
      draft.specialCount += 1;
    } else if (published !== undefined) {
      draft.tally.found(source.sizeBytes);
      draft.tally.copied(source.sizeBytes);
      this.#logCopied(published, draft);
      if (published.isRemovedFromSource) countRemoved('copied', source.sizeBytes, draft.tally);
      else if (this.#options.deletes === 'from-source') draft.copied.push(doomed(source));
    } else if (typeof side === 'object') {
      this.#fail(draft, source, side, this.#options.sinkUrl);
    } else if (side === 'special' && rules.overwriteWhen === 'NEVER') {
      skipObject(draft, source, this.#options.logs);
    } else if (side === 'present') {
      this.#compare(key, draft);
    } else {
      this.#plan(key, undefined, draft);
    }
  }

  #compare(key: ByteString, draft: Draft): void {
    const { source, sink, rules } = this.#options;
    const verdict = compareObjects(source, sink, rules);
    if (verdict === 'skip') this.#planUpdate(key, draft);
    else if (verdict === 'copy')
      this.#plan(key, sink.etag ?? (rules.overwriteWhen === 'ALWAYS' ? sink.version : undefined), draft);
    else draft.unsure.push({ source: source.record, sink: sink.record });
  }

  #plan(key: ByteString, replaces: PlannedObject['replaces'], draft: Draft): void {
    const { sizeBytes, modifyTimeMs, etag, linkTarget } = this.#options.source;
    const object = {
      key,
      sizeBytes,
      modifyTimeMs,
      ...(etag === undefined ? {} : { etag }),
      ...(replaces === undefined ? {} : { replaces }),
      ...(linkTarget === undefined ? {} : { linkTarget }),
    };
    this.#addPlanned(object, draft);
  }

  #addPlanned(object: PlannedObject, draft: Draft): void {
    if (object.linkTarget === undefined && object.sizeBytes > this.#options.limits.largeObjectSizeBytes) {
      draft.large.push(object);
    } else {
      draft.small.push(object);
      draft.sizeBytes += object.sizeBytes;
    }
  }

  /** The copy is whole: what is left to compare are its attributes. NEVER leaves all that is there alone. */
  #planUpdate(key: ByteString, draft: Draft): void {
    const { source, sink, rules, metadata } = this.#options;
    const { sizeBytes, modifyTimeMs, attributes, linkTarget } = source;
    if (rules.overwriteWhen === 'NEVER') {
      skipObject(draft, source, this.#options.logs);
    } else if (attributes === undefined || sink.attributes === undefined) {
      this.#skipEqual(source, draft);
    } else if (isSameAttributes(wantedAttributes(attributes, sink.attributes, metadata), sink.attributes)) {
      this.#skipEqual(source, draft);
    } else {
      draft.updates.push({ key, sizeBytes, modifyTimeMs, attributes, isLink: linkTarget !== undefined });
    }
  }

  /** A source that is to leave leaves when the sink holds the same, whichever run brought it there. */
  #skipEqual(source: ListCursor | ObjectRecord, draft: Draft): void {
    if (this.#options.deletes === 'from-source') draft.skipped.push(doomed(source));
    else skipObject(draft, source, this.#options.logs);
  }

  #fail(draft: Draft, object: ObjectRecord | ListCursor, cause: FailureCause, url: string): void {
    failObject(draft, { object, cause, url, logs: this.#options.logs });
  }

  /**
   * Moves the sink's listing up to `key`, or to its end, and says what is there; undefined when its page ends before that. On the
   * way it dooms what only the sink has, where that is asked for.
   */
  #seekSink(key: ByteString | undefined, draft: Draft): SinkSide | undefined {
    const { sink } = this.#options;
    while (!sink.isEnded) {
      if (!sink.isReady) return undefined;
      if (key !== undefined && sink.key > key) break;
      const note = sink.note;
      if (note?.kind === 'directory-failed') this.#unlisted = note;
      if (sink.key === key) {
        this.#met = key;
        return sideOf(note);
      }
      if (note === undefined && sink.key !== this.#met) this.#doom(draft);
      sink.advance();
    }
    return key !== undefined && this.#unlisted !== undefined && key.startsWith(this.#unlisted.key)
      ? this.#unlisted.cause
      : 'absent';
  }

  #doom(draft: Draft): void {
    const { sink, deletes } = this.#options;
    const { key } = sink;
    if (deletes !== 'unique-in-sink') return;
    if (this.#unlistedSource !== undefined && key.startsWith(this.#unlistedSource)) return;
    this.#countBefore(key, draft);
    draft.uniqueInSink.push({ ...doomed(sink), keptDirectory: this.#kept.around(key) });
    this.#advance(key, draft);
    draft.isBehindListed = false;
  }

  /** Steps over the published object of this key; undefined when there is none, or its source has changed since. */
  #takePublished(key: ByteString): PublishedObject | undefined {
    const object = this.#options.published[this.#publishedIndex];
    if (object?.key !== key) return undefined;
    this.#publishedIndex += 1;
    const { source, rules } = this.#options;
    if (object.linkTarget !== source.linkTarget || object.sizeBytes !== source.sizeBytes) return undefined;
    const isSame =
      object.etag !== undefined || source.etag !== undefined
        ? object.etag === source.etag
        : isSameTime(object.modifyTimeMs, source.modifyTimeMs, rules.grainMs);
    return isSame ? object : undefined;
  }

  /** What was published, and has left the source since, was found and copied all the same; what was removed is counted once, here. */
  #countBefore(key: ByteString | undefined, draft: Draft): void {
    const { published, removed } = this.#options;
    for (;;) {
      const object = published[this.#publishedIndex];
      if (object === undefined || (key !== undefined && object.key >= key)) break;
      draft.tally.found(object.sizeBytes);
      draft.tally.copied(object.sizeBytes);
      this.#logCopied(object, draft);
      if (object.isRemovedFromSource) countRemoved('copied', object.sizeBytes, draft.tally);
      this.#advance(object.key, draft);
      this.#publishedIndex += 1;
    }
    for (;;) {
      const object = removed[this.#removedIndex];
      if (object === undefined || (key !== undefined && object.key > key)) return;
      countRemoved(object.kind, object.sizeBytes, draft.tally);
      draft.activities.push(...removalActivities({ kind: object.kind, objects: [object], outcomes: ['removed'] }));
      this.#advance(object.key, draft);
      this.#removedIndex += 1;
    }
  }

  #advance(key: ByteString, draft: Draft): void {
    if (this.#lastKey === undefined || key > this.#lastKey) this.#lastKey = key;
    draft.lastKey = this.#lastKey;
    draft.recordCount += 1;
  }

  #countNote(note: ListNote, draft: Draft): void {
    const { tally } = draft;
    if (note.kind === 'special') draft.specialCount += 1;
    const isNew = this.#lastKey === undefined || note.key > this.#lastKey;
    if (isNew && note.kind.startsWith('directory')) tally.add('directoriesFoundFromSource', 1);
    if (note.kind === 'directory') tally.add('directoriesSuccessfullyListedFromSource', 1);
    if (note.kind === 'directory-failed') {
      tally.add('directoriesFailedToListFromSource', 1);
      const url = objectUrl(this.#options.sourceUrl, note.key);
      tally.sample(note.cause.code, { url, details: [note.cause.detail] });
    }
    if (note.kind === 'object-failed') {
      tally.found(0);
      tally.failed({ key: note.key, sizeBytes: 0, ...note.cause }, this.#options.sourceUrl);
    }
    this.#logNote(note, draft);
  }

  /** The attempt that copied it may have died before it could. */
  #logCopied(object: PublishedObject, { activities }: Draft): void {
    if (!this.#options.logs('COPY', 'SUCCEEDED')) return;
    activities.push(activityOf('COPY', 'source', object));
    if (object.isRemovedFromSource) activities.push(activityOf('DELETE', 'source', object));
  }

  #logNote(note: ListNote, { activities }: Draft): void {
    const { logs } = this.#options;
    const cause = 'cause' in note ? note.cause : undefined;
    const state = cause === undefined ? 'SUCCEEDED' : 'FAILED';
    if (note.kind === 'object-failed' && logs('COPY', state))
      activities.push(activityOf('COPY', 'source', note, cause));
    if (!note.kind.startsWith('directory') || !logs('FIND', state)) return;
    activities.push(activityOf('FIND', 'source', note, cause));
  }
}

function sideOf(note: ListNote | undefined): SinkSide {
  if (note === undefined) return 'present';
  if (note.kind === 'special') return 'special';
  return note.kind === 'object-failed' ? note.cause : 'absent';
}

function plannedOf({ key, sizeBytes, modifyTimeMs, etag }: ObjectRecord, replaces: string | undefined): PlannedObject {
  return {
    key,
    sizeBytes,
    modifyTimeMs,
    ...(etag === undefined ? {} : { etag }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}

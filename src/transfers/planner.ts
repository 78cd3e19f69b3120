import type { ByteString } from './byte-string.ts';
import { eachBounded } from '../core/each-bounded.ts';
import type { AttributeUpdate, PlannedObject } from './copier.ts';
import { compareObjects, isSameTime, isToBeCopied, type DeltaRules } from './delta.ts';
import type { GroupSize } from './group-sizer.ts';
import type { TransferLimits } from './limits.ts';
import type { ListCursor } from './list-cursor.ts';
import { failureCauseOf, type FailureCause } from './object-failure.ts';
import { NO_METADATA } from './object-metadata.ts';
import type { ObjectRecord } from './object-record.ts';
import type { ListNote } from './object-store.ts';
import { isSameAttributes, wantedAttributes, type PreservedMetadata } from './posix-metadata.ts';
import { objectUrl, TransferTally } from './transfer-tally.ts';

/** One range of keys, decided: what is to be copied in it, and the counts of all the rest. */
export interface PlannedGroup {
  /** The last key of the range; the next one begins behind it. */
  readonly lastKey: ByteString;
  readonly small: readonly PlannedObject[];
  readonly large: readonly PlannedObject[];
  /** Equal but for their attributes. */
  readonly updates: readonly AttributeUpdate[];
  /** All of the range but `small`, `large` and `updates`. */
  readonly tally: TransferTally;
  /** FIFOs, sockets, devices and, where they are not preserved, symbolic links of the source: left alone. */
  readonly specialCount: number;
}

export interface PlannerOptions {
  readonly source: ListCursor;
  readonly sink: ListCursor;
  /** What earlier attempts published behind the checkpoint's cursor, in the order of keys. */
  readonly published: readonly PlannedObject[];
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

interface Draft {
  lastKey: ByteString | undefined;
  recordCount: number;
  sizeBytes: number;
  specialCount: number;
  /** The last key is a directory that was listed, and nothing in it is taken yet. */
  isBehindListed: boolean;
  readonly small: PlannedObject[];
  readonly large: PlannedObject[];
  readonly updates: AttributeUpdate[];
  /** What listings alone do not decide. */
  readonly unsure: { readonly source: ObjectRecord; readonly sink: ObjectRecord }[];
  readonly tally: TransferTally;
}

/** Merge-joins both listings and what was published already, and cuts the result into groups. */
export class Planner {
  readonly #options: PlannerOptions;
  #publishedIndex = 0;
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
          this.#countPublishedBefore(undefined, draft);
          break;
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
        const { key, sizeBytes } = pair.source;
        draft.tally.found(sizeBytes);
        draft.tally.failed({ key, sizeBytes, ...failureCauseOf(error) }, this.#options.sourceUrl);
      }
    });
    draft.small.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async #settle({ source, sink }: Draft['unsure'][number], draft: Draft): Promise<void> {
    const { rules, stat } = this.#options;
    const { key } = source;
    const found = rules.sink.mayTellMore ? await stat('sink', key) : sink;
    const there = found === undefined ? undefined : { ...found, metadata: found.metadata ?? NO_METADATA };
    const isOpen = there !== undefined && compareObjects(source, there, rules) === 'unknown';
    // One that has gone meanwhile is for the copy to find out.
    const from = isOpen ? ((await stat('source', key)) ?? source) : source;
    if (there !== undefined && !isToBeCopied(from, there, rules)) draft.tally.skipped(source.sizeBytes);
    else this.#addPlanned(plannedOf(source, found?.etag), draft);
  }

  /** One record or note of the source, without waiting; false when the sink must be loaded first. */
  #take(draft: Draft): boolean {
    const { source } = this.#options;
    const key = source.key;
    const note = source.note;
    // No group ends at a directory that was listed: this one failed, and was counted, before the attempt began.
    if (key === this.#options.cursor) {
      source.advance();
      return true;
    }
    const side = note === undefined ? this.#seekSink(key) : 'absent';
    if (side === undefined) return false;
    this.#countPublishedBefore(key, draft);
    if (note === undefined) this.#decide(key, side, draft);
    else this.#countNote(note, draft);
    this.#advance(key, draft);
    draft.isBehindListed = note?.kind === 'directory';
    source.advance();
    return true;
  }

  #decide(key: ByteString, side: SinkSide, draft: Draft): void {
    const { source, rules } = this.#options;
    if (this.#options.hasSinkDirectories && source.sizeBytes === 0 && key.endsWith('/')) {
      draft.specialCount += 1;
    } else if (this.#isPublished(key)) {
      draft.tally.found(source.sizeBytes);
      draft.tally.copied(source.sizeBytes);
    } else if (typeof side === 'object') {
      draft.tally.found(source.sizeBytes);
      draft.tally.failed({ key, sizeBytes: source.sizeBytes, ...side }, this.#options.sinkUrl);
    } else if (side === 'special' && rules.overwriteWhen === 'NEVER') {
      draft.tally.skipped(source.sizeBytes);
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
    const { sizeBytes, attributes, linkTarget } = source;
    if (rules.overwriteWhen === 'NEVER' || attributes === undefined || sink.attributes === undefined) {
      draft.tally.skipped(sizeBytes);
    } else if (isSameAttributes(wantedAttributes(attributes, sink.attributes, metadata), sink.attributes)) {
      draft.tally.skipped(sizeBytes);
    } else {
      draft.updates.push({ key, sizeBytes, attributes, isLink: linkTarget !== undefined });
    }
  }

  /** Moves the sink's listing up to `key`, and says what is there; undefined when its page ends before that. */
  #seekSink(key: ByteString): SinkSide | undefined {
    const { sink } = this.#options;
    while (!sink.isEnded) {
      if (!sink.isReady) return undefined;
      if (sink.key > key) break;
      const note = sink.note;
      if (note?.kind === 'directory-failed') this.#unlisted = note;
      if (sink.key === key) return sideOf(note);
      sink.advance();
    }
    return this.#unlisted !== undefined && key.startsWith(this.#unlisted.key) ? this.#unlisted.cause : 'absent';
  }

  /** Steps over the published object of this key; false when there is none, or its source has changed since. */
  #isPublished(key: ByteString): boolean {
    const object = this.#options.published[this.#publishedIndex];
    if (object?.key !== key) return false;
    this.#publishedIndex += 1;
    const { source, rules } = this.#options;
    if (object.linkTarget !== source.linkTarget) return false;
    if (object.sizeBytes !== source.sizeBytes) return false;
    if (object.etag !== undefined || source.etag !== undefined) return object.etag === source.etag;
    return isSameTime(object.modifyTimeMs, source.modifyTimeMs, rules.grainMs);
  }

  /** What was published and has left the source since was found and copied all the same. */
  #countPublishedBefore(key: ByteString | undefined, draft: Draft): void {
    for (;;) {
      const object = this.#options.published[this.#publishedIndex];
      if (object === undefined || (key !== undefined && object.key >= key)) return;
      draft.tally.found(object.sizeBytes);
      draft.tally.copied(object.sizeBytes);
      this.#advance(object.key, draft);
      this.#publishedIndex += 1;
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
  }
}

/** Behind a directory that was listed no group ends: the walk enters it again there, and must not take it for one that failed. */
function isEndable({ recordCount, isBehindListed }: Draft): boolean {
  return recordCount > 0 && !isBehindListed;
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

function newDraft(limits: TransferLimits): Draft {
  const tally = new TransferTally(limits.failureSampleCountMax);
  const counts = { recordCount: 0, sizeBytes: 0, specialCount: 0 };
  return { lastKey: undefined, ...counts, isBehindListed: false, small: [], large: [], updates: [], unsure: [], tally };
}

function isFull(draft: Draft, size: GroupSize, limits: TransferLimits): boolean {
  return (
    draft.small.length + draft.updates.length + draft.unsure.length >= size.objectCount ||
    draft.sizeBytes >= size.sizeBytes ||
    draft.large.length >= limits.copyThreadCount ||
    draft.recordCount >= limits.groupRecordCountMax
  );
}

function finish({ lastKey, small, large, updates, tally, specialCount }: Draft): PlannedGroup | undefined {
  return lastKey === undefined ? undefined : { lastKey, small, large, updates, tally, specialCount };
}

function sideOf(note: ListNote | undefined): SinkSide {
  if (note === undefined) return 'present';
  if (note.kind === 'special') return 'special';
  return note.kind === 'object-failed' ? note.cause : 'absent';
}

import { eachBounded } from '../core/each-bounded.ts';
import type { ByteString } from './byte-string.ts';
import type { PlannedObject } from './copier.ts';
import { compareObjects, isToBeCopied } from './delta.ts';
import { doomed } from './doomed.ts';
import type { EarlierObjects } from './earlier-objects.ts';
import type { ListCursor } from './list-cursor.ts';
import { failureCauseOf, type FailureCause } from './object-failure.ts';
import { NO_METADATA } from './object-metadata.ts';
import type { ObjectRecord } from './object-record.ts';
import type { PublishedObject } from './recovered-object.ts';
import { failObject, skipObject, type Draft } from './planned-group.ts';
import type { PlannerOptions } from './planner-options.ts';
import { isSameAttributes, wantedAttributes } from './posix-metadata.ts';
import type { AtSink } from './sink-side.ts';

/** What becomes of one source object, given what the sink holds at its key. */
export class ObjectDecision {
  readonly #options: PlannerOptions;
  readonly #earlier: EarlierObjects;

  constructor(options: PlannerOptions, earlier: EarlierObjects) {
    this.#options = options;
    this.#earlier = earlier;
  }

  /** Decides the object at which the source's cursor stands; `side` is where the sink's stands, too, when it is `present`. */
  decide(key: ByteString, side: AtSink, draft: Draft): void {
    const { source, rules } = this.#options;
    const published = this.#earlier.takePublished(key, source);
    if (this.#options.hasSinkDirectories && source.sizeBytes === 0 && key.endsWith('/')) {
      draft.specialCount += 1;
    } else if (published !== undefined) {
      this.#countPublished(published, draft);
    } else if (typeof side === 'object') {
      this.#fail(draft, source, side, this.#options.sinkUrl);
    } else if (side === 'special' && rules.overwriteWhen === 'NEVER') {
      skipObject(draft, source, this.#options.logs);
    } else if (side === 'present' && this.#options.begun.has(key) && source.attributes === undefined) {
      draft.unsure.push({ source: source.record, sink: this.#options.sink.record });
    } else if (side === 'present') {
      this.#compare(key, draft);
    } else {
      this.#plan(key, undefined, draft);
    }
  }

  /** Asks the stores for what their listings do not tell, several at a time: a walk of equal objects waits for little else. */
  async settleUnsure(draft: Draft): Promise<void> {
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
    const { rules, stat, logs } = this.#options;
    const { key } = source;
    if (await this.#hasArrived(key)) {
      this.#countPublished({ ...source, isRemovedFromSource: false }, draft);
      return;
    }
    if (rules.overwriteWhen === 'NEVER') {
      skipObject(draft, source, logs);
      return;
    }
    const found = rules.sink.mayTellMore ? await stat('sink', key) : sink;
    const there = found === undefined ? undefined : { ...found, metadata: found.metadata ?? NO_METADATA };
    const isOpen = there !== undefined && compareObjects(source, there, rules) === 'unknown';
    // One that has gone meanwhile is for the copy to find out.
    const from = isOpen ? ((await stat('source', key)) ?? source) : source;
    if (there !== undefined && !isToBeCopied(from, there, rules)) this.#skipEqual(source, draft);
    else this.#addPlanned(plannedOf(source, found?.etag), draft);
  }

  /** What an earlier attempt sent, and recovery did not see at the sink yet. */
  async #hasArrived(key: ByteString): Promise<boolean> {
    const object = this.#options.begun.get(key);
    return object !== undefined && (await this.#options.isPublished(object));
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

  #countPublished(object: PublishedObject, draft: Draft): void {
    this.#earlier.countPublished(object, draft);
    if (this.#options.deletes === 'from-source' && !object.isRemovedFromSource) draft.copied.push(doomed(object));
  }

  /** A source that is to leave leaves when the sink holds the same, whichever run brought it there. */
  #skipEqual(source: ListCursor | ObjectRecord, draft: Draft): void {
    if (this.#options.deletes === 'from-source') draft.skipped.push(doomed(source));
    else skipObject(draft, source, this.#options.logs);
  }

  #fail(draft: Draft, object: ObjectRecord | ListCursor, cause: FailureCause, url: string): void {
    failObject(draft, { object, cause, url, logs: this.#options.logs });
  }
}

function plannedOf(source: ObjectRecord, replaces: string | undefined): PlannedObject {
  const { key, sizeBytes, modifyTimeMs, etag, linkTarget } = source;
  return {
    key,
    sizeBytes,
    modifyTimeMs,
    ...(etag === undefined ? {} : { etag }),
    ...(replaces === undefined ? {} : { replaces }),
    ...(linkTarget === undefined ? {} : { linkTarget }),
  };
}

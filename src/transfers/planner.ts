import type { ByteString } from './byte-string.ts';
import { countNote } from './count-note.ts';
import { EarlierObjects } from './earlier-objects.ts';
import type { GroupSize } from './group-sizer.ts';
import { ObjectDecision } from './object-decision.ts';
import { finish, isEndable, isFull, newDraft, type Draft, type PlannedGroup } from './planned-group.ts';
import type { PlannerOptions } from './planner-options.ts';
import { SinkSide, type AtSink } from './sink-side.ts';

/** Merge-joins both listings and what was published already, and cuts the result into groups. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #earlier: EarlierObjects;
  readonly #sinkSide: SinkSide;
  readonly #decision: ObjectDecision;
  /** The last key that was taken: a directory that fails later than that was found before. */
  #lastKey: ByteString | undefined;

  constructor(options: PlannerOptions) {
    this.#options = options;
    this.#earlier = new EarlierObjects({ ...options, grainMs: options.rules.grainMs });
    this.#sinkSide = new SinkSide(options.sink, { isUniqueDoomed: options.deletes === 'unique-in-sink' });
    this.#decision = new ObjectDecision(options, this.#earlier);
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
        if (!(await source.load()) && (await this.#takeRest(draft, size))) break;
        continue;
      }
      if (isEndable(draft) && isFull(draft, size, limits)) break;
      if (!this.#take(draft)) await this.#options.sink.load();
    }
    if (draft.unsure.length > 0) await this.#decision.settleUnsure(draft);
    return isStopped() ? undefined : finish(draft);
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
      this.#sinkSide.noteSource(note);
      source.advance();
      return true;
    }
    const isSelected = note !== undefined || (this.#options.isSelected?.(source.modifyTimeMs) ?? true);
    const isSought = (note === undefined && isSelected) || this.#options.deletes === 'unique-in-sink';
    const side = isSought ? this.#seekSink(key, draft) : 'absent';
    if (side === undefined) return false;
    this.#countBefore(key, draft);
    if (note !== undefined) this.#countNote(key, draft);
    else if (isSelected) this.#decision.decide(key, side, draft);
    this.#sinkSide.noteSource(note);
    this.#advance(key, draft);
    draft.isBehindListed = note?.kind === 'directory';
    source.advance();
    return true;
  }

  #seekSink(key: ByteString | undefined, draft: Draft): AtSink | undefined {
    return this.#sinkSide.seek(key, (object) => {
      this.#countBefore(object.key, draft);
      draft.uniqueInSink.push(object);
      this.#advance(object.key, draft);
      draft.isBehindListed = false;
    });
  }

  #countBefore(key: ByteString | undefined, draft: Draft): void {
    this.#earlier.countBefore(key, draft, (passed) => {
      this.#advance(passed, draft);
    });
  }

  #countNote(key: ByteString, draft: Draft): void {
    const { source, logs, sourceUrl } = this.#options;
    const isNew = this.#lastKey === undefined || key > this.#lastKey;
    if (source.note !== undefined) countNote(source.note, draft, { isNew, logs, sourceUrl });
  }

  #advance(key: ByteString, draft: Draft): void {
    if (this.#lastKey === undefined || key > this.#lastKey) this.#lastKey = key;
    draft.lastKey = this.#lastKey;
    draft.recordCount += 1;
  }
}

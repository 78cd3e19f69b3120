import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { TaskJournal } from '../operations/task.ts';
import { activityOf, type Activity, type ActivityLog } from './activity-log.ts';
import type { ByteString } from './byte-string.ts';
import type { TransferCheckpoint } from './checkpoint.ts';
import { OBJECT_STATE } from './copier.ts';
import type { AttributeUpdate, Copier, LargeObject, PlannedObject, StagingGroup } from './copier.ts';
import { encodeGroupEntry } from './group-entry.ts';
import type { TransferLimits } from './limits.ts';
import { fatalError, type FailureCause } from './object-failure.ts';
import type { PlannedGroup } from './planned-group.ts';
import { doomed } from './doomed.ts';
import type { TransferProgress } from './progress.ts';
import {
  countRemoval,
  removalActivities,
  sideOfRemoval,
  type DoomedObject,
  type Removal,
  type RemovalKind,
} from './removal.ts';
import { encodeRemovalEntry } from './removal-entry.ts';
import type { Deletes } from './spec.ts';
import type { StagingNames } from './staging-name.ts';
import type { TransferControl } from './transfer-control.ts';
import type { TransferLedger } from './transfer-ledger.ts';
import { TransferTally } from './transfer-tally.ts';

export interface GroupRunnerOptions {
  readonly journal: TaskJournal<TransferCheckpoint, TransferProgress>;
  readonly copier: Copier;
  readonly ledger: TransferLedger;
  readonly control: TransferControl;
  readonly limits: TransferLimits;
  readonly sourceUrl: string;
  readonly sinkUrl: string;
  readonly sinkRoot: ByteString;
  readonly deletes: Deletes;
  readonly log: ActivityLog;
  readonly names: StagingNames;
}

/** By the index of the object. */
type UpdateFailures = ReadonlyMap<number, FailureCause>;

/** A group with the journal entry that announced it. */
export interface OpenGroup {
  readonly entryId: string;
  readonly group: StagingGroup;
}

/** A range that is not committed: the parts of its group, and what is removed with it. */
interface OpenRange {
  readonly groups: OpenGroup[];
  readonly removals: Removal[];
  readonly entryIds: string[];
}

/** Takes groups from their journal entry to their commit; several at a time, committed in the order of run(). */
export class GroupRunner {
  readonly #options: GroupRunnerOptions;
  readonly #open = new Set<OpenRange>();
  /** What only the sink has goes in the order of keys, and before anything behind it comes: it may be in the way. */
  #lastRemoved: Promise<unknown> = Promise.resolve();
  #last: Promise<boolean> = Promise.resolve(true);

  constructor(options: GroupRunnerOptions) {
    this.#options = options;
  }

  /** Its large objects become pending with its commit. Resolves when the group is committed: true; or false when the transfer stopped before that. */
  run(group: PlannedGroup, large: readonly LargeObject[]): Promise<boolean> {
    const before = this.#last;
    this.#last = this.#run(group, large, before).catch((error: unknown) => {
      this.#options.control.fail(error);
      return false;
    });
    return this.#last;
  }

  /** The groups that were begun and are not in the ledger: some of their objects may be published, others staged. */
  get unsettled(): readonly OpenGroup[] {
    return [...this.#open].flatMap(({ groups }) => groups);
  }

  /** What was removed, or was to be, and is not in the ledger. */
  get unsettledRemovals(): readonly Removal[] {
    return [...this.#open].flatMap(({ removals }) => removals);
  }

  async #run(group: PlannedGroup, large: readonly LargeObject[], before: Promise<boolean>): Promise<boolean> {
    const { control } = this.#options;
    const open: OpenRange = { groups: [], removals: [], entryIds: [] };
    this.#open.add(open);
    await this.#removeFromSink(group, open);
    if (group.small.length > 0) await this.#copyTwice(group.small, open.groups);
    const failures = await this.#updateAttributes(group.updates);
    await this.#removeFromSource(group, failures, open);
    if (!(await before) || control.isStopped) return false;
    for (const object of large) this.#options.ledger.setPending(object);
    await this.#commit(group, open, failures);
    return true;
  }

  #removeFromSink({ removals }: PlannedGroup, open: OpenRange): Promise<unknown> {
    const run = (): Promise<void> => this.#remove('unique-in-sink', removals.uniqueInSink, open);
    const removed = this.#lastRemoved.then(run);
    // Whoever waits for it sees the rejection; the next range finds the transfer stopped.
    this.#lastRemoved = removed.catch(() => undefined);
    return removed;
  }

  /** Only what is at the sink, durably: after a stop nobody knows that. */
  async #removeFromSource(group: PlannedGroup, failures: UpdateFailures, open: OpenRange): Promise<void> {
    if (this.#options.deletes !== 'from-source') return;
    const published = open.groups.flatMap(({ group: { objects, states } }) =>
      objects.filter((_, index) => states[index] === OBJECT_STATE.PUBLISHED),
    );
    const updated = group.updates.filter((_, index) => !failures.has(index));
    const copied = [...published.map(doomed), ...updated, ...group.removals.copied];
    await this.#remove('skipped', group.removals.skipped, open);
    await this.#remove('copied', copied, open);
  }

  /** Copies are announced by their groups' entries: who finds one published, and its source gone, knows. */
  async #remove(kind: RemovalKind, objects: readonly DoomedObject[], open: OpenRange): Promise<void> {
    const { copier, control, journal, names } = this.#options;
    if (objects.length === 0 || control.isStopped) return;
    const removal: Removal = { kind, objects, outcomes: [] };
    if (kind !== 'copied') {
      const { entryId: id } = names.next();
      open.entryIds.push(id);
      await journal.begin({ id, value: encodeRemovalEntry(kind, objects) });
    }
    open.removals.push(removal);
    removal.outcomes = await copier.remove(sideOfRemoval(kind), objects);
    this.#checkFatal(removal.outcomes.filter((outcome) => typeof outcome === 'object'));
  }

  /** Nothing announces it: an attempt that repeats the range finds what is left, and nobody counts what is there already. */
  async #updateAttributes(updates: readonly AttributeUpdate[]): Promise<UpdateFailures> {
    const { copier, control } = this.#options;
    if (updates.length === 0 || control.isStopped) return new Map();
    const failures = await copier.updateAttributes(updates);
    this.#checkFatal(failures.values());
    return failures;
  }

  /** Objects whose source changed meanwhile get a second chance, with an entry of their own; a third would never end. */
  async #copyTwice(objects: readonly PlannedObject[], open: OpenGroup[]): Promise<void> {
    const first = await this.#copy(objects, open);
    const changed = first.objects.filter((_, index) => first.states[index] === OBJECT_STATE.CHANGED);
    if (changed.length === 0 || this.#options.control.isStopped) return;
    const second = await this.#copy(changed, open);
    for (const [index, state] of second.states.entries()) {
      if (state === OBJECT_STATE.CHANGED) failObject(second, index, SOURCE_CHANGED);
    }
  }

  async #copy(objects: readonly PlannedObject[], open: OpenGroup[]): Promise<StagingGroup> {
    const { journal, copier, control, names, sinkRoot } = this.#options;
    const { entryId, prefix } = names.next();
    const part = newStagingGroup(prefix, objects);
    open.push({ entryId, group: part });
    await journal.begin({ id: entryId, value: encodeGroupEntry(sinkRoot, prefix, objects) });
    for (const step of [copier.stage.bind(copier), copier.publish.bind(copier)]) {
      if (control.isStopped) break;
      await step(part);
      this.#checkFatal(part.failures.values());
    }
    return part;
  }

  #checkFatal(failures: Iterable<FailureCause>): void {
    for (const cause of failures) {
      if (cause.fatal !== undefined) this.#options.control.fail(fatalError(cause));
    }
  }

  /** The ledger has it from the first step on, whether it can be written or not. */
  async #commit(group: PlannedGroup, open: OpenRange, updateFailures: UpdateFailures): Promise<void> {
    const { ledger, sourceUrl, limits } = this.#options;
    const tally = new TransferTally(limits.failureSampleCountMax);
    // Before it is counted, so that whatever is counted is in the log.
    this.#writeLog(group, open);
    for (const part of open.groups) countPart(part.group, tally, sourceUrl);
    for (const removal of open.removals) countRemoval(removal, tally, this.#options);
    for (const { sizeBytes } of group.large) tally.found(sizeBytes);
    countUpdates(group.updates, updateFailures, tally, sourceUrl);
    ledger.tally.addAll(group.tally);
    ledger.tally.addAll(tally);
    const passed = ledger.advance(group.lastKey);
    this.#open.delete(open);
    this.#trip();
    await ledger.commit([...open.groups.map(({ entryId }) => entryId), ...open.entryIds, ...passed]);
  }

  #writeLog(group: PlannedGroup, open: OpenRange): void {
    const { log } = this.#options;
    if (group.activities.length > 0) log.write(group.activities);
    if (log.accepts('COPY', 'SUCCEEDED') || log.accepts('COPY', 'FAILED')) {
      for (const part of open.groups) log.write(copyActivities(part.group));
    }
    for (const removal of open.removals) log.write(removalActivities(removal));
  }

  /** When everything fails in one way, it is not the objects. */
  #trip(): void {
    const { ledger, limits, control } = this.#options;
    const { tally } = ledger;
    const failedCount = tally.count('objectsFromSourceFailed');
    const goodCount = tally.count('objectsCopiedToSink') + tally.count('objectsFromSourceSkippedBySync');
    const { errorBreakdowns } = tally.progress();
    const [only] = errorBreakdowns;
    if (goodCount > 0 || failedCount < limits.failureBreakerCount || only === undefined || errorBreakdowns.length > 1)
      return;
    control.fail(
      new StatusError(only.code, `the first ${failedCount} objects all failed: ${only.samples[0]?.details[0] ?? ''}`, {
        reason: 'TRANSFER_ALL_OBJECTS_FAILED',
        metadata: { count: String(failedCount) },
      }),
    );
  }
}

const SOURCE_CHANGED: FailureCause = {
  code: Code.FAILED_PRECONDITION,
  detail: 'the source was modified while it was copied, twice; run the transfer again when it is at rest',
};

function newStagingGroup(prefix: ByteString, objects: readonly PlannedObject[]): StagingGroup {
  return { stagingPrefix: prefix, objects: [...objects], states: new Uint8Array(objects.length), failures: new Map() };
}

function failObject(part: StagingGroup, index: number, cause: FailureCause): void {
  part.states[index] = OBJECT_STATE.FAILED;
  part.failures.set(index, cause);
}

/** What the log says of a group's copies, as far as they have come. */
export function copyActivities({ objects, states, failures }: StagingGroup): readonly Activity[] {
  return objects.flatMap((object, index) => {
    const cause = failures.get(index);
    return states[index] === OBJECT_STATE.PUBLISHED || cause !== undefined
      ? activityOf('COPY', 'source', object, cause)
      : [];
  });
}

/** Every object of it is found, and is copied or failed; one that changed counts where it was tried again. */
function countPart(part: StagingGroup, tally: TransferTally, sourceUrl: string): void {
  for (const [index, { key, sizeBytes }] of part.objects.entries()) {
    const state = part.states[index];
    const cause = part.failures.get(index);
    if (state === OBJECT_STATE.CHANGED) continue;
    tally.found(sizeBytes);
    if (state === OBJECT_STATE.PUBLISHED) tally.copied(sizeBytes);
    else if (cause !== undefined) tally.failed({ key, sizeBytes, ...cause }, sourceUrl);
  }
}

/** Nothing of an object's content was moved: it is skipped, as rsync has it, unless its attributes could not be set. */
function countUpdates(
  updates: readonly AttributeUpdate[],
  failures: UpdateFailures,
  tally: TransferTally,
  sourceUrl: string,
): void {
  for (const [index, { key, sizeBytes }] of updates.entries()) {
    const cause = failures.get(index);
    if (cause === undefined) {
      tally.skipped(sizeBytes);
      continue;
    }
    tally.found(sizeBytes);
    tally.failed({ key, sizeBytes, ...cause }, sourceUrl);
  }
}

import type { ThreadTaskContext } from '../operations/task.ts';
import type { ActivityLog } from './activity-log.ts';
import type { TransferCheckpoint } from './checkpoint.ts';
import type { LargeObject, PlannedObject } from './copier.ts';
import type { LargeObjectRunner } from './large-object-runner.ts';
import type { TransferProgress } from './progress.ts';
import { discardLostUploads, recover, type Recovery } from './recovery.ts';
import { countRemoval, removalActivities, type Removal } from './removal.ts';
import type { TransferRequest } from './spec.ts';
import type { TransferEnds, TransferEnvironment } from './transfer-environment.ts';
import type { TransferLedger } from './transfer-ledger.ts';

/** What an attempt begins with. */
export interface BegunAttempt {
  readonly request: TransferRequest;
  readonly context: ThreadTaskContext<TransferCheckpoint, TransferProgress>;
  readonly environment: TransferEnvironment;
  readonly ends: TransferEnds;
  readonly ledger: TransferLedger;
  readonly large: LargeObjectRunner;
  readonly log: ActivityLog;
  /** See RecoveryOptions. */
  readonly ownEntryIds: ReadonlySet<string>;
}

/** Settles what the journal says of earlier attempts, and sets what they left of large objects going again. */
export async function recoverAttempt(attempt: BegunAttempt): Promise<Recovery> {
  const { request, context, environment, ends, ledger, ownEntryIds } = attempt;
  const recovery = await recover({
    entries: await context.journal.open(),
    cursor: ledger.cursor,
    pendingKeys: new Set(ledger.pending.map(({ key }) => key)),
    copier: ends.copier,
    deletes: request.spec.deletes,
    sinkRoot: ends.sinkRoot,
    ownEntryIds,
    inFlightMax: environment.limits.statsInFlightMax,
  });
  ledger.keep(recovery.kept);
  ledger.leave(recovery.left, recovery);
  for (const object of ledger.pending) await resume(object, recovery, attempt);
  if (recovery.published.length + recovery.removed.length > 0) context.reportProgress(ledger.shown());
  return recovery;
}

/** A pending object was published after all, or goes on from its last checkpoint. */
async function resume(object: LargeObject, { pendingEntries }: Recovery, attempt: BegunAttempt): Promise<void> {
  const { ends, ledger, large } = attempt;
  const entries = pendingEntries.get(object.key) ?? [];
  for (const entry of entries) {
    if (!(await ends.copier.isPublished(entry.object))) continue;
    ledger.removePending(object.key);
    // It may have changed, and died, after its size was counted.
    ledger.tally.add('bytesFoundFromSource', entry.object.sizeBytes - object.sizeBytes);
    ledger.tally.copied(entry.object.sizeBytes);
    await removeResumed(entry.object, attempt);
    return ledger.commit(entries.map(({ id }) => id));
  }
  ledger.keep(await discardLostUploads(object, entries, ends.copier));
  large.add(object, Promise.resolve(true), entries);
}

/** It may have been removed from the source before its copy was counted. */
async function removeResumed(object: PlannedObject, { request, ends, ledger, log }: BegunAttempt): Promise<void> {
  if (request.spec.deletes !== 'from-source') return;
  const outcomes = await ends.copier.remove('source', [object]);
  const removal: Removal = { kind: 'copied', objects: [object], outcomes };
  log.write(removalActivities(removal));
  countRemoval(removal, ledger.tally, ends);
}

import { eachBounded } from '../core/each-bounded.ts';
import { activityOf, type ActivityLog } from './activity-log.ts';
import type { ByteString } from './byte-string.ts';
import { OBJECT_STATE } from './copier.ts';
import { copyActivities, type GroupRunner } from './group-runner.ts';
import type { LargeObjectRunner } from './large-object-runner.ts';
import { countRemoval, removalActivities, sideOfRemoval, type Removal } from './removal.ts';
import type { TransferEnds, TransferEnvironment } from './transfer-environment.ts';
import type { TransferLedger } from './transfer-ledger.ts';
import type { TransferTally } from './transfer-tally.ts';

/** Who knows what was in flight when a transfer stopped. */
export interface StoppedTransfer {
  readonly ends: TransferEnds;
  readonly environment: TransferEnvironment;
  readonly ledger: TransferLedger;
  readonly groups: GroupRunner;
  readonly large: LargeObjectRunner;
  readonly log: ActivityLog;
}

/**
 * Removes all staging of a transfer that has stopped. What was published of unsettled groups is counted in the answer, on top of what is
 * settled, and made durable.
 */
export async function settleStop(stopped: StoppedTransfer): Promise<TransferTally> {
  const { ends, environment, ledger, groups, large, log } = stopped;
  const shown = ledger.settled();
  const leftCount = await removeStaging(stopped);
  if (leftCount > 0) environment.observe?.({ kind: 'staging-left', count: leftCount });
  for (const removal of [...groups.unsettledRemovals, ...large.unsettledRemovals]) {
    const settled = await settledRemoval(removal, stopped);
    log.write(removalActivities(settled));
    countRemoval(settled, shown, ends);
  }
  for (const { group } of groups.unsettled) log.write(copyActivities(group));
  log.write(large.unsettled.map(({ object }) => activityOf('COPY', 'source', object)));
  const uncounted = uncountedSizes(stopped);
  for (const sizeBytes of uncounted.values()) {
    shown.found(sizeBytes);
    shown.copied(sizeBytes);
  }
  for (const { object, isCountedAsFound } of large.unsettled) {
    if (!isCountedAsFound) shown.found(object.sizeBytes);
    shown.copied(object.sizeBytes);
  }
  await ends.copier.syncPublished([...uncounted.keys(), ...large.unsettled.map(({ object }) => object.key)]);
  return shown;
}

/** @returns how many could not be removed: their journal entries stay. */
async function removeStaging({ ends, ledger, groups, large }: StoppedTransfer): Promise<number> {
  let leftCount = await large.discard();
  for (const { entryId, group } of groups.unsettled) {
    const count = await ends.copier.discard(group);
    if (count > 0) ledger.keep([entryId]);
    leftCount += count;
  }
  return leftCount;
}

/** What a stop cut short may be gone all the same. */
async function settledRemoval(removal: Removal, { ends, environment }: StoppedTransfer): Promise<Removal> {
  const outcomes = [...removal.outcomes];
  const side = sideOfRemoval(removal.kind);
  await eachBounded(removal.objects, environment.limits.statsInFlightMax, async (object, index) => {
    if (outcomes[index] === undefined && (await ends.copier.isRemoved(side, object))) outcomes[index] = 'removed';
  });
  return { ...removal, outcomes };
}

/** Sizes, by key, of what is at the sink and behind the cursor: published here, or by an earlier attempt. */
function uncountedSizes({ ledger, groups }: StoppedTransfer): ReadonlyMap<ByteString, number> {
  const sizes = new Map(ledger.ahead.map(({ key, sizeBytes }) => [key, sizeBytes]));
  for (const { group } of groups.unsettled) {
    for (const [index, { key, sizeBytes }] of group.objects.entries()) {
      if (group.states[index] === OBJECT_STATE.PUBLISHED) sizes.set(key, sizeBytes);
    }
  }
  return sizes;
}

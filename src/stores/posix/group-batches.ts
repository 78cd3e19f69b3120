/** Between a group and the batches that threads carry out of it. */
import type { ByteString } from '../../transfers/byte-string.ts';
import { OBJECT_STATE, type StagingGroup } from '../../transfers/copier.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import { stagingName } from '../../transfers/staging-name.ts';
import type { CopyBatch, CopyBatchOutcome } from './copy-group.ts';
import { directoryOf } from './file-path.ts';

/** The group in runs of its objects, each within the limits but for a single object that is beyond them. */
export function cutBatches(
  { stagingPrefix, objects, states }: StagingGroup,
  { batchObjectCountMax, batchSizeBytesMax }: TransferLimits,
): readonly CopyBatch[] {
  const batches: CopyBatch[] = [];
  let first = 0;
  let sizeBytes = 0;
  for (const [index, object] of objects.entries()) {
    const end = index + 1;
    sizeBytes += object.sizeBytes;
    if (end - first < batchObjectCountMax && sizeBytes < batchSizeBytesMax && end < objects.length) continue;
    batches.push({
      stagingPrefix,
      firstIndex: first,
      objects: objects.slice(first, end),
      states: states.slice(first, end),
    });
    first = end;
    sizeBytes = 0;
  }
  return batches;
}

/** Writes into the group what came of one of its batches. */
export function takeOver(outcome: CopyBatchOutcome, { firstIndex }: CopyBatch, group: StagingGroup): void {
  group.states.set(outcome.states, firstIndex);
  for (const { index, cause } of outcome.failures) group.failures.set(firstIndex + index, cause);
  for (const { index, object } of outcome.changed) group.objects[firstIndex + index] = object;
}

/** The staging files that there are of it, as keys. */
export function stagedFiles({ objects, states, stagingPrefix }: StagingGroup): readonly ByteString[] {
  const files: ByteString[] = [];
  for (const [index, { key }] of objects.entries()) {
    if (states[index] === OBJECT_STATE.STAGED) files.push(directoryOf(key) + stagingName(stagingPrefix, index));
  }
  return files;
}

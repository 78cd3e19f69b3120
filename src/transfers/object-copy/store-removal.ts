import { eachBounded } from '../../core/each-bounded.ts';
import { failureCauseOf } from '../object-failure.ts';
import type { ObjectStore } from '../object-store.ts';
import type { DoomedObject, RemoveOutcome } from '../removal.ts';

export interface StoreRemovalOptions {
  readonly store: ObjectStore;
  /** Deletes under way at a time. */
  readonly inFlightMax: number;
  readonly isStopped: () => boolean;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/**
 * See Copier.remove: one call for each object, of a store that can ask for the object it means.
 *
 * A call that a stop cuts short leaves its object undecided: it may be gone.
 */
export async function removeFromStore(
  objects: readonly DoomedObject[],
  { store, inFlightMax, isStopped, signal }: StoreRemovalOptions,
): Promise<readonly (RemoveOutcome | undefined)[]> {
  const outcomes = new Array<RemoveOutcome | undefined>(objects.length).fill(undefined);
  await eachBounded(objects, inFlightMax, async (object, index) => {
    if (isStopped()) return;
    try {
      await store.delete(object.key, signal, { expect: object });
      outcomes[index] = 'removed';
    } catch (error) {
      if (!isStopped()) outcomes[index] = failureCauseOf(error);
    }
  });
  return outcomes;
}

/** See Copier.isRemoved. */
export async function isRemovedFromStore(
  { key }: DoomedObject,
  store: ObjectStore,
  timeoutMs: number,
): Promise<boolean> {
  return (await store.stat(key, AbortSignal.timeout(timeoutMs))) === undefined;
}

import { eachBounded } from '../../core/each-bounded.ts';
import type { ByteString } from '../byte-string.ts';
import { failureCauseOf } from '../object-failure.ts';
import type { ObjectRecord } from '../object-record.ts';
import type { ListNote, ListPage, LookUpOptions, ObjectStore } from '../object-store.ts';
import { pageOfRecords } from '../page-of-records.ts';
import { withNotes } from './with-notes.ts';

/**
 * What a store has of these keys, as a page of a listing; what it does not have is not in it.
 *
 * @param keys  in the order of bytes, each once.
 */
export async function lookUp(
  store: ObjectStore,
  keys: readonly ByteString[],
  options: LookUpOptions & { readonly inFlightMax: number },
): Promise<ListPage> {
  if (store.lookUp !== undefined) return store.lookUp(keys, options);
  const { inFlightMax, signal } = options;
  const found = new Array<ObjectRecord | undefined>(keys.length);
  const failed = new Array<ListNote | undefined>(keys.length);
  await eachBounded(keys, inFlightMax, async (key, index) => {
    signal.throwIfAborted();
    try {
      found[index] = await store.stat(key, signal);
    } catch (error) {
      signal.throwIfAborted();
      failed[index] = { kind: 'object-failed', key, cause: failureCauseOf(error) };
    }
  });
  const isThere = <T>(each: T | undefined): each is T => each !== undefined;
  return withNotes(pageOfRecords(found.filter(isThere)), failed.filter(isThere));
}

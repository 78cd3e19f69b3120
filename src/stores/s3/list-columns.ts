import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, type ByteString } from '../../transfers/byte-string.ts';
import type { ListNote, ListPage } from '../../transfers/object-store.ts';
import { STAGING_PREFIX } from '../../transfers/staging-name.ts';
import { listedFailure } from '../web/listed-failure.ts';
import type { S3Place } from './s3-place.ts';
import type { S3ListPage } from './s3-lister.ts';

/** "The name for a key is a sequence of Unicode characters whose UTF-8 encoding is at most 1,024 bytes long" (S3, "Naming objects"). */
const NAME_BYTES_MAX = 1024;

export interface ListColumnsOptions {
  readonly place: S3Place;
  readonly startAfter: ByteString | undefined;
  /** Whether the service is believed to list in the order of bytes, and start-after was left to it. */
  readonly isOrdered: boolean;
  readonly onDisorder: () => void;
}

/**
 * The pages of one listing as the engine wants them: keys relative to the store, without what is staged, without echoes.
 *
 * Where order is relied upon it is verified: what a merge takes for missing it would delete.
 */
export class ListColumns {
  readonly #options: ListColumnsOptions;
  #last: ByteString | undefined;

  constructor(options: ListColumnsOptions) {
    this.#options = options;
    this.#last = options.isOrdered ? options.startAfter : undefined;
  }

  /** @throws StatusError FAILED_PRECONDITION (reason LISTING_OUT_OF_ORDER) for a key that should have come before. */
  take(page: S3ListPage): ListPage {
    const { place } = this.#options;
    const resource = `s3://${place.bucket}/${displayText(place.prefix)}`;
    const rules = { resource, nameBytesMax: NAME_BYTES_MAX };
    const keys: ByteString[] = [];
    const sizesBytes: number[] = [];
    const modifyTimesMs: number[] = [];
    const etags: (string | undefined)[] = [];
    const notes: ListNote[] = [];
    const noteIndexes: number[] = [];
    for (const [index, whole] of page.keys.entries()) {
      if (!whole.startsWith(place.prefix)) throw this.#disorder(whole);
      const key = whole.slice(place.prefix.length);
      if (!this.#isNext(key) || isStaging(key) || key === '') continue;
      const sizeBytes = page.sizesBytes[index] ?? NaN;
      const note = listedFailure({ key, nameBytes: whole.length, sizeBytes }, rules);
      if (note !== undefined) {
        notes.push(note);
        noteIndexes.push(keys.length);
        continue;
      }
      keys.push(key);
      sizesBytes.push(sizeBytes);
      modifyTimesMs.push(page.modifyTimesMs[index] ?? NaN);
      etags.push(page.etags[index]);
    }
    return { keys, sizesBytes, modifyTimesMs, etags, notes, noteIndexes };
  }

  /** False for an echo of the key that the listing, or its page, should have started after. */
  #isNext(key: ByteString): boolean {
    const { isOrdered, startAfter } = this.#options;
    if (!isOrdered) return startAfter === undefined || key > startAfter;
    const last = this.#last;
    if (last !== undefined && key <= last) {
      if (key === last) return false;
      throw this.#disorder(key);
    }
    this.#last = key;
    return true;
  }

  #disorder(key: ByteString): StatusError {
    const { place, onDisorder } = this.#options;
    onDisorder();
    const resource = `s3://${place.bucket}`;
    const text = `${resource}: the service does not list names in the order of their bytes, which its first names did not show`;
    return new StatusError(Code.FAILED_PRECONDITION, text, {
      reason: 'LISTING_OUT_OF_ORDER',
      metadata: { resource, key: Buffer.from(key, 'latin1').toString('utf8') },
    });
  }
}

function isStaging(key: ByteString): boolean {
  return key.startsWith(STAGING_PREFIX) || key.includes(`/${STAGING_PREFIX}`);
}

import { createHash } from 'node:crypto';
import type { ByteString } from './byte-string.ts';

/** What every staging name begins with; listings of every store hide such names. */
export const STAGING_PREFIX = '.~stx-';

/**
 * New names for one attempt's journal entries and staging files; no other attempt of any operation is given the same.
 *
 * A large object keeps the staging name of the attempt that began it: later ones announce it in entries of their own, and build
 * upon it.
 */
export class StagingNames {
  readonly #operation: string;
  readonly #fence: bigint;
  #sequence = 0;

  constructor(operationName: string, fence: bigint) {
    this.#operation = createHash('sha256').update(operationName).digest('hex').slice(0, 12);
    this.#fence = fence;
  }

  /** An entry's id, and a prefix for the staging of a group; a large object takes the two from different calls. */
  next(): { readonly entryId: string; readonly prefix: ByteString } {
    const entryId = `${this.#fence.toString(36)}-${(this.#sequence++).toString(36)}`;
    return { entryId, prefix: `${STAGING_PREFIX}${this.#operation}-${entryId}-` };
  }
}

/** The staging name of a group's object. */
export function stagingName(prefix: ByteString, index: number): ByteString {
  return prefix + index.toString(36);
}

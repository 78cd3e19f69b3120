import { Code } from '../../core/code.ts';
import { displayText, type ByteString } from '../../transfers/byte-string.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import type { ListNote } from '../../transfers/object-store.ts';

export interface ListedObject {
  /** Within the store. */
  readonly key: ByteString;
  /** Of the whole name, which may have more in front of the key. */
  readonly nameBytes: number;
  readonly sizeBytes: number;
}

export interface ListedRules {
  /** Of the store, for messages: `s3://bucket/path/`. */
  readonly resource: string;
  /** The most that a name of this service can have. */
  readonly nameBytesMax: number;
}

/** The length of a path (Linux, PATH_MAX): no sink of any kind has a longer key, so nothing there is taken for such an object. */
const KEY_BYTES_MAX = 4096;

const SHOWN_LENGTH_MAX = 100;

/**
 * Why an object of a listing cannot be transferred, for what the listing itself says: what is planned, journaled and counted would be
 * wrong, or too large, for all the others too. undefined where it can be.
 */
export function listedFailure(
  { key, nameBytes, sizeBytes }: ListedObject,
  { resource, nameBytesMax }: ListedRules,
): ListNote | undefined {
  const shown = resource + shortText(key);
  if (nameBytes > nameBytesMax) {
    const detail = `${shown}: the service lists a name of ${nameBytes} bytes; at most ${nameBytesMax} can be asked for`;
    return failedNote(key, { code: Code.INVALID_ARGUMENT, detail });
  }
  if (Number.isSafeInteger(sizeBytes) && sizeBytes >= 0) return undefined;
  return failedNote(key, { code: Code.INTERNAL, detail: `${shown}: the service lists it without a size in bytes` });
}

/** Of an object that cannot be transferred, whatever its key is. */
export function failedNote(key: ByteString, cause: FailureCause): ListNote {
  return { kind: 'object-failed', key: key.slice(0, KEY_BYTES_MAX), cause };
}

function shortText(key: ByteString): string {
  const text = displayText(key.slice(0, KEY_BYTES_MAX));
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
}

import type { ByteString } from './byte-string.ts';
import type { ObjectRecord } from './object-record.ts';
import type { DoomedObject } from './removal.ts';

/** An object that is to be removed, as it is known. */
export function doomed(object: Doomable): DoomedObject {
  const { key, sizeBytes, modifyTimeMs, etag, linkTarget } = object;
  const known = { key, sizeBytes, modifyTimeMs, ...(etag === undefined ? {} : { etag }) };
  return linkTarget === undefined ? known : { ...known, isLink: true };
}

type Doomable = Pick<ObjectRecord, 'key' | 'sizeBytes' | 'modifyTimeMs'> & {
  readonly etag?: string | undefined;
  readonly linkTarget?: ByteString | undefined;
};

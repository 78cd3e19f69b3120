/**
 * What one server does of what S3 promises. Servers that speak the protocol differ, and some accept what they then ignore
 * (docs/object-stores.md has a table): what is not in here as true is not relied upon.
 */
export interface S3Abilities {
  /** A PUT with `If-None-Match: *` leaves an object that is there alone. */
  readonly writesOnlyIfAbsent: boolean;
  /** A PUT with `If-Match` replaces only that object. */
  readonly writesOnlyIfSame: boolean;
  readonly completesOnlyIfAbsent: boolean;
  readonly completesOnlyIfSame: boolean;
  readonly deletesOnlyIfSame: boolean;
  /** Such a DELETE says so when there is no object. Without a condition no server does. */
  readonly tellsOfMissing: boolean;
  /** Compares a body with its `x-amz-checksum-crc32c`. Otherwise `Content-MD5` is sent, which is slower. */
  readonly checksCrc32c: boolean;
  /** Compares an upload in parts with the crc32c of the whole. */
  readonly checksWholeCrc32c: boolean;
  /** Keys are paths of files: one may be in the way of another (`a` and `a/b`). */
  readonly hasDirectories: boolean;
  readonly listsInByteOrder: boolean;
  /** `start-after` gives that key, too. Such an echo is dropped. */
  readonly echoesStartAfter: boolean;
}

/** What is assumed of a server that may not be written to: enough to read, and disorder in a listing is noticed as it comes. */
export const READING_ABILITIES: S3Abilities = Object.freeze({
  writesOnlyIfAbsent: false,
  writesOnlyIfSame: false,
  completesOnlyIfAbsent: false,
  completesOnlyIfSame: false,
  deletesOnlyIfSame: false,
  tellsOfMissing: false,
  checksCrc32c: false,
  checksWholeCrc32c: false,
  hasDirectories: false,
  listsInByteOrder: true,
  echoesStartAfter: false,
});

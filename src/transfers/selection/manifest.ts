import type { ByteString } from '../byte-string.ts';
import type { BucketLocation } from '../remote-location.ts';

/**
 * Where a manifest lies: in a bucket, or as a file of a transfer's source or sink.
 *
 * The service's guide, "Transfer specific files or objects using a manifest": locations in a file system "use a source:// or
 * destination:// prefix and are relative to the file system source or destination".
 */
export type ManifestLocation =
  | { readonly kind: 'bucket'; readonly bucket: BucketLocation; readonly name: string }
  | { readonly kind: 'source' | 'sink'; readonly name: string };

/** As a request spells it. */
export function manifestUrl(location: ManifestLocation): string {
  if (location.kind === 'bucket') return `gs://${location.bucket.bucket}/${location.name}`;
  return `${location.kind === 'source' ? 'source' : 'destination'}://${location.name}`;
}

/** One object that a manifest names. */
export interface ManifestRow {
  /** Relative to the source's root. */
  readonly key: ByteString;
  /** Of a bucket with generations: only this one is meant. */
  readonly generation?: string;
  /** From 1. */
  readonly rowNumber: number;
}

/** A manifest that was read: every name once, the first row of it, in the order of keys. */
export interface Manifest {
  /** From the first on, any number of times. */
  rows(): AsyncIterable<ManifestRow>;
  /** Removes what it holds; nothing is read any more. */
  close(): Promise<void>;
}

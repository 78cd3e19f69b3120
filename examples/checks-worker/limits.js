/** What an upload may make this worker do: whoever sends one may mean harm. */
export const limits = {
  /** Entries of an archive. All are held while it is read, and its directory is read first; apps have up to some ten thousand. */
  entryCountMax: 100_000,
  /** Bytes of an archive when it is inflated, all entries together: twice the largest upload. */
  inflatedSizeMaxBytes: 20 * 1024 ** 3,
  /** Inflated bytes for each byte of the file: apps have 2 to 10; the zip bombs that are known have 1000 and more. */
  inflatedPerByteMax: 100,
  /** Bytes of a manifest, inflated: it is held whole. */
  manifestSizeMaxBytes: 4 * 1024 ** 2,
  /** How long a manifest is read, milliseconds: one that was made for it can keep a parser busy for years. */
  manifestTimeMaxMs: 10_000,
  /** Memory for that, MiB. */
  manifestMemoryMaxMb: 256,
  /** Characters of a string in a binary Android manifest that is looked at. */
  stringLengthMax: 4096,
  /** Hosts of a report, the first ones: a report fits into a gRPC message of 4 MiB. */
  hostCountMax: 5000,
  /** Permissions of a report, as above. */
  permissionCountMax: 1000,
};

/** Bounds of manifests. */
export interface ManifestLimits {
  /** Of the file. Storage Transfer Service: "the maximum manifest file size is 1 GiB" for transfers of file systems; here for all. */
  readonly manifestSizeBytesMax: number;
  /** Of one row, quotes and all: a name of 4096 bytes, each of them a quote, and a generation. */
  readonly rowSizeBytesMax: number;
}

export const DEFAULT_MANIFEST_LIMITS: ManifestLimits = Object.freeze({
  manifestSizeBytesMax: 1024 * 1024 * 1024,
  rowSizeBytesMax: 8320,
});

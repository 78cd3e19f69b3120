/** Places that are reached over the network, as requests name them. What stands behind a name the operator has decided. */

/** A bucket by its name, or what lies below a path in it. */
export interface BucketLocation {
  readonly kind: 'bucket';
  /** Of which service the caller takes it to be: the scheme of its URL. */
  readonly scheme: 'gs' | 's3';
  readonly bucket: string;
  /** '' or with a '/' at its end. */
  readonly path: string;
}

/** A container of Azure Blob Storage, or what lies below a path in it. */
export interface AzureContainerLocation {
  readonly kind: 'azure-container';
  /** Of the storage account: 3 to 24 of a-z and 0-9. */
  readonly account: string;
  readonly container: string;
  /** '' or with a '/' at its end. */
  readonly path: string;
}

export type RemoteLocation = BucketLocation | AzureContainerLocation;

/** `gs://bucket/path/`, `https://account.blob.core.windows.net/container/path/`: in samples of failures, and in the journal. */
export function remoteUrl(location: RemoteLocation): string {
  const { path } = location;
  if (location.kind === 'bucket') return `${location.scheme}://${location.bucket}/${path}`;
  return `https://${location.account}.blob.core.windows.net/${location.container}/${path}`;
}

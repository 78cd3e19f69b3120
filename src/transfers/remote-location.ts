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

/** A bucket of an endpoint that the caller names, and that speaks S3. */
export interface S3EndpointLocation {
  readonly kind: 's3-endpoint';
  /** Scheme, host and port. */
  readonly endpoint: string;
  /** '' is signed as it is. */
  readonly region: string;
  readonly bucket: string;
  /** '' or with a '/' at its end. */
  readonly path: string;
  readonly isVirtualHosted: boolean;
  /** The older ListObjects. */
  readonly listsByMarker: boolean;
}

export type RemoteLocation = BucketLocation | AzureContainerLocation | S3EndpointLocation;

/** `gs://bucket/path/`, `https://account.blob.core.windows.net/container/path/`: in samples of failures, and in the journal. */
export function remoteUrl(location: RemoteLocation): string {
  const { path } = location;
  switch (location.kind) {
    case 'bucket':
      return `${location.scheme}://${location.bucket}/${path}`;
    case 'azure-container':
      return `https://${location.account}.blob.core.windows.net/${location.container}/${path}`;
    case 's3-endpoint':
      return `s3://${location.bucket}/${path}`;
  }
}

import type { ByteString } from '../../transfers/byte-string.ts';

/** Where objects are: a bucket of one endpoint, and a prefix within it. */
export interface S3Place {
  /** Scheme, host and port: `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  /** What signatures name; most servers of one's own take any. */
  readonly region: string;
  readonly bucket: string;
  /** Before every key: empty, or ending in '/'. */
  readonly prefix: ByteString;
  /** Whether the bucket stands in the host (as AWS wants it) or in the path (as most servers of one's own do). */
  readonly isVirtualHosted: boolean;
  /** Asks for listings by the older ListObjects, for servers that have no ListObjectsV2; default false. */
  readonly listsByMarker?: boolean;
}

/** An access key; `sessionToken` with those that end after some hours. Never logged, never in a message. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Scheme, host and port that requests go to. */
export function originOf({
  endpoint,
  bucket,
  isVirtualHosted,
}: Pick<S3Place, 'endpoint' | 'bucket' | 'isVirtualHosted'>): string {
  const { protocol, host } = new URL(endpoint);
  return isVirtualHosted ? `${protocol}//${bucket}.${host}` : `${protocol}//${host}`;
}

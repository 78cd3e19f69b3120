import { GOOGLE_ENDPOINT } from '../gcs/google-endpoint.ts';
import { within, type BucketPlace } from './place-of.ts';

/** Whether two places share objects: `unknown` where one service may be reached by both of their names. */
export type Overlap = 'within' | 'apart' | 'unknown';

/**
 * Whether the two are the same place, or one lies within the other, as far as their names tell.
 *
 * All hosts of AWS are one service, all of Google are another, and a server is the same by http and https and by each name of this machine. A
 * server of one's own may have further names, and AWS has aliases of buckets: only two buckets of Google, or of two clouds, are surely apart.
 */
export function overlapOf(a: BucketPlace, b: BucketPlace): Overlap {
  const [one, other] = [within(a), within(b)];
  if (!one.prefix.startsWith(other.prefix) && !other.prefix.startsWith(one.prefix)) return 'apart';
  const [service, otherService] = [serviceOf(a), serviceOf(b)];
  if (service.name === otherService.name && one.bucket === other.bucket) return 'within';
  const { cloud } = service;
  if (cloud === undefined || otherService.cloud === undefined) return 'unknown';
  return cloud !== otherService.cloud || cloud === 'google' ? 'apart' : 'unknown';
}

interface Service {
  /** The same for all endpoints that are known to be one. */
  readonly name: string;
  readonly cloud?: 'aws' | 'google' | 'azure';
}

/** Partitions of AWS have buckets of their own. */
const AWS_HOST = /(^|\.)s3[.-](.*\.)?amazonaws\.com(\.cn)?$/;
const GOOGLE_SUFFIX = '.googleapis.com';
const AZURE_SUFFIX = '.blob.core.windows.net';
const LOOPBACK_HOST = /^(localhost|.+\.localhost|127\..+|\[::1\])$/;

function serviceOf({ binding }: BucketPlace): Service {
  const { hostname, port, pathname } = new URL(binding.endpoint ?? GOOGLE_ENDPOINT);
  const host = hostname.replace(/\.$/, '');
  if (host.endsWith(GOOGLE_SUFFIX)) return { name: 'google', cloud: 'google' };
  if (AWS_HOST.test(host)) return { name: partitionOf(host), cloud: 'aws' };
  // An emulator's path has the account.
  const path = pathname.replace(/\/+$/, '');
  const name = `${LOOPBACK_HOST.test(host) ? 'loopback' : host}:${port}${path}`;
  return host.endsWith(AZURE_SUFFIX) ? { name, cloud: 'azure' } : { name };
}

function partitionOf(host: string): string {
  if (host.endsWith('.cn')) return 'aws-cn';
  return host.includes('us-gov-') ? 'aws-us-gov' : 'aws';
}

import { expect, test } from '@jest/globals';
import type { RemoteBucketBinding } from '../../../src/core/bucket-binding.ts';
import { overlapOf } from '../../../src/stores/places/overlap.ts';
import type { BucketPlace } from '../../../src/stores/places/place-of.ts';

function s3(endpoint: string, path = '', bucket = 'b'): BucketPlace {
  return placeWith(
    {
      kind: 's3',
      prefix: '',
      endpoint,
      region: 'r',
      isVirtualHosted: false,
      accessKeyId: { env: 'A' },
      secretAccessKey: { env: 'B' },
    },
    path,
    bucket,
  );
}
const gcs = (bucket = 'b'): BucketPlace =>
  placeWith({ kind: 'gcs', prefix: '', credentials: { kind: 'none' } }, '', bucket);
const azure = (endpoint: string, account = 'acct'): BucketPlace =>
  placeWith({ kind: 'azure', prefix: '', account, endpoint, credentials: { kind: 'none' } });

function placeWith(binding: RemoteBucketBinding, path = '', bucket = 'b'): BucketPlace {
  return { kind: 'bucket', location: { kind: 'bucket', scheme: 's3', bucket, path }, binding, isGuarded: false };
}

test.each<[string, BucketPlace, BucketPlace]>([
  ['this machine by name and by address', s3('http://localhost:9000'), s3('http://127.0.0.1:9000')],
  ['this machine by both families of addresses', s3('http://[::1]:9000'), s3('http://127.0.0.1:9000')],
  ['a host by http and by https', s3('http://s3.test'), s3('https://s3.test')],
  ['a host with a dot behind it', s3('http://s3.test.'), s3('https://s3.test')],
  ['AWS and a region of it', s3('https://s3.amazonaws.com'), s3('https://s3.eu-central-1.amazonaws.com')],
  [
    'two ways into a region',
    s3('https://s3-eu-west-1.amazonaws.com'),
    s3('https://s3.dualstack.eu-west-1.amazonaws.com'),
  ],
  [
    'a container with a slash behind its account',
    azure('https://acct.blob.core.windows.net/'),
    azure('https://acct.blob.core.windows.net'),
  ],
  ['Google by either protocol', s3('https://storage.googleapis.com'), gcs()],
  [
    'a server by either protocol',
    s3('http://h:1'),
    placeWith({ kind: 'gcs', prefix: '', endpoint: 'http://h:1', credentials: { kind: 'none' } }),
  ],
  ['a path of a bucket', s3('http://h:1', 'p/'), s3('http://h:1')],
])('%s is one place under two names', (_title, one, other) => {
  expect([overlapOf(one, other), overlapOf(other, one)]).toEqual(['within', 'within']);
});

test.each<[string, BucketPlace, BucketPlace]>([
  ['two paths of a bucket', s3('http://h:1', 'p/'), s3('http://h:1', 'q/')],
  ['two buckets of Google', gcs('b'), gcs('c')],
  ['Google and AWS', gcs(), s3('https://s3.amazonaws.com')],
])('%s are surely apart', (_title, one, other) => {
  expect([overlapOf(one, other), overlapOf(other, one)]).toEqual(['apart', 'apart']);
});

test.each<[string, BucketPlace, BucketPlace]>([
  ['two hosts', s3('http://one.test'), s3('http://two.test')],
  ['two ports of a host', s3('http://h:1'), s3('http://h:2')],
  [
    'two buckets of AWS, which has aliases',
    s3('https://s3.amazonaws.com', '', 'b'),
    s3('https://s3.amazonaws.com', '', 'c'),
  ],
  ['two partitions of AWS', s3('https://s3.us-gov-west-1.amazonaws.com'), s3('https://s3.amazonaws.com')],
  ['a rented machine and its service', s3('http://ec2-1-2-3-4.compute.amazonaws.com'), s3('https://s3.amazonaws.com')],
])('names do not tell whether %s are one place', (_title, one, other) => {
  expect([overlapOf(one, other), overlapOf(other, one)]).toEqual(['unknown', 'unknown']);
});

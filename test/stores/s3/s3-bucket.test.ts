import { expect, test } from '@jest/globals';
import { systemClock } from '../../../src/core/clock.ts';
import { S3Bucket } from '../../../src/stores/s3/s3-bucket.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';

const web = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy: [] });

function bucketOf(secretAccessKey: string, endpoint = 'https://s3.example.com', name = 'photos'): S3Bucket {
  const place = { endpoint, region: 'r', bucket: name, prefix: '', isVirtualHosted: false };
  return new S3Bucket({ place, credentials: { accessKeyId: 'AKID', secretAccessKey }, web, clock: systemClock });
}

test('a service copies by itself between buckets of one person', () => {
  expect(bucketOf('secret').isWithinReach(bucketOf('secret', 'https://s3.example.com', 'films'))).toBe(true);
  expect(bucketOf('secret').isWithinReach(bucketOf('secret', 'https://s3.example.org'))).toBe(false);
});

test("who only knows the id of another person's key does not copy under their name", () => {
  expect(bucketOf('secret').isWithinReach(bucketOf('made up'))).toBe(false);
});

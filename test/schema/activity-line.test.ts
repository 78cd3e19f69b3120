import { expect, test } from '@jest/globals';
import { activityLine } from '../../src/schema/activity-line.ts';
import type { Activity } from '../../src/transfers/activity-log.ts';

const COPIED: Activity = { action: 'COPY', state: 'SUCCEEDED', side: 'source', key: 'k' };
const LIST = 'https://example.com/list.tsv';

function lineOf(sourceUrl: string, activity: Activity, listUrl?: string): unknown {
  const frame = { operationName: 'o', sourceUrl, sinkUrl: 'gs://sink', ...(listUrl === undefined ? {} : { listUrl }) };
  return JSON.parse(activityLine(frame, activity, 0));
}

test.each([
  ['gs://b/50%off', { gcsObject: { bucket: 'b', objectKey: '50%off/k' } }],
  ['gs://b/a?b#c', { gcsObject: { bucket: 'b', objectKey: 'a?b#c/k' } }],
  ['s3://b/a%20b', { awsS3Object: { bucket: 'b', objectKey: 'a%20b/k' } }],
  ['s3://b', { awsS3Object: { bucket: 'b', objectKey: 'k' } }],
  [
    'https://acct.blob.core.windows.net/c/50%off',
    { azureBlob: { account: 'acct', container: 'c', blobName: '50%off/k' } },
  ],
  ['file:///srv/50%25%20off', { posixFile: { path: '/srv/50% off/k' } }],
])('an object below %s is named as its store has it, whatever its path means in a URL', (url, named) => {
  expect(lineOf(url, COPIED)).toMatchObject({ sourceObject: named });
});

test('objects of a list of URLs are their URLs, and what is searched is the list', () => {
  const copied = { ...COPIED, key: 'example.com/a' };
  expect(lineOf('https:/', copied, LIST)).toMatchObject({
    sourceObject: { type: 'HTTP', httpFile: { url: 'https://example.com/a' } },
  });
  expect(lineOf('https:/', { ...COPIED, action: 'FIND' }, LIST)).toMatchObject({
    sourceContainer: { type: 'HTTP', httpManifest: { url: LIST } },
  });
});

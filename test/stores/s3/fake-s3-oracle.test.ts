/**
 * The fake is S3 as Amazon's own client sees it: that client, unmodified, does all that our store does.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { crc32cText } from '../../support/fake-s3/fake-bucket.ts';
import { FAKE_BUCKET, FAKE_CREDENTIALS, startFakeS3, type FakeS3 } from '../../support/fake-s3/fake-s3.ts';

const PART = Buffer.alloc(5 * 1024 * 1024, 7);
const Bucket = FAKE_BUCKET;

let fake: FakeS3;
let client: S3Client;

beforeEach(async () => {
  fake = await startFakeS3();
  client = new S3Client({
    endpoint: fake.endpoint,
    region: 'test-1',
    forcePathStyle: true,
    credentials: FAKE_CREDENTIALS,
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await fake.close();
});

test('writes, reads, ranges and removes an object with its metadata and checksum', async () => {
  const Key = 'a b/é+&';
  const Body = Buffer.from('hello');
  const put = new PutObjectCommand({
    Bucket,
    Key,
    Body,
    ContentType: 'text/x',
    Metadata: { hero: 'a' },
    ChecksumAlgorithm: 'CRC32C',
  });
  const { ETag } = await client.send(put);
  expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
  const head = await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
  expect(head).toMatchObject({
    ContentLength: 5,
    ContentType: 'text/x',
    Metadata: { hero: 'a' },
    ChecksumCRC32C: 'mnG7TA==',
  });
  const got = await client.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=1-3', IfMatch: ETag }));
  expect([await got.Body?.transformToString(), got.ContentRange]).toEqual(['ell', 'bytes 1-3/5']);
  await client.send(new DeleteObjectCommand({ Bucket, Key }));
  await expect(client.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('is refused by preconditions, checksums and wrong keys', async () => {
  const put = (more: object): Promise<unknown> =>
    client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: Buffer.from('a'), ...more }));
  await put({ IfNoneMatch: '*' });
  await expect(put({ IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  await expect(put({ IfMatch: '"b"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  await expect(put({ ChecksumCRC32C: 'AAAAAA==' })).rejects.toMatchObject({ name: 'BadDigest' });
  const credentials = { ...FAKE_CREDENTIALS, secretAccessKey: 'other' };
  const stranger = new S3Client({
    endpoint: fake.endpoint,
    region: 'x',
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
  });
  await expect(stranger.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({
    name: 'SignatureDoesNotMatch',
  });
  stranger.destroy();
});

test('lists in pages, in the order of bytes', async () => {
  const keys = ['a', 'a b', 'a/b', 'é', '\uFFFD', '\u{1F600}'];
  for (const Key of keys.toReversed()) await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const first = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 4, StartAfter: 'a' }));
  expect([first.Contents?.map(({ Key }) => Key), first.IsTruncated]).toEqual([keys.slice(1, 5), true]);
  const more = { Bucket, ContinuationToken: first.NextContinuationToken };
  const second = await client.send(new ListObjectsV2Command(more));
  expect([second.Contents?.map(({ Key }) => Key), second.IsTruncated]).toEqual([keys.slice(5), false]);
});

test('uploads in parts, with the checksum of the whole, and copies', async () => {
  const begin = { Bucket, Key: 'k', ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' } as const;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(begin));
  const upload = { Bucket, Key: 'k', UploadId };
  const first = await client.send(
    new UploadPartCommand({ ...upload, PartNumber: 1, Body: PART, ChecksumAlgorithm: 'CRC32C' }),
  );
  await client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: Buffer.from('0123456789') }));
  const copy = { ...upload, PartNumber: 2, CopySource: `${Bucket}/source`, CopySourceRange: 'bytes=2-4' };
  const second = await client.send(new UploadPartCopyCommand(copy));
  const parts = await client.send(new ListPartsCommand(upload));
  expect(parts.Parts?.map(({ Size }) => Size)).toEqual([PART.length, 3]);
  const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  expect(Uploads?.map((each) => each.UploadId)).toEqual([UploadId]);
  const Parts = [
    { PartNumber: 1, ETag: first.ETag },
    { PartNumber: 2, ETag: second.CopyPartResult?.ETag },
  ];
  const ChecksumCRC32C = crc32cText(Buffer.concat([PART, Buffer.from('234')]));
  const complete = { ...upload, MultipartUpload: { Parts }, ChecksumCRC32C, ChecksumType: 'FULL_OBJECT' } as const;
  expect((await client.send(new CompleteMultipartUploadCommand(complete))).ETag).toMatch(/-2"$/);
  await client.send(new CopyObjectCommand({ Bucket, Key: 'k2', CopySource: `${Bucket}/k` }));
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'k2' }));
  expect(head.ContentLength).toBe(PART.length + 3);
});

test('aborts an upload once', async () => {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
  const abort = (): Promise<unknown> => client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'k', UploadId }));
  await abort();
  await expect(abort()).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

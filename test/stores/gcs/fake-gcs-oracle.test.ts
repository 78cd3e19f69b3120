/**
 * The fake is Google Cloud Storage as Google's own client sees it: that client, unmodified, does all that our store does, and what
 * one of them writes the other one reads.
 */
import { Storage, type Bucket } from '@google-cloud/storage';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { GcsGround } from '../../support/fake-gcs/gcs-ground.ts';

const never = new AbortController().signal;
const KIB = 1024;

let ground: GcsGround;
let bucket: Bucket;

beforeEach(async () => {
  ground = await GcsGround.open();
  const storage = new Storage({
    apiEndpoint: ground.fake.server.origin,
    projectId: 'p',
    useAuthWithCustomEndpoint: false,
    retryOptions: { autoRetry: false },
  });
  bucket = storage.bucket('b');
});
afterEach(() => ground.close());

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of body) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

const whole = Buffer.from(Array.from({ length: 700 * KIB + 3 }, (_, i) => (i * 7) % 251));

test.each([
  ['in one request', false],
  ['in a session', true],
])('the client writes %s what the store reads, with its metadata', async (_, resumable) => {
  const metadata = { contentType: 'text/x', cacheControl: 'no-store', metadata: { hero: 'née' } };
  await bucket.file('d/k é').save(whole, { resumable, metadata, validation: 'crc32c' });
  const key = Buffer.from('d/k é').toString('latin1');
  expect(whole.equals(await bytesOf(ground.store.read(key, { signal: never })))).toBe(true);
  expect((await ground.store.stat(key, never))?.metadata).toMatchObject({
    contentType: 'text/x',
    cacheControl: 'no-store',
    custom: { hero: 'née' },
  });
});

test('the client writes a session in chunks', async () => {
  await bucket.file('k').save(whole, { resumable: true, chunkSize: 256 * KIB, validation: 'crc32c' });
  expect(whole.equals(await bytesOf(ground.store.read('k', { signal: never })))).toBe(true);
});

test('the client reads what the store writes, whole and in ranges, and checks its hashes', async () => {
  const metadata = { contentType: 'text/x', customTimeMs: 1.7e12, custom: { hero: 'a' } };
  for (const [key, bytes] of [
    ['small', Buffer.from('hello')],
    ['large', whole],
  ] as const) {
    await ground.store.write(key, once(bytes), { modifyTimeMs: 0, metadata, signal: never });
    const [read] = await bucket.file(key).download({ validation: 'crc32c' });
    expect(bytes.equals(read)).toBe(true);
    const [told] = await bucket.file(key).getMetadata();
    expect(told).toMatchObject({ contentType: 'text/x', metadata: { hero: 'a' }, size: String(bytes.length) });
    expect(told.customTime).toBe('2023-11-14T22:13:20.000Z');
  }
  const [range] = await bucket.file('small').download({ start: 1, end: 3 });
  expect(range.toString()).toBe('ell');
});

test('the client lists in the order of bytes, in pages, from an inclusive offset', async () => {
  const keys = ['a', 'a!', 'a/b', 'b', '\uFFFD', '\u{1F600}'];
  for (const key of keys.toReversed()) await bucket.file(key).save('x', { resumable: false });
  ground.fake.pageCountMax = 2;
  const [files] = await bucket.getFiles();
  expect(files.map(({ name }) => name)).toEqual(keys);
  const [behind] = await bucket.getFiles({ startOffset: 'a/b', endOffset: '\uFFFD' });
  expect(behind.map(({ name }) => name)).toEqual(['a/b', 'b']);
});

test('the client meets preconditions as the service has them', async () => {
  const file = bucket.file('k');
  await file.save('first', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
  const again = file.save('second', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
  await expect(again).rejects.toMatchObject({ code: 412 });
  const [{ generation = '' }] = await file.getMetadata();
  await file.save('second', { resumable: false, preconditionOpts: { ifGenerationMatch: generation } });
  await expect(file.delete({ ifGenerationMatch: generation })).rejects.toMatchObject({ code: 412 });
  await file.delete();
  await expect(file.getMetadata()).rejects.toMatchObject({ code: 404 });
});

test('the client copies in as many steps as the service takes', async () => {
  await bucket
    .file('k')
    .save(whole, { resumable: false, metadata: { contentType: 'text/x', metadata: { hero: 'a' } } });
  ground.fake.rewriteStepBytes = 300 * KIB;
  await bucket.file('k').copy(bucket.file('l'));
  expect(await ground.store.stat('l', never)).toMatchObject({
    sizeBytes: whole.length,
    metadata: { contentType: 'text/x', custom: { hero: 'a' } },
  });
  expect(ground.fake.server.requests.filter(({ path }) => path.includes('rewriteTo'))).toHaveLength(3);
});

test('the client patches metadata, and holds', async () => {
  const file = bucket.file('k');
  await file.save('x', { resumable: false });
  await file.setMetadata({ temporaryHold: true, metadata: { hero: 'b' } });
  expect((await ground.store.stat('k', never))?.metadata).toMatchObject({ temporaryHold: true, custom: { hero: 'b' } });
  await expect(file.delete()).rejects.toMatchObject({ code: 403 });
});

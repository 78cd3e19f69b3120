import { crc32c } from '@node-rs/crc32';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../../../src/stores/memory/memory-store.ts';
import { FakeOperation } from '../../support/fake-operation.ts';
import { contentOf, runBetween } from '../../support/store-transfer.ts';
import { tmpdir } from 'node:os';
import { Code } from '../../../src/core/code.ts';
import { sortingStore } from '../../../src/stores/decorators/sorting-store.ts';
import type { S3Store } from '../../../src/stores/s3/s3-store.ts';
import type { ListPage, ObjectStore } from '../../../src/transfers/object-store.ts';
import type { ObjectRecord } from '../../../src/transfers/object-record.ts';
import type { Upload, UploadPart } from '../../../src/transfers/object-uploads.ts';
import { FAKE_CREDENTIALS } from '../../support/fake-s3/fake-s3.ts';
import { openFakeS3, type S3UnderTest } from '../../support/fake-s3/s3-under-test.ts';

const never = new AbortController().signal;
const MIB = 1024 * 1024;

let under: S3UnderTest;
let store: S3Store;

beforeEach(async () => {
  under = await openFakeS3();
  ({ store } = under);
});
afterEach(() => under.remove());

async function* bytes(size: number, chunk = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size; done += chunk) yield Buffer.alloc(Math.min(chunk, size - done), done / chunk);
}

const put = (key: string, size: number): Promise<ObjectRecord> =>
  store.write(key, bytes(size), { modifyTimeMs: 0, sizeBytes: size, signal: never });

async function sizeOf(body: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of body) size += chunk.length;
  return size;
}

const listing = async (): Promise<string[]> => {
  const keys: string[] = [];
  for await (const page of store.list('', { signal: never })) keys.push(...page.keys);
  return keys;
};

const plan = (
  method: string,
  fault: Parameters<S3UnderTest['fake']['faults']['add']>[0]['fault'],
  parameter?: string,
) => under.fake.faults.add({ method, fault, ...(parameter === undefined ? {} : { parameter }) });

test('a part that is not what its source said on its way to us is refused by the server', async () => {
  const upload = await store.uploads.begin('k', { modifyTimeMs: 0, sizeBytes: 4, signal: never });
  const part = { index: 0, offsetBytes: 0, bytes: Buffer.from('abcd') };
  const damaged = store.uploads.putPart(upload, { ...part, crc32c: crc32c('abce') }, never);
  await expect(damaged).rejects.toMatchObject({ code: Code.DATA_LOSS });
  expect(await store.uploads.putPart(upload, { ...part, crc32c: crc32c('abcd') }, never)).toMatchObject({ index: 0 });
});

describe('reading', () => {
  test('an answer that is cut fails as UNAVAILABLE, and never ends early', async () => {
    await put('k', 100_000);
    plan('GET', { kind: 'cut', atByte: 50_000 });
    await expect(sizeOf(store.read('k', { signal: never }))).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  });

  test('an answer that stalls fails as DEADLINE_EXCEEDED', async () => {
    const impatient = await openFakeS3({}, { webLimits: { stallTimeoutMs: 1000 } });
    try {
      await impatient.store.write('k', bytes(100_000), { modifyTimeMs: 0, signal: never });
      impatient.fake.faults.add({ method: 'GET', fault: { kind: 'stall', atByte: 50_000 } });
      const reading = sizeOf(impatient.store.read('k', { signal: never }));
      await expect(reading).rejects.toMatchObject({ code: Code.DEADLINE_EXCEEDED });
    } finally {
      await impatient.remove();
    }
  });

  test('an object with another etag than the one asked for is refused, also where the server overlooks If-Match', async () => {
    const record = await put('k', 10);
    plan('GET', { kind: 'wrong-etag', etag: 'other' });
    const reading = sizeOf(store.read('k', { expect: record, signal: never }));
    await expect(reading).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION, info: { reason: 'OBJECT_CHANGED' } });
  });
});

/** As one is listed that is not known to list in order. */
function sorted(inner: S3Store): AsyncIterable<ListPage> {
  const capabilities = { ...inner.capabilities, listsInByteOrder: false };
  const unordered = Object.create(inner, {
    capabilities: { value: capabilities },
    list: { value: inner.list.bind(inner) },
  }) as ObjectStore;
  const options = { directory: tmpdir(), sortRunCountMax: 100, sortRunsMax: 2, sortedPageCountMax: 100 };
  return sortingStore(unordered, options).list('', { signal: never });
}

describe('a listing', () => {
  test.each(['cut', 'truncated-document'] as const)(
    'that is %s fails as UNAVAILABLE, and does not end early',
    async (kind) => {
      await put('a', 1);
      await put('b', 1);
      plan('GET', { kind, atByte: 400 });
      await expect(listing()).rejects.toMatchObject({ code: Code.UNAVAILABLE });
      expect(await listing()).toEqual(['a', 'b']);
    },
  );

  test.each([
    ['a page to sign in', '<html><body>login</body></html>'],
    ['an error that came too late for a status', '<Error><Code>InternalError</Code><Message>again</Message></Error>'],
    [
      'a listing of something else',
      '<ListAllMyBucketsResult><IsTruncated>false</IsTruncated></ListAllMyBucketsResult>',
    ],
    ['a listing that does not say whether it goes on', '<ListBucketResult><Name>bucket</Name></ListBucketResult>'],
    ['one that says it in another way', '<ListBucketResult><IsTruncated>perhaps</IsTruncated></ListBucketResult>'],
  ])('is never empty because the answer is %s', async (_, text) => {
    await put('a', 1);
    plan('GET', { kind: 'document', text });
    const malformed = { code: Code.UNAVAILABLE, info: { reason: 'ANSWER_MALFORMED' } };
    await expect(listing()).rejects.toMatchObject(malformed);
    expect(await listing()).toEqual(['a']);
  });

  test('that goes on where it was already fails, and is not asked for ever', async () => {
    const text =
      '<ListBucketResult><Contents><Key>a</Key><Size>1</Size></Contents><IsTruncated>true</IsTruncated>' +
      '<NextContinuationToken>again</NextContinuationToken></ListBucketResult>';
    under.fake.faults.add({ method: 'GET', fault: { kind: 'document', text }, count: 50 });
    await expect(listing()).rejects.toMatchObject({ info: { reason: 'ANSWER_MALFORMED' } });
  });

  test('of uploads that goes on where it was already fails, and is not asked for ever', async () => {
    const text =
      '<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>' +
      '<NextUploadIdMarker>again</NextUploadIdMarker></ListMultipartUploadsResult>';
    under.fake.faults.add({ method: 'GET', fault: { kind: 'document', text }, parameter: 'uploads', count: 50 });
    const uploads = async (): Promise<void> => {
      for await (const _ of store.uploads.list('', never));
    };
    await expect(uploads()).rejects.toMatchObject({ info: { reason: 'ANSWER_MALFORMED' } });
  });

  test.each(['99999999999999999999999', '-5', 'many', ''])(
    'tells of an object of %j bytes that it failed',
    async (size) => {
      const of = (key: string, bytes: string): string => `<Contents><Key>${key}</Key><Size>${bytes}</Size></Contents>`;
      const contents = `${of('a', '1')}${of('b', size)}${of('c', '2')}`;
      const text = `<ListBucketResult>${contents}<IsTruncated>false</IsTruncated></ListBucketResult>`;
      for (const isSorted of [false, true]) {
        plan('GET', { kind: 'document', text });
        const pages: ListPage[] = [];
        for await (const page of isSorted ? sorted(store) : store.list('', { signal: never })) pages.push(page);
        const note = expect.objectContaining({ kind: 'object-failed', key: 'b' }) as unknown;
        expect(pages).toEqual([expect.objectContaining({ keys: ['a', 'c'], notes: [note], noteIndexes: [1] })]);
      }
    },
  );

  test.each([
    ['a name of 1,025 bytes', `b${'x'.repeat(1024)}`],
    ['a name as long as no path can be', `b${'x'.repeat(100_000)}`],
  ])('tells of an object with %s that it failed, and in few words', async (_title, name) => {
    const of = (key: string): string => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`;
    const text = `<ListBucketResult>${of('a')}${of(name)}${of('c')}<IsTruncated>false</IsTruncated></ListBucketResult>`;
    for (const isSorted of [false, true]) {
      plan('GET', { kind: 'document', text });
      const pages: ListPage[] = [];
      for await (const page of isSorted ? sorted(store) : store.list('', { signal: never })) pages.push(page);
      const detail = expect.stringMatching(/^s3:\/\/bucket\/.{0,250}$/) as unknown;
      const cause = { code: Code.INVALID_ARGUMENT, detail };
      const note = { kind: 'object-failed', key: name.slice(0, 4096), cause };
      expect(pages).toEqual([expect.objectContaining({ keys: ['a', 'c'], notes: [note], noteIndexes: [1] })]);
    }
  });

  test('with a name that no path could hold fails that object of a transfer, and the others are copied', async () => {
    await put('a', 3);
    await put('c', 4);
    const of = (key: string, size: number): string => `<Contents><Key>${key}</Key><Size>${size}</Size></Contents>`;
    const contents = `${of('a', 3)}${of('b'.repeat(2_000_000), 1)}${of('c', 4)}`;
    plan('GET', {
      kind: 'document',
      text: `<ListBucketResult>${contents}<IsTruncated>false</IsTruncated></ListBucketResult>`,
    });
    const operation = new FakeOperation();
    const sink = new MemoryStore();
    const running = runBetween({ source: store, sink }, operation.attempt(1n).context);
    await expect(running).rejects.toMatchObject({ info: { reason: 'TRANSFER_OBJECTS_FAILED' } });
    expect([...(await contentOf(sink)).keys()]).toEqual(['a', 'c']);
    const { counters, errorBreakdowns } = operation.state.progress ?? {};
    expect(counters).toMatchObject({ objectsFoundFromSource: 3, objectsCopiedToSink: 2, objectsFromSourceFailed: 1 });
    expect(errorBreakdowns).toMatchObject([{ code: Code.INVALID_ARGUMENT, count: 1 }]);
    // It is written with every step of the operation.
    expect(JSON.stringify(errorBreakdowns).length).toBeLessThan(10_000);
  });

  test('of uploads is never empty because the answer is a page to sign in', async () => {
    plan('GET', { kind: 'document', text: '<html><body>login</body></html>' }, 'uploads');
    const uploads = async (): Promise<void> => {
      for await (const _ of store.uploads.list('', never));
    };
    await expect(uploads()).rejects.toMatchObject({ info: { reason: 'ANSWER_MALFORMED' } });
  });
});

test('a server that is overloaded is RESOURCE_EXHAUSTED, with the time after which to come back', async () => {
  plan('PUT', { kind: 'status', status: 503, code: 'SlowDown', retryAfter: '3' });
  await expect(put('k', 1)).rejects.toMatchObject({
    code: Code.RESOURCE_EXHAUSTED,
    retryDelayMs: 3000,
    info: { reason: 'SLOW_DOWN', metadata: { resource: 's3://bucket/k', serviceCode: 'SlowDown' } },
  });
});

test.each([
  [403, 'AccessDenied', Code.PERMISSION_DENIED],
  [403, 'InvalidAccessKeyId', Code.UNAUTHENTICATED],
  [400, 'ExpiredToken', Code.UNAUTHENTICATED],
  [403, 'InvalidObjectState', Code.FAILED_PRECONDITION],
  [409, 'ConditionalRequestConflict', Code.ABORTED],
  [500, 'InternalError', Code.UNAVAILABLE],
  [400, 'RequestTimeout', Code.DEADLINE_EXCEEDED],
  [400, 'BadDigest', Code.DATA_LOSS],
  [301, 'PermanentRedirect', Code.FAILED_PRECONDITION],
])('%i %s has its code', async (status, serviceCode, code) => {
  plan('PUT', { kind: 'status', status, code: serviceCode });
  await expect(put('k', 1)).rejects.toMatchObject({ code });
});

test('no message holds a secret', async () => {
  plan('PUT', { kind: 'status', status: 403, code: 'SignatureDoesNotMatch' });
  const error = (await put('k', 1).catch((each: unknown) => each)) as Error & { info: unknown };
  const text = `${String(error)} ${JSON.stringify(error.info)}`;
  expect(text).not.toContain(FAKE_CREDENTIALS.secretAccessKey);
  expect(text).not.toContain('AWS4-HMAC');
  expect(text).not.toContain('token');
});

describe('a write too large for one request', () => {
  const SIZE = 20 * MIB + 3;

  test('goes in parts, and comes back whole', async () => {
    const record = await put('k', SIZE);
    expect(record).toMatchObject({ sizeBytes: SIZE });
    expect(record.etag).toMatch(/-3$/);
    expect(await sizeOf(store.read('k', { signal: never }))).toBe(SIZE);
    expect(under.fake.bucket.uploads.size).toBe(0);
    const found = await store.stat('k', never);
    expect(found?.crc32c).toBe(record.crc32c);
    expect(found?.md5).toBeUndefined();
  });

  test('leaves no upload behind when its source breaks', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* bytes(17 * MIB);
      throw new Error('source broke');
    }
    await expect(store.write('k', broken(), { modifyTimeMs: 0, signal: never })).rejects.toThrow('source broke');
    expect([under.fake.bucket.uploads.size, under.fake.bucket.objects.size]).toEqual([0, 0]);
  });

  test('leaves no upload behind when it is aborted', async () => {
    const abort = new AbortController();
    async function* aborting(): AsyncGenerator<Uint8Array> {
      yield* bytes(17 * MIB);
      abort.abort(new Error('enough'));
      yield* bytes(MIB);
    }
    const writing = store.write('k', aborting(), { modifyTimeMs: 0, signal: abort.signal });
    await expect(writing).rejects.toThrow('enough');
    expect([under.fake.bucket.uploads.size, under.fake.bucket.objects.size]).toEqual([0, 0]);
  });

  test('writes nothing when its length is not the one announced', async () => {
    const writing = store.write('k', bytes(17 * MIB), { modifyTimeMs: 0, sizeBytes: 18 * MIB, signal: never });
    await expect(writing).rejects.toMatchObject({ code: Code.DATA_LOSS });
    expect([under.fake.bucket.uploads.size, under.fake.bucket.objects.size]).toEqual([0, 0]);
  });
});

describe('an upload', () => {
  const BODY = Buffer.alloc(6 * MIB, 5);

  async function stage(sum = crc32c(BODY)): Promise<[Upload, UploadPart[], number]> {
    const upload = await store.uploads.begin('k', { modifyTimeMs: 0, sizeBytes: BODY.length, signal: never });
    const part = await store.uploads.putPart(upload, { index: 0, offsetBytes: 0, bytes: BODY }, never);
    return [upload, [part], sum];
  }

  test('that fails in an answer of 200 is not complete', async () => {
    const [upload, parts] = await stage();
    plan('POST', { kind: 'late-error', code: 'InternalError' }, 'uploadId');
    await expect(store.uploads.complete(upload, parts, { signal: never })).rejects.toMatchObject({
      code: Code.UNAVAILABLE,
    });
    expect(await store.stat('k', never)).toBeUndefined();
  });

  test.each([true, false])(
    'whose last answer is lost resolves when it is completed again (with a checksum: %s)',
    async (hasSum) => {
      const [upload, parts, sum] = await stage();
      const options = { signal: never, ...(hasSum ? { crc32c: sum } : {}) };
      plan('POST', { kind: 'lost-answer' }, 'uploadId');
      await expect(store.uploads.complete(upload, parts, options)).rejects.toMatchObject({ code: Code.UNAVAILABLE });
      expect(await store.uploads.complete(upload, parts, options)).toMatchObject({ key: 'k', sizeBytes: BODY.length });
    },
  );

  test('that is unknown is not taken for complete because another object is there', async () => {
    const [upload, parts, sum] = await stage();
    await store.uploads.abort(upload, never);
    await store.write('k', bytes(BODY.length), { modifyTimeMs: 0, sizeBytes: BODY.length, signal: never });
    const completing = store.uploads.complete(upload, parts, { crc32c: sum, signal: never });
    await expect(completing).rejects.toMatchObject({ code: Code.NOT_FOUND, info: { reason: 'UPLOAD_UNKNOWN' } });
  });

  test('whose whole has another checksum is refused', async () => {
    const [upload, parts, sum] = await stage();
    const completing = store.uploads.complete(upload, parts, { crc32c: sum ^ 1, signal: never });
    await expect(completing).rejects.toMatchObject({ code: Code.DATA_LOSS });
    expect(await store.stat('k', never)).toBeUndefined();
  });

  test('whose abort was dropped is still listed', async () => {
    const [upload] = await stage();
    plan('DELETE', { kind: 'dropped' }, 'uploadId');
    expect(await store.uploads.abort(upload, never)).toBe(true);
    const left: Upload[] = [];
    for await (const each of store.uploads.list('', never)) left.push(each);
    expect(left).toMatchObject([upload]);
    expect(left[0]?.beginTimeMs).toBeGreaterThan(Date.now() - 60_000);
    expect(await store.uploads.abort(upload, never)).toBe(true);
  });

  test('is listed over all pages, with odd keys, under its prefix alone', async () => {
    const options = { modifyTimeMs: 0, sizeBytes: 1, signal: never };
    for (const key of ['p/a+b', 'p/a b', 'p/<&>', 'p/\xc3\xa9', 'p/d', 'q']) await store.uploads.begin(key, options);
    const keys: string[] = [];
    for await (const { key } of store.uploads.list('p/', never)) keys.push(key);
    expect(keys).toEqual(['p/<&>', 'p/a b', 'p/a+b', 'p/d', 'p/\xc3\xa9']);
  });
});

test('a request that breaks on its way is UNAVAILABLE', async () => {
  plan('PUT', { kind: 'cut-request' });
  await expect(put('k', 3 * MIB)).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  expect(await listing()).toEqual([]);
});

describe('a copy within the service', () => {
  const metadata = { contentType: 'text/x-tale', custom: { hero: 'née' } };
  let source: ObjectRecord;

  beforeEach(async () => {
    await store.write('from/a b', bytes(6 * MIB), { modifyTimeMs: 0, metadata, signal: never });
    source = (await store.stat('from/a b', never)) ?? source;
    under.fake.requests.length = 0;
  });

  test('takes the bytes and the metadata, and none of them pass here', async () => {
    const record = await store.copyObject(store, source, 'to', { modifyTimeMs: 0, signal: never });
    expect(record).toMatchObject({ key: 'to', sizeBytes: 6 * MIB, metadata });
    expect(under.fake.requests).toEqual(['PUT /bucket/to', 'HEAD /bucket/to']);
  });

  test('takes other metadata when it is given', async () => {
    const other = { custom: { hero: 'b' } };
    const record = await store.copyObject(store, source, 'to', { modifyTimeMs: 0, metadata: other, signal: never });
    expect(record?.metadata).toEqual(other);
  });

  test('goes in parts when it is large', async () => {
    const limits = { copySizeBytesMax: MIB, copyPartSizeBytes: 5 * MIB };
    const small = await under.again({ limits });
    const record = await small.copyObject(small, source, 'to', { modifyTimeMs: 0, signal: never });
    expect(record).toMatchObject({ sizeBytes: 6 * MIB, etag: expect.stringMatching(/-2$/) as unknown });
    expect((await store.stat('to', never))?.metadata).toMatchObject(metadata);
  });

  test.each([false, true])('refuses another source than the one expected (in parts: %s)', async (isInParts) => {
    const copier = isInParts ? await under.again({ limits: { copySizeBytesMax: MIB } }) : store;
    const copying = copier.copyObject(store, { ...source, etag: 'other' }, 'to', { modifyTimeMs: 0, signal: never });
    await expect(copying).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
    expect(await store.stat('to', never)).toBeUndefined();
    expect(under.fake.bucket.uploads.size).toBe(0);
  });

  test.each([0, 6 * MIB])('holds its precondition (%i bytes)', async (sizeBytes) => {
    await store.write('from/0', bytes(sizeBytes), { modifyTimeMs: 0, metadata, signal: never });
    const object = (await store.stat('from/0', never)) ?? source;
    const options = { modifyTimeMs: 0, precondition: { kind: 'absent' } as const, signal: never };
    expect(await store.copyObject(store, object, 'to', options)).toMatchObject({ sizeBytes });
    await expect(store.copyObject(store, object, 'to', options)).rejects.toMatchObject({
      code: Code.FAILED_PRECONDITION,
    });
    expect(under.fake.bucket.uploads.size).toBe(0);
    expect((await store.stat('to', never))?.metadata).toMatchObject(metadata);
  });

  test('that fails in an answer of 200 has failed', async () => {
    plan('PUT', { kind: 'late-error', code: 'InternalError' });
    const copying = store.copyObject(store, source, 'to', { modifyTimeMs: 0, signal: never });
    await expect(copying).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  });

  test('is none from another service', async () => {
    const other = await openFakeS3();
    expect(store.copyObject(other.store, source, 'to', { modifyTimeMs: 0, signal: never })).toBeUndefined();
    await other.remove();
  });
});

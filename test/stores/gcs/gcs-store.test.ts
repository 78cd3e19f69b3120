import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { staticAccessToken, type AccessTokens } from '../../../src/stores/gcs/access-tokens.ts';
import { GcsService } from '../../../src/stores/gcs/gcs-service.ts';
import { MemoryStore } from '../../../src/stores/memory/memory-store.ts';
import { GcsStore } from '../../../src/stores/gcs/gcs-store.ts';
import { byteStringOf } from '../../../src/transfers/byte-string.ts';
import type { ObjectRecord } from '../../../src/transfers/object-record.ts';
import type { ListPage } from '../../../src/transfers/object-store.ts';
import { GcsGround, SMALL_GCS_LIMITS } from '../../support/fake-gcs/gcs-ground.ts';

const never = new AbortController().signal;
const KIB = 1024;

async function* once(bytes: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(bytes);
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of body) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

/** Bytes of which no two stretches are alike. */
function noise(sizeBytes: number): Buffer {
  return Buffer.from(Uint32Array.from({ length: Math.ceil(sizeBytes / 4) }, (_, i) => i * 2654435761).buffer).subarray(
    0,
    sizeBytes,
  );
}

describe('a store of Google Cloud Storage', () => {
  let ground: GcsGround;
  let store: GcsStore;
  beforeEach(async () => {
    ground = await GcsGround.open();
    ({ store } = ground);
  });
  afterEach(() => ground.close());

  const put = (key: string, bytes: Uint8Array | string = key): Promise<ObjectRecord> =>
    store.write(byteStringOf(key), once(bytes), { modifyTimeMs: 0, signal: never });

  const asked = (): readonly string[] => ground.fake.server.requests.map(({ method, path }) => `${method} ${path}`);

  async function pagesOf(prefix = '', startAfter?: string): Promise<ListPage[]> {
    const options = { signal: never, ...(startAfter === undefined ? {} : { startAfter }) };
    const pages: ListPage[] = [];
    for await (const page of store.list(prefix, options)) pages.push(page);
    return pages;
  }

  test('writes a small object with one request, which carries its checksum', async () => {
    await put('k', 'hello');
    expect(asked()).toEqual(['POST /upload/storage/v1/b/b/o']);
    expect(ground.fake.server.requests[0]?.body.toString()).toContain('"crc32c":"mnG7TA=="');
  });

  test('keeps all that it knows of metadata', async () => {
    const metadata = {
      contentType: 'text/x-tale',
      cacheControl: 'no-store',
      contentDisposition: 'attachment',
      contentEncoding: 'identity',
      contentLanguage: 'fr',
      customTimeMs: 1.7e12,
      storageClass: 'NEARLINE',
      temporaryHold: true,
      kmsKey: 'projects/p/locations/l/keyRings/r/cryptoKeys/k',
      custom: { hero: 'née' },
    };
    const written = await store.write('k', once('x'), { modifyTimeMs: 0, metadata, signal: never });
    expect(written.metadata).toEqual(metadata);
    expect((await store.stat('k', never))?.metadata).toEqual(metadata);
    const larger = await store.write('l', once(noise(300 * KIB)), { modifyTimeMs: 0, metadata, signal: never });
    expect(larger.metadata).toEqual(metadata);
  });

  test('reads the generation that is expected, and asks for stored bytes as they are', async () => {
    const { etag = '', ...record } = await put('k', 'hello');
    await bytesOf(store.read('k', { expect: { ...record, etag }, signal: never }));
    const read = ground.fake.server.requests.at(-1);
    expect(read?.query.get('ifGenerationMatch')).toBe(etag);
    expect(read?.headers['accept-encoding']).toBe('gzip');
    expect(asked()).toHaveLength(2);
  });

  test('reads the object that it has told of, though it is replaced meanwhile', async () => {
    await put('k', 'first');
    const told: ObjectRecord[] = [];
    const replaced = ground.fake.bucket('b');
    const reading = store.read('k', {
      signal: never,
      onRecord: (record) => {
        told.push(record);
        replaced.put('k', Buffer.from('other'), {}, new URLSearchParams());
      },
    });
    await expect(bytesOf(reading)).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
    expect(told).toHaveLength(1);
  });

  test('lists page by page, with hashes and metadata, and asks for nothing else', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await put(key);
    const before = asked().length;
    const pages = await pagesOf();
    expect(pages.map(({ keys }) => keys)).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
    expect(pages[0]?.crc32cs?.[0]).toBe((await store.stat('a', never))?.crc32c);
    expect(pages[0]?.metadata?.[0]).toMatchObject({ contentType: 'application/octet-stream' });
    expect(asked().slice(before, -1)).toEqual(['GET /storage/v1/b/b/o', 'GET /storage/v1/b/b/o']);
  });

  test('begins a listing at startAfter itself, which it leaves out, and not at the beginning', async () => {
    for (const key of ['a', 'b', 'c']) await put(key);
    expect((await pagesOf('', 'b')).flatMap(({ keys }) => keys)).toEqual(['c']);
    expect(ground.fake.server.requests.at(-1)?.query.get('startOffset')).toBe('b');
  });

  test('lists behind a key that is no UTF-8, and below a prefix that ends within a character', async () => {
    for (const key of ['a', 'é', 'è', 'z']) await put(key);
    expect((await pagesOf('', 'a\xff')).flatMap(({ keys }) => keys)).toEqual([
      'z',
      byteStringOf('è'),
      byteStringOf('é'),
    ]);
    expect((await pagesOf('\xc3')).flatMap(({ keys }) => keys)).toEqual([byteStringOf('è'), byteStringOf('é')]);
  });

  test('says that a bucket is not there', async () => {
    const location = { bucket: 'none', path: '', endpoint: ground.fake.server.origin };
    const none = new GcsStore({ service: ground.service, location, limits: SMALL_GCS_LIMITS });
    const listing = none.list('', { signal: never })[Symbol.asyncIterator]();
    await expect(listing.next()).rejects.toMatchObject({
      code: Code.NOT_FOUND,
      message: expect.stringMatching(/gs:\/\/none\//),
    });
  });

  test('leaves out the object that stands for its path, and what lies outside', async () => {
    const bucket = ground.fake.bucket('b');
    for (const name of ['d/', 'd/k', 'dx']) bucket.put(name, Buffer.from('x'), {}, new URLSearchParams());
    const location = { bucket: 'b', path: 'd/', endpoint: ground.fake.server.origin };
    const below = new GcsStore({ service: ground.service, location, limits: SMALL_GCS_LIMITS });
    const keys: string[] = [];
    for await (const page of below.list('', { signal: never })) keys.push(...page.keys);
    expect(keys).toEqual(['k']);
  });

  test.each(['\xff', 'a\nb', '..', 'x'.repeat(1025)])('refuses a key that no object can have: %j', async (key) => {
    await expect(put(key === '\xff' ? '' : key).catch((error: unknown) => error)).resolves.toMatchObject({
      code: Code.INVALID_ARGUMENT,
      info: { reason: 'OBJECT_NAME_UNUSABLE' },
    });
    await expect(store.stat(key, never).catch((error: unknown) => error)).resolves.toMatchObject({
      code: Code.INVALID_ARGUMENT,
    });
    expect(asked()).toEqual([]);
  });

  test('says that an object is held when it is to be deleted', async () => {
    const metadata = { temporaryHold: true, custom: {} };
    await store.write('k', once('x'), { modifyTimeMs: 0, metadata, signal: never });
    await expect(store.delete('k', never)).rejects.toMatchObject({ code: Code.PERMISSION_DENIED });
  });

  describe('that is given a larger object', () => {
    const whole = noise(1500 * KIB + 7);

    test('sends it in chunks of one session, and shows it whole', async () => {
      const record = await put('k', whole);
      expect(record).toMatchObject({ sizeBytes: whole.length });
      expect(whole.equals(await bytesOf(store.read('k', { signal: never })))).toBe(true);
      const ranges = ground.fake.server.requests.map(({ headers }) => headers['content-range']).filter((text) => text);
      expect(ranges).toEqual([
        `bytes 0-${256 * KIB - 1}/*`,
        `bytes ${256 * KIB}-${768 * KIB - 1}/*`,
        `bytes ${768 * KIB}-${1280 * KIB - 1}/*`,
        `bytes ${1280 * KIB}-${whole.length - 1}/${whole.length}`,
      ]);
    });

    test('sends again what the service did not keep of a chunk', async () => {
      ground.fake.sessions.keptBytesMax = 256 * KIB;
      await put('k', whole);
      expect(whole.equals(await bytesOf(store.read('k', { signal: never })))).toBe(true);
    });

    test('gives up when the service keeps nothing of a chunk', async () => {
      ground.fake.sessions.keptBytesMax = 0;
      await expect(put('k', whole)).rejects.toMatchObject({ code: Code.UNAVAILABLE });
      expect(ground.fake.sessions.openCount).toBe(0);
    });

    test.each([whole.length - 1, whole.length + 1, 300 * KIB])(
      'refuses it when %d bytes were announced',
      async (sizeBytes) => {
        const writing = store.write('k', once(whole), { modifyTimeMs: 0, sizeBytes, signal: never });
        await expect(writing).rejects.toMatchObject({ code: Code.DATA_LOSS });
        expect(ground.fake.sessions.openCount).toBe(0);
        expect(await store.stat('k', never)).toBeUndefined();
      },
    );

    test('removes the session when the source breaks, and when it is aborted', async () => {
      const abort = new AbortController();
      async function* breaking(stop: () => void): AsyncGenerator<Uint8Array> {
        yield whole;
        stop();
        yield whole;
      }
      const fail = (): void => {
        throw new Error('source broke');
      };
      const broken = store.write('k', breaking(fail), { modifyTimeMs: 0, signal: never });
      await expect(broken).rejects.toThrow('source broke');
      expect(ground.fake.sessions.openCount).toBe(0);
      const stopped = store.write(
        'k',
        breaking(() => abort.abort(new Error('enough'))),
        {
          modifyTimeMs: 0,
          signal: abort.signal,
        },
      );
      await expect(stopped).rejects.toThrow('enough');
      expect(ground.fake.sessions.openCount).toBe(0);
      expect(await store.stat('k', never)).toBeUndefined();
    });

    test('writes it only where nothing is, when that is asked', async () => {
      await put('k', 'old');
      const precondition = { kind: 'absent' } as const;
      const writing = store.write('k', once(whole), { modifyTimeMs: 0, precondition, signal: never });
      await expect(writing).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
      expect((await bytesOf(store.read('k', { signal: never }))).toString()).toBe('old');
    });
  });

  describe('that copies within the service', () => {
    test('goes on until the service is done, and takes the metadata over', async () => {
      const metadata = { contentType: 'text/x-tale', custom: { hero: 'a' } };
      const whole = noise(100 * KIB);
      const source = await store.write('k', once(whole), { modifyTimeMs: 0, metadata, signal: never });
      ground.fake.rewriteStepBytes = 30 * KIB;
      const copy = await store.copyObject(store, source, 'l', { modifyTimeMs: 0, signal: never });
      expect(copy).toMatchObject({ key: 'l', sizeBytes: whole.length, metadata });
      expect(asked().filter((line) => line.includes('rewriteTo'))).toHaveLength(4);
      expect(whole.equals(await bytesOf(store.read('l', { signal: never })))).toBe(true);
    });

    test('gives the copy other metadata when it is told', async () => {
      const source = await put('k');
      const metadata = { contentType: 'text/other', custom: { from: 'k' } };
      const copy = await store.copyObject(store, source, 'l', { modifyTimeMs: 0, metadata, signal: never });
      expect(copy?.metadata).toMatchObject(metadata);
    });

    test('copies neither another source than the one expected nor over another sink', async () => {
      const first = await put('k', 'first');
      await put('k', 'second');
      await put('l', 'old');
      const changed = store.copyObject(store, first, 'm', { modifyTimeMs: 0, signal: never });
      await expect(changed).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
      const second = (await store.stat('k', never)) ?? first;
      const precondition = { kind: 'absent' } as const;
      const taken = store.copyObject(store, second, 'l', { modifyTimeMs: 0, precondition, signal: never });
      await expect(taken).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
    });

    test('copies between two stores of one identity, and leaves those of two to others', async () => {
      const record = await put('k');
      const storeOf = (tokens: AccessTokens): GcsStore => {
        const endpoint = ground.fake.server.origin;
        const service = new GcsService(ground.client, tokens, endpoint);
        return new GcsStore({ service, location: { bucket: 'b', path: '', endpoint }, limits: SMALL_GCS_LIMITS });
      };
      const [mine, alsoMine, yours] = ['t', 't', 'u'].map((token) => storeOf(staticAccessToken(token)));
      const options = { modifyTimeMs: 0, signal: never };
      expect(await alsoMine?.copyObject(mine ?? store, record, 'l', options)).toMatchObject({ key: 'l' });
      expect(yours?.copyObject(mine ?? store, record, 'm', options)).toBeUndefined();
    });

    test('leaves copies from elsewhere to others', async () => {
      const record = await put('k');
      expect(store.copyObject(new MemoryStore(), record, 'l', { modifyTimeMs: 0, signal: never })).toBeUndefined();
      const other = await GcsGround.open({ accessTokens: () => staticAccessToken('t') });
      try {
        expect(store.copyObject(other.store, record, 'l', { modifyTimeMs: 0, signal: never })).toBeUndefined();
      } finally {
        await other.close();
      }
    });
  });
});

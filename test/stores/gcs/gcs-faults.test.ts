import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ListPage } from '../../../src/transfers/object-store.ts';
import { Code } from '../../../src/core/code.ts';
import type { GcsStore } from '../../../src/stores/gcs/gcs-store.ts';
import { GcsStore as OtherStore } from '../../../src/stores/gcs/gcs-store.ts';
import type { AccessTokens } from '../../../src/stores/gcs/access-tokens.ts';
import type { ObjectRecord } from '../../../src/transfers/object-record.ts';
import type { Upload, UploadPart } from '../../../src/transfers/object-uploads.ts';
import { GcsGround, SMALL_GCS_LIMITS } from '../../support/fake-gcs/gcs-ground.ts';
import type { FakeRequest } from '../../support/scripted-server.ts';

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

const isMedia = ({ query, method }: FakeRequest): boolean => method === 'GET' && query.get('alt') === 'media';
const isPut = ({ method }: FakeRequest): boolean => method === 'PUT';
const isLastPut = ({ method, headers }: FakeRequest): boolean =>
  method === 'PUT' && /\/\d+$/.test(headers['content-range'] ?? '');
const isAny = (): boolean => true;

describe('a store of Google Cloud Storage, when something goes wrong', () => {
  let ground: GcsGround;
  let store: GcsStore;
  beforeEach(async () => {
    ground = await GcsGround.open({ webLimits: { stallTimeoutMs: 1000, responseTimeoutMs: 60_000 } });
    ({ store } = ground);
  });
  afterEach(() => ground.close());

  const put = (key: string, bytes: Uint8Array | string = key): Promise<ObjectRecord> =>
    store.write(key, once(bytes), { modifyTimeMs: 0, signal: never });

  test('a read that is cut is a failure, never an object that is shorter', async () => {
    const record = await put('k', Buffer.alloc(200 * KIB, 'x'));
    ground.fake.server.fail(isMedia, { kind: 'cut', afterBytes: 100 * KIB });
    await expect(bytesOf(store.read('k', { expect: record, signal: never }))).rejects.toMatchObject({
      code: Code.UNAVAILABLE,
    });
  });

  test.each([
    ['an object of nothing', '{}'],
    ['a page to sign in', '<html><body>login</body></html>'],
    ['a list of something else', '{"kind":"storage#buckets"}'],
    ['items that are none', '{"kind":"storage#objects","items":7}'],
    ['items without names', '{"kind":"storage#objects","items":[null,{}]}'],
    ['a token that is none', '{"kind":"storage#objects","nextPageToken":7}'],
  ])('a listing is never empty because the answer is %s', async (_, body) => {
    await put('k');
    ground.fake.server.fail(isAny, { kind: 'answer', answer: { status: 200, body } });
    const listing = async (): Promise<void> => {
      for await (const _page of store.list('', { signal: never }));
    };
    const malformed = { code: Code.UNAVAILABLE, info: { reason: 'ANSWER_MALFORMED' } };
    await expect(listing()).rejects.toMatchObject(malformed);
  });

  const WHOLE = { size: '1', generation: '7', updated: '2026-01-01T00:00:00Z' };

  test.each([
    ['a name of 1,025 bytes', { name: `b${'é'.repeat(512)}` }, Code.INVALID_ARGUMENT],
    ['a name as long as no path can be', { name: `b${'x'.repeat(100_000)}` }, Code.INVALID_ARGUMENT],
    ['no size', { size: undefined }, Code.INTERNAL],
    ['a negative size', { size: '-1' }, Code.INTERNAL],
    ['a size above 2^53', { size: '9007199254740993' }, Code.INTERNAL],
    ['a size that is no text', { size: {} }, Code.INTERNAL],
    ['no generation', { generation: undefined }, Code.INTERNAL],
    ['a time that is no text', { updated: 5 }, Code.INTERNAL],
    ['metadata that is none', { metadata: { a: {} } }, Code.INTERNAL],
    ['access that is none', { acl: [null] }, Code.INTERNAL],
  ])('an object that is listed with %s fails by itself', async (_, wrong, code) => {
    const items = [
      { ...WHOLE, name: 'a' },
      { ...WHOLE, name: 'b', ...wrong },
      { ...WHOLE, name: 'c' },
    ];
    const body = JSON.stringify({ kind: 'storage#objects', items });
    ground.fake.server.fail(isAny, { kind: 'answer', answer: { status: 200, body } });
    const pages: ListPage[] = [];
    for await (const page of store.list('', { signal: never })) pages.push(page);
    const cause = expect.objectContaining({ code }) as unknown;
    const note = { kind: 'object-failed', key: expect.stringMatching(/^b[^]{0,4095}$/) as unknown, cause };
    expect(pages).toEqual([expect.objectContaining({ keys: ['a', 'c'], notes: [note], noteIndexes: [1] })]);
  });

  test('a listing that goes on where it was already fails, and is not asked for ever', async () => {
    const body = '{"kind":"storage#objects","nextPageToken":"again"}';
    ground.fake.server.fail(isAny, { kind: 'answer', answer: { status: 200, body } }, 50);
    const listing = async (): Promise<void> => {
      for await (const _page of store.list('', { signal: never }));
    };
    await expect(listing()).rejects.toMatchObject({ info: { reason: 'ANSWER_MALFORMED' } });
  });

  test('a read that stalls ends', async () => {
    await put('k', Buffer.alloc(200 * KIB, 'x'));
    ground.fake.server.fail(isMedia, { kind: 'stall' });
    await expect(bytesOf(store.read('k', { signal: never }))).rejects.toMatchObject({ code: Code.DEADLINE_EXCEEDED });
  });

  test('a read that drips comes whole', async () => {
    const whole = Buffer.from('a drop at a time');
    await put('k', whole);
    ground.fake.server.fail(isMedia, {
      kind: 'drip',
      pieceBytes: 3,
      release: () => new Promise((resolve) => setImmediate(resolve)),
    });
    expect(whole.equals(await bytesOf(store.read('k', { signal: never })))).toBe(true);
  });

  test('a read of another generation than the one asked for is noticed where the service does not look', async () => {
    const record = await put('k', 'first');
    const answer = { status: 200, headers: { 'x-goog-generation': '1' }, body: 'other' };
    ground.fake.server.fail(isMedia, { kind: 'answer', answer });
    await expect(bytesOf(store.read('k', { expect: record, signal: never }))).rejects.toMatchObject({
      code: Code.FAILED_PRECONDITION,
    });
  });

  test('what the service says when it is overloaded reaches the caller', async () => {
    ground.fake.server.fail(isAny, { kind: 'answer', answer: { status: 503, headers: { 'retry-after': '7' } } });
    await expect(put('k')).rejects.toMatchObject({ code: Code.UNAVAILABLE, retryDelayMs: 7000 });
    const body = JSON.stringify({ error: { message: 'slow', errors: [{ reason: 'rateLimitExceeded' }] } });
    ground.fake.server.fail(isAny, { kind: 'answer', answer: { status: 403, body } });
    await expect(put('k')).rejects.toMatchObject({ code: Code.RESOURCE_EXHAUSTED });
    ground.fake.server.fail(isAny, { kind: 'answer', answer: { status: 409 } });
    await expect(put('k')).rejects.toMatchObject({ code: Code.ABORTED });
  });

  test('bytes that the service did not get as they were sent are DATA_LOSS', async () => {
    const message = 'Provided CRC32C "a" doesn\'t match calculated CRC32C "b".';
    const answer = { status: 400, body: JSON.stringify({ error: { message, errors: [{ reason: 'invalid' }] } }) };
    ground.fake.server.fail(isAny, { kind: 'answer', answer });
    await expect(put('k')).rejects.toMatchObject({ code: Code.DATA_LOSS });
  });

  test('a damaged object is removed again where the service does not look at checksums', async () => {
    const { resource } = ground.fake.bucket('b').put('k', Buffer.from('xxxxx'), {}, new URLSearchParams());
    ground.fake.server.fail(({ method }) => method === 'POST', {
      kind: 'answer',
      answer: { status: 200, body: JSON.stringify(resource) },
    });
    await expect(put('k', 'hello')).rejects.toMatchObject({ code: Code.DATA_LOSS });
    expect(await store.stat('k', never)).toBeUndefined();
  });

  test('a session is removed when a chunk fails', async () => {
    ground.fake.server.fail(isPut, { kind: 'answer', answer: { status: 503 } });
    await expect(put('k', Buffer.alloc(700 * KIB))).rejects.toMatchObject({ code: Code.UNAVAILABLE });
    expect(ground.fake.sessions.openCount).toBe(0);
  });

  test('an answer that is no JSON is no success', async () => {
    ground.fake.server.fail(isAny, { kind: 'answer', answer: { status: 200, body: '<html>' } });
    await expect(put('k')).rejects.toMatchObject({ code: Code.INTERNAL });
  });

  describe('with an upload in parts', () => {
    const bodies = [Buffer.alloc(256 * KIB, 'a'), Buffer.alloc(512 * KIB, 'b'), Buffer.alloc(100 * KIB, 'c')];
    const whole = Buffer.concat(bodies);
    let upload: Upload;
    beforeEach(async () => {
      upload = await store.uploads.begin('k', { modifyTimeMs: 0, sizeBytes: whole.length, signal: never });
    });

    const putPart = (index: number, from = store): Promise<UploadPart> => {
      const offsetBytes = Buffer.concat(bodies.slice(0, index)).length;
      return from.uploads.putPart(upload, { index, offsetBytes, bytes: bodies[index] ?? Buffer.alloc(0) }, never);
    };
    const putAll = async (from = store): Promise<UploadPart[]> => {
      const parts: UploadPart[] = [];
      for (const index of bodies.keys()) parts.push(await putPart(index, from));
      return parts;
    };
    const sentBytes = (): number =>
      ground.fake.server.requests.filter(isPut).reduce((size, { body }) => size + body.length, 0);
    const another = (): OtherStore => {
      const location = { bucket: 'b', path: '', endpoint: ground.fake.server.origin };
      return new OtherStore({ service: ground.service, location, limits: SMALL_GCS_LIMITS });
    };

    test('the answer to a part is lost: it is not sent a second time', async () => {
      ground.fake.server.fail(isPut, { kind: 'lose-answer' });
      await expect(putPart(0)).rejects.toMatchObject({ code: Code.UNAVAILABLE });
      await putPart(0);
      expect(sentBytes()).toBe(256 * KIB);
    });

    test('a part breaks half-way: it can be sent again', async () => {
      ground.fake.server.fail(isPut, { kind: 'cut-request', afterBytes: 64 * KIB });
      await expect(putPart(0)).rejects.toMatchObject({ code: Code.UNAVAILABLE });
      await store.uploads.complete(upload, await putAll(), { signal: never });
      expect(whole.equals(await bytesOf(store.read('k', { signal: never })))).toBe(true);
    });

    test('the answer to the completion is lost: repeated, it resolves with the object that is there', async () => {
      const parts = await putAll();
      ground.fake.server.fail(isLastPut, { kind: 'lose-answer' });
      const complete = (): Promise<ObjectRecord> => store.uploads.complete(upload, parts, { signal: never });
      await expect(complete()).rejects.toMatchObject({ code: Code.UNAVAILABLE });
      expect(await complete()).toMatchObject({ key: 'k', sizeBytes: whole.length });
      expect(ground.fake.server.requests.filter(isLastPut)).toHaveLength(1);
    });

    test('the service keeps less than it was sent: the rest is sent again', async () => {
      ground.fake.sessions.keptBytesMax = 256 * KIB;
      await store.uploads.complete(upload, await putAll(), { signal: never });
      expect(whole.equals(await bytesOf(store.read('k', { signal: never })))).toBe(true);
    });

    test('a server that makes an object of half an upload, when it is asked how far it is, has it removed again', async () => {
      const parts = await putAll();
      const half = ground.fake.bucket('b').put('k', Buffer.from('half'), {}, new URLSearchParams());
      const completing = store.uploads.complete({ ...upload, id: `${upload.id}&again` }, parts, { signal: never });
      ground.fake.server.fail(isPut, { kind: 'answer', answer: { status: 200, body: JSON.stringify(half.resource) } });
      await expect(completing).rejects.toMatchObject({ code: Code.DATA_LOSS });
      expect(await store.stat('k', never)).toBeUndefined();
    });

    test('a part comes before those in front of it: it is refused', async () => {
      await expect(putPart(1)).rejects.toMatchObject({ info: { reason: 'UPLOAD_OUT_OF_ORDER' } });
    });

    test('another process goes on where the first one stopped', async () => {
      await putPart(0);
      const other = another();
      const parts = await putAll(other);
      await other.uploads.complete(upload, parts, { signal: never });
      expect(sentBytes()).toBe(whole.length);
      expect(whole.equals(await bytesOf(store.read('k', { signal: never })))).toBe(true);
    });

    test('another process cannot complete what it has no end of: the upload is unknown, and gone', async () => {
      const parts = await putAll();
      const completing = another().uploads.complete(upload, parts, { signal: never });
      await expect(completing).rejects.toMatchObject({ code: Code.NOT_FOUND, info: { reason: 'UPLOAD_UNKNOWN' } });
      expect(ground.fake.sessions.openCount).toBe(0);
    });

    test('another process learns that it was completed', async () => {
      const parts = await putAll();
      await store.uploads.complete(upload, parts, { signal: never });
      const again = await another().uploads.complete(upload, parts, { signal: never });
      expect(again).toMatchObject({ key: 'k', sizeBytes: whole.length });
    });

    test('the session is gone: NOT_FOUND', async () => {
      ground.fake.server.fail(isPut, { kind: 'answer', answer: { status: 410 } });
      await expect(putPart(0)).rejects.toMatchObject({ code: Code.NOT_FOUND, info: { reason: 'UPLOAD_UNKNOWN' } });
    });

    test('a completion whose checksum is not that of the bytes shows nothing', async () => {
      const parts = await putAll();
      const completing = store.uploads.complete(upload, parts, { crc32c: 1, signal: never });
      await expect(completing).rejects.toMatchObject({ code: Code.DATA_LOSS });
      expect(await store.stat('k', never)).toBeUndefined();
    });

    test('the service names another host for the session: it is asked where it always was', async () => {
      const location = 'http://elsewhere.example/upload/storage/v1/b/b/o?upload_id=session-1';
      ground.fake.server.fail(isAny, { kind: 'answer', answer: { status: 200, headers: { location } } });
      const named = await store.uploads.begin('k', { modifyTimeMs: 0, sizeBytes: 1, signal: never });
      expect(named.id).toBe('/upload/storage/v1/b/b/o?upload_id=session-1');
    });
  });
});

describe('a store of Google Cloud Storage with tokens', () => {
  const tokens = (...texts: string[]): AccessTokens & { readonly refused: string[] } => {
    const refused: string[] = [];
    return {
      refused,
      identity: 'test',
      get: () => Promise.resolve(texts[refused.length] ?? texts.at(-1)),
      refuse: (token) => refused.push(token) > 0,
    };
  };

  test('renews a token that is refused, once', async () => {
    const given = tokens('expired', 'good');
    const ground = await GcsGround.open({ tokens: new Set(['good']), accessTokens: () => given });
    try {
      await ground.store.write('k', once('x'), { modifyTimeMs: 0, signal: never });
      expect(given.refused).toEqual(['expired']);
      expect((await bytesOf(ground.store.read('k', { signal: never }))).toString()).toBe('x');
    } finally {
      await ground.close();
    }
  });

  test('says that its credentials are refused when the next token is, too', async () => {
    const ground = await GcsGround.open({ tokens: new Set(['good']), accessTokens: () => tokens('bad', 'worse') });
    try {
      const writing = ground.store.write('k', once('x'), { modifyTimeMs: 0, signal: never });
      const failure = await writing.catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: Code.UNAUTHENTICATED });
      expect(JSON.stringify(failure) + String(failure)).not.toMatch(/bad|worse/);
      expect(ground.fake.server.requests).toHaveLength(2);
    } finally {
      await ground.close();
    }
  });
});

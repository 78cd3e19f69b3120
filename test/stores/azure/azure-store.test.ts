import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Code } from '../../../src/core/code.ts';
import type { AzureStore } from '../../../src/stores/azure/azure-store.ts';
import { readAzureListPage } from '../../../src/stores/azure/list-page.ts';
import { decodeMetadataName, encodeMetadataName } from '../../../src/stores/azure/metadata-names.ts';
import { provenanceOf, provenancePairs } from '../../../src/transfers/provenance.ts';
import type { ObjectRecord } from '../../../src/transfers/object-record.ts';
import { objectStoreContract } from '../../contract/object-store.contract.ts';
import { AzureGround } from '../../support/fake-azure/azure-ground.ts';
import type { FakeRequest } from '../../support/scripted-server.ts';

const never = new AbortController().signal;

async function* once(bytes: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(bytes);
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of body) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

for (const path of ['', 'some/päth/']) {
  objectStoreContract(`AzureStore below '${path}'`, async () => {
    const ground = await AzureGround.open({ path });
    return { store: ground.store, remove: () => ground.close() };
  });
}

describe('a store of Azure Blob Storage', () => {
  let ground: AzureGround;
  let store: AzureStore;
  beforeEach(async () => {
    ground = await AzureGround.open();
    ({ store } = ground);
  });
  afterEach(() => ground.close());

  const put = (key: string, bytes: Uint8Array | string = key): Promise<ObjectRecord> =>
    store.write(key, once(bytes), { modifyTimeMs: 0, signal: never });
  const isCommit = ({ method, query }: FakeRequest): boolean => method === 'PUT' && query.get('comp') === 'blocklist';

  test('lists pages with MD5s, ETags and metadata, so that nothing else need be asked', async () => {
    const metadata = { contentType: 'text/x-tale', custom: provenancePairs({ modifyTimeMs: 1.6e12 + 0.25 }) };
    for (const key of ['a', 'b', 'c', 'd'])
      await store.write(key, once('hello'), { modifyTimeMs: 0, metadata, signal: never });
    const before = ground.fake.server.requests.length;
    const pages = [];
    for await (const page of store.list('', { signal: never })) pages.push(page);
    expect(pages.map(({ keys }) => keys)).toEqual([['a', 'b', 'c'], ['d']]);
    expect(pages[0]?.md5s?.[0]).toBe('5d41402abc4b2a76b9719d911017c592');
    expect(pages[0]?.etags?.[0]).toBe((await store.stat('a', never))?.etag);
    expect(provenanceOf(pages[0]?.metadata?.[0])).toEqual({ modifyTimeMs: 1.6e12 + 0.25, isWholeSeconds: false });
    expect(ground.fake.server.requests).toHaveLength(before + 3);
  });

  test.each([
    ['a page to sign in', '<html><body>login</body></html>'],
    ['an error that came too late for a status', '<Error><Code>InternalError</Code></Error>'],
  ])('never lists nothing because the answer is %s', async (_, body) => {
    await put('k');
    ground.fake.server.fail(({ query }) => query.get('comp') === 'list', {
      kind: 'answer',
      answer: { status: 200, body },
    });
    const listing = async (): Promise<void> => {
      for await (const _page of store.list('', { signal: never }));
    };
    const malformed = { code: Code.UNAVAILABLE, info: { reason: 'ANSWER_MALFORMED' } };
    await expect(listing()).rejects.toMatchObject(malformed);
  });

  test('does not ask for ever for a listing that goes on where it was already', async () => {
    const body = '<EnumerationResults><Blobs/><NextMarker>again</NextMarker></EnumerationResults>';
    const answer = { status: 200, body };
    ground.fake.server.fail(({ query }) => query.get('comp') === 'list', { kind: 'answer', answer }, 50);
    const listing = async (): Promise<void> => {
      for await (const _page of store.list('', { signal: never }));
    };
    await expect(listing()).rejects.toMatchObject({ info: { reason: 'ANSWER_MALFORMED' } });
  });

  test.each([
    ['without a size', 'b', '-5'],
    ['with a name that is longer than any can be', 'b'.repeat(3073), '5'],
  ])('tells of a blob %s that it failed', async (_, name, size) => {
    const blob = `<Blob><Name>${name}</Name><Properties><Content-Length>${size}</Content-Length></Properties></Blob>`;
    const body = `<EnumerationResults><Blobs>${blob}</Blobs><NextMarker/></EnumerationResults>`;
    ground.fake.server.fail(({ query }) => query.get('comp') === 'list', {
      kind: 'answer',
      answer: { status: 200, body },
    });
    const pages = [];
    for await (const page of store.list('', { signal: never })) pages.push(page);
    expect(pages).toMatchObject([{ keys: [], notes: [{ kind: 'object-failed', key: name }], noteIndexes: [0] }]);
  });

  test('writes a larger blob in blocks, which nobody sees until all are there', async () => {
    const whole = Buffer.from(Array.from({ length: 2500 }, (_, i) => i % 251));
    const metadata = { contentType: 'text/x-tale', custom: { hero: 'née' } };
    const record = await store.write('k', once(whole), { modifyTimeMs: 0, metadata, signal: never });
    expect(record).toMatchObject({ sizeBytes: 2500, metadata });
    expect(whole.equals(await bytesOf(store.read('k', { signal: never })))).toBe(true);
    expect(ground.fake.server.requests.filter(({ query }) => query.get('comp') === 'block')).toHaveLength(3);
  });

  test('after a lost answer to the list of blocks, a repeat finds the blob that is there', async () => {
    const precondition = { kind: 'absent' } as const;
    const upload = await store.uploads.begin('k', { modifyTimeMs: 0, sizeBytes: 5, precondition, signal: never });
    const part = await store.uploads.putPart(upload, { index: 0, offsetBytes: 0, bytes: Buffer.from('hello') }, never);
    const complete = (): Promise<ObjectRecord> =>
      store.uploads.complete(upload, [part], { precondition, signal: never });
    ground.fake.server.fail(isCommit, { kind: 'lose-answer' });
    await expect(complete()).rejects.toMatchObject({ code: Code.UNAVAILABLE });
    expect(await complete()).toMatchObject({ key: 'k', sizeBytes: 5 });
  });

  test("somebody else's blob stands in the way of an upload that wants nothing there", async () => {
    const precondition = { kind: 'absent' } as const;
    const upload = await store.uploads.begin('k', { modifyTimeMs: 0, sizeBytes: 5, precondition, signal: never });
    const part = await store.uploads.putPart(upload, { index: 0, offsetBytes: 0, bytes: Buffer.from('hello') }, never);
    await put('k', 'other');
    await expect(store.uploads.complete(upload, [part], { precondition, signal: never })).rejects.toMatchObject({
      code: Code.FAILED_PRECONDITION,
    });
  });

  test('an upload whose blocks the service has forgotten is unknown', async () => {
    const upload = await store.uploads.begin('k', { modifyTimeMs: 0, sizeBytes: 5, signal: never });
    const part = await store.uploads.putPart(upload, { index: 0, offsetBytes: 0, bytes: Buffer.from('hello') }, never);
    ground.fake.blocks.clear();
    await expect(store.uploads.complete(upload, [part], { signal: never })).rejects.toMatchObject({
      code: Code.NOT_FOUND,
      info: { reason: 'UPLOAD_UNKNOWN' },
    });
  });

  test('bytes that arrive otherwise than they were sent are DATA_LOSS', async () => {
    const answer = { status: 400, headers: { 'x-ms-error-code': 'Md5Mismatch' } };
    ground.fake.server.fail(() => true, { kind: 'answer', answer });
    await expect(put('k')).rejects.toMatchObject({ code: Code.DATA_LOSS });
  });

  test('a range that begins elsewhere than the one asked for is not taken for it', async () => {
    const headers = { 'content-range': 'bytes 0-3/12', etag: '"a"', 'last-modified': new Date(0).toUTCString() };
    ground.fake.server.fail(() => true, { kind: 'answer', answer: { status: 206, headers, body: 'abcd' } });
    const reading = bytesOf(store.read('k', { offsetBytes: 4, lengthBytes: 4, signal: never }));
    await expect(reading).rejects.toMatchObject({ code: Code.UNAVAILABLE, info: { reason: 'ANSWER_UNEXPECTED' } });
  });

  test('a read that is cut is a failure', async () => {
    await put('k', 'hello');
    ground.fake.server.fail(({ method }) => method === 'GET', { kind: 'cut', afterBytes: 3 });
    await expect(bytesOf(store.read('k', { signal: never }))).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  });

  test.each(['\xff', 'a/../b', './a', 'a\\b', 'a\tb'])('refuses a key that no blob can have: %j', async (key) => {
    const refused = { code: Code.INVALID_ARGUMENT, info: { reason: 'OBJECT_NAME_UNUSABLE' } };
    await expect(put(key)).rejects.toMatchObject(refused);
    expect(ground.fake.server.requests).toEqual([]);
  });

  test('names its credentials as the reason when they are refused, and does not tell them', async () => {
    const key = Buffer.from('a wrong key').toString('base64');
    const other = await AzureGround.open({ credentials: { kind: 'sharedKey', account: 'acct', key } });
    try {
      const failure = await other.store.stat('k', never).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: Code.UNAUTHENTICATED, info: { reason: 'CREDENTIALS_REFUSED' } });
      expect((failure as Error).message + JSON.stringify(failure)).not.toContain(key);
    } finally {
      await other.close();
    }
  });

  test('goes by a shared access signature, which is in no message', async () => {
    const sas = await AzureGround.open({ credentials: { kind: 'sas', token: 'sv=2021-12-02&sig=good' } });
    const expired = await AzureGround.open({ credentials: { kind: 'sas', token: 'sv=2021-12-02&sig=expired' } });
    try {
      await sas.store.write('k', once('hello'), { modifyTimeMs: 0, signal: never });
      expect((await bytesOf(sas.store.read('k', { signal: never }))).toString()).toBe('hello');
      const failure = await expired.store.stat('k', never).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: Code.UNAUTHENTICATED });
      expect((failure as Error).message + JSON.stringify(failure)).not.toContain('expired');
    } finally {
      await sas.close();
      await expired.close();
    }
  });
});

describe('a page of List Blobs', () => {
  const page = (blobs: string): ReturnType<typeof readAzureListPage> =>
    readAzureListPage(
      Buffer.from(`<EnumerationResults><Blobs>${blobs}</Blobs><NextMarker /></EnumerationResults>`),
      'x',
    );
  const properties = '<Properties><Content-Length>1</Content-Length><Etag>"0x1"</Etag></Properties>';

  test('has names that XML cannot hold percent-encoded', () => {
    const { records } = page(
      `<Blob><Name Encoded="true">a%01b%25</Name>${properties}</Blob><Blob><Name>c%25</Name>${properties}</Blob>`,
    );
    expect(records.map(({ key }) => key)).toEqual(['a\x01b%', 'c%25']);
    expect(records[0]?.etag).toBe('0x1');
  });

  test('leaves out the directories of accounts with hierarchical names', () => {
    const isFolder = '<Metadata><hdi_isfolder>true</hdi_isfolder></Metadata>';
    const typed = '<Properties><ResourceType>directory</ResourceType></Properties>';
    const { records } = page(
      `<Blob><Name>d</Name>${properties}${isFolder}</Blob><Blob><Name>e</Name>${typed}</Blob><Blob><Name>f</Name>${properties}</Blob>`,
    );
    expect(records.map(({ key, metadata }) => [key, metadata])).toEqual([['f', { custom: {} }]]);
  });
});

// "Metadata names must adhere to the naming rules for C# identifiers."
describe('names of metadata', () => {
  test.each([
    ['hero', 'hero'],
    ['snake_case', 'snake_case'],
    ['x-goog-source-etag', 'x_x2d_goog_x2d_source_x2d_etag'],
    ['2nd', '_x32_nd'],
    ['_x2d_', '_x5f_x2d_'],
    ['_x22é', '_x5f_x22_xc3__xa9_'],
  ])('%s is stored as %s', (name, stored) => {
    expect(encodeMetadataName(name)).toBe(stored);
    expect(decodeMetadataName(stored)).toBe(name);
  });

  test('come back as they were, whatever they are, and are identifiers meanwhile', () => {
    const names = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.string({ unit: fc.constantFrom('_', 'x', '2', 'd', '-', 'é'), minLength: 1 }),
    );
    fc.assert(
      fc.property(names, (text) => {
        const name = text.toLowerCase();
        const stored = encodeMetadataName(name);
        expect(stored).toMatch(/^[a-z_][a-z0-9_]*$/);
        expect(decodeMetadataName(stored)).toBe(name);
      }),
    );
  });
});

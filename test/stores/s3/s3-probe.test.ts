import { afterEach, describe, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { byteStringOf } from '../../../src/transfers/byte-string.ts';
import type { ObjectStore } from '../../../src/transfers/object-store.ts';
import type { FakeS3Lies } from '../../support/fake-s3/faults.ts';
import { openFakeS3, type OpenOptions, type S3UnderTest } from '../../support/fake-s3/s3-under-test.ts';

const never = new AbortController().signal;
const ENDPOINT_KEYS = (under: S3UnderTest): string => `${under.fake.endpoint} bucket`;

/** Abilities of which S3 has none. */
const NOT_PROMISED = ['echoesStartAfter', 'hasDirectories'];

let under: S3UnderTest;

async function open(lies: FakeS3Lies = {}, options: OpenOptions = {}): Promise<ObjectStore> {
  under = await openFakeS3(lies, options);
  return under.store;
}

afterEach(() => under.remove());

async function keysOf(store: ObjectStore, startAfter?: string): Promise<string[]> {
  const keys: string[] = [];
  const options = { signal: never, ...(startAfter === undefined ? {} : { startAfter }) };
  for await (const page of store.list('', options)) keys.push(...page.keys);
  return keys;
}

async function put(store: ObjectStore, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    const body = (async function* () {
      yield Buffer.from('x');
    })();
    await store.write(byteStringOf(key), body, { modifyTimeMs: 0, signal: never });
  }
}

describe('the probe', () => {
  test('finds all that S3 promises', async () => {
    await open();
    expect(under.abilities.get(ENDPOINT_KEYS(under))).toEqual({
      writesOnlyIfAbsent: true,
      writesOnlyIfSame: true,
      completesOnlyIfAbsent: true,
      completesOnlyIfSame: true,
      deletesOnlyIfSame: true,
      tellsOfMissing: true,
      checksCrc32c: true,
      checksWholeCrc32c: true,
      hasDirectories: false,
      listsInByteOrder: true,
      echoesStartAfter: false,
    });
  });

  test('says of every key that it writes that it will, before it does', async () => {
    const announced: string[] = [];
    const announce: OpenOptions['announce'] = async (keys, { requests }) => {
      expect(requests).toEqual([]);
      announced.push(...keys.map((key) => `below/${key}`));
    };
    await open({}, { place: { prefix: 'below/' }, announce });
    const written = under.fake.requests
      .filter((request) => /^(PUT|POST) /.test(request))
      .map((request) => byteStringOf(decodeURIComponent(request.split(/[ ?]/)[1]?.slice('/bucket/'.length) ?? '')));
    expect(announced).toEqual(expect.arrayContaining(written));
    expect(written.length).toBeGreaterThan(5);
  });

  test('writes nothing that could not be announced', async () => {
    await open();
    let requests: readonly string[] = ['none yet'];
    const announce: OpenOptions['announce'] = async (_, fake) => {
      ({ requests } = fake);
      throw new Error('the journal is away');
    };
    await expect(openFakeS3({}, { announce })).rejects.toThrow('the journal is away');
    expect(requests).toEqual([]);
  });

  test.each([
    ['if-none-match', ['writesOnlyIfAbsent', 'completesOnlyIfAbsent']],
    ['if-match', ['writesOnlyIfSame', 'completesOnlyIfSame', 'deletesOnlyIfSame', 'tellsOfMissing']],
    ['x-amz-checksum-crc32c', ['checksCrc32c', 'checksWholeCrc32c']],
    // It then takes the checksum of the whole for one of the request, and refuses what is right.
    ['x-amz-checksum-type', ['checksWholeCrc32c']],
  ])('finds that a server overlooks %s', async (header, missing) => {
    await open({ ignoredHeaders: [header] });
    const abilities = Object.entries(under.abilities.get(ENDPOINT_KEYS(under)) ?? {});
    const falses = abilities.filter(([name, value]) => !value && !NOT_PROMISED.includes(name)).map(([name]) => name);
    expect(falses.sort()).toEqual(missing.toSorted());
  });

  test.each(['path', 'utf16'] as const)('finds that a server lists in the order of %s', async (order) => {
    const store = await open({ order });
    expect(store.capabilities.listsInByteOrder).toBe(false);
    await put(store, 'a-b', 'a/b', 'a', '\uFFFD', '\u{1F600}');
    // Without order nothing can be left to the server's start-after.
    const keys = ['a', 'a-b', 'a/b', '\uFFFD', '\u{1F600}'].map(byteStringOf);
    expect((await keysOf(store, 'a-')).sort()).toEqual(keys.filter((key) => key > 'a-'));
  });

  test('finds an echo of start-after, which listings then do not show', async () => {
    const store = await open({ echoesStartAfter: true });
    expect(under.abilities.get(ENDPOINT_KEYS(under))).toMatchObject({ echoesStartAfter: true, listsInByteOrder: true });
    await put(store, 'a', 'b', 'c');
    expect(await keysOf(store, 'b')).toEqual(['c']);
  });

  test('finds that keys are paths of files', async () => {
    const store = await open({ keepsPaths: true });
    expect(store.capabilities.hasDirectories).toBe(true);
  });

  test('looks before a delete where the server does not tell that nothing was there', async () => {
    const store = await open({ hidesMissing: true });
    expect(under.abilities.get(ENDPOINT_KEYS(under))).toMatchObject({ deletesOnlyIfSame: true, tellsOfMissing: false });
    await put(store, 'k');
    const seen = { ...(await store.stat('k', never)), sizeBytes: 1, modifyTimeMs: 0 };
    expect(await store.delete('k', never, { expect: seen })).toBe(true);
    expect(await store.delete('k', never, { expect: seen })).toBe(false);
  });

  test('leaves nothing behind, stays within its prefix, and costs a bounded number of requests', async () => {
    await open({}, { place: { prefix: 'only/here/' } });
    expect([under.fake.bucket.objects.size, under.fake.bucket.uploads.size]).toEqual([0, 0]);
    expect(under.fake.requests.length).toBeLessThan(45);
    const start = /^\w+ \/bucket(\/only\/here\/\.~stx-|\?.*prefix=only%2Fhere%2F\.~stx-)/;
    for (const request of under.fake.requests) expect(request).toMatch(start);
  });

  test('removes what a probe left that was killed, and nothing that others stage', async () => {
    await open();
    for (const key of ['.~stx-probe-0000/a', '.~stx-other']) {
      const { id } = under.fake.bucket.begin(key, {}, undefined);
      const upload = under.fake.bucket.uploads.get(id);
      if (upload !== undefined) under.fake.bucket.uploads.set(id, { ...upload, beginTimeMs: 0 });
    }
    const object = { key: '.~stx-probe-0000/b', bytes: Buffer.alloc(0), etag: 'e', modifyTimeMs: 0, headers: {} };
    under.fake.bucket.objects.set(object.key, object);
    await under.again({ place: { endpoint: under.fake.endpoint.replace('127.0.0.1', 'fresh.s3.test') } });
    expect([...under.fake.bucket.uploads.values()].map(({ key }) => key)).toEqual(['.~stx-other']);
    expect(under.fake.bucket.objects.size).toBe(0);
  });

  test('leaves what another probe has there that goes on at this moment', async () => {
    await open();
    under.fake.bucket.begin('.~stx-probe-0000/a', {}, undefined);
    await under.again({ place: { endpoint: under.fake.endpoint.replace('127.0.0.1', 'fresh.s3.test') } });
    expect([...under.fake.bucket.uploads.values()].map(({ key }) => key)).toEqual(['.~stx-probe-0000/a']);
  });

  test('that is aborted leaves no upload', async () => {
    await open();
    const abort = new AbortController();
    const { begin } = under.fake.bucket;
    under.fake.bucket.begin = (...given) => {
      abort.abort(new Error('enough'));
      return begin.apply(under.fake.bucket, given);
    };
    const place = { endpoint: under.fake.endpoint.replace('127.0.0.1', 'fresh.s3.test') };
    await expect(under.again({ place, signal: abort.signal })).rejects.toThrow('enough');
    expect(under.fake.bucket.uploads.size).toBe(0);
  });

  test('is done once for an endpoint', async () => {
    await open();
    const { length } = under.fake.requests;
    await under.again();
    expect(under.fake.requests).toHaveLength(length);
  });

  test('fails with what the server says when it may not be written', async () => {
    const opening = open({}, { place: { bucket: 'other' } });
    await expect(opening).rejects.toMatchObject({ code: Code.NOT_FOUND, info: { reason: 'BUCKET_NOT_FOUND' } });
    under = await openFakeS3();
  });
});

describe('a source', () => {
  test('is never written, and costs one request to open', async () => {
    const store = await open({}, { role: 'source' });
    expect(under.fake.requests).toHaveLength(1);
    await keysOf(store);
    expect(under.fake.requests.every((request) => request.startsWith('GET '))).toBe(true);
  });

  test('whose first names are in another order says so', async () => {
    await put(await open({ order: 'path' }), 'a-b', 'a/b');
    const store = await under.again({ role: 'source' });
    expect(store.capabilities.listsInByteOrder).toBe(false);
    expect((await keysOf(store)).sort()).toEqual(['a-b', 'a/b']);
  });

  test('that turns out to list in another order stops, and the next one opened says so', async () => {
    const store = await open({ order: 'path' }, { role: 'source' });
    expect(store.capabilities.listsInByteOrder).toBe(true);
    await put(store, 'a-b', 'a/b');
    await expect(keysOf(store)).rejects.toMatchObject({
      code: Code.FAILED_PRECONDITION,
      info: { reason: 'LISTING_OUT_OF_ORDER' },
    });
    expect((await under.again()).capabilities.listsInByteOrder).toBe(false);
  });
});

describe('names in listings', () => {
  const NAMES = ['a b+c', 'a%20b', 'a+b', 'a&<>"\'', 'tab\tcr\rnl\n', 'é\u0001', '~*'].toSorted();

  test.each([
    ['as AWS writes them', {}],
    ['with escaped spaces', { escapesSpaces: true }],
    ['as they are', { isUnencoded: true }],
  ])('come back %s', async (_, lies) => {
    const store = await open(lies, { limits: { listPageCountMax: 3 } });
    await put(store, ...NAMES);
    expect((await keysOf(store)).sort()).toEqual(NAMES.map(byteStringOf).sort());
  });

  test('that are staged stay hidden', async () => {
    const store = await open();
    await put(store, '.~stx-a', 'd/.~stx-b', 'k');
    expect(await keysOf(store)).toEqual(['k']);
  });

  test('are not UTF-8 only where S3 has none: INVALID_ARGUMENT', async () => {
    const store = await open();
    const body = (async function* () {})();
    const writing = store.write('\xff', body, { modifyTimeMs: 0, signal: never });
    await expect(writing).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT });
  });
});

test('a bucket in the host is found and signed as one in the path', async () => {
  under = await openFakeS3();
  const { port } = new URL(under.fake.endpoint);
  const store = await under.again({ place: { endpoint: `http://s3.test:${port}`, isVirtualHosted: true } });
  await put(store, 'a/b c');
  expect(await keysOf(store)).toEqual(['a/b c']);
  expect(under.fake.requests.at(-1)).toMatch(/^GET \/\?/);
});

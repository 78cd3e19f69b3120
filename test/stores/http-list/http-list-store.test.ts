import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { Code } from '../../../src/core/code.ts';
import { HttpListStore } from '../../../src/stores/http-list/http-list-store.ts';
import { DEFAULT_HTTP_LIST_LIMITS, type HttpListLimits } from '../../../src/stores/http-list/limits.ts';
import type { HostRule } from '../../../src/stores/web/egress.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import type { ListPage } from '../../../src/transfers/object-store.ts';
import { readOnlyStoreContract } from '../../contract/read-only-store.contract.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FileServer } from '../../support/file-server.ts';

const never = new AbortController().signal;
const LOOPBACK: readonly HostRule[] = [{ host: '127.0.0.1', isPrivateAllowed: true }];

const clientOf = (policy = LOOPBACK): WebClient => new WebClient({ limits: DEFAULT_WEB_LIMITS, policy });

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of body) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts).toString();
}

const md5Text = (text: string): string => createHash('md5').update(text).digest('base64');

readOnlyStoreContract('HttpListStore', async (objects) => {
  const files = await FileServer.start();
  for (const [key, text] of Object.entries(objects)) files.files.set(`/${key}`, text);
  // Some with their sizes, some without.
  const lines = Object.entries(objects).map(
    ([key, text], i) => `${files.url(`/${key}`)}${i % 2 ? `\t${text.length}` : ''}`,
  );
  const client = clientOf();
  const list = once(['TsvHttpData-1.0', ...lines.toReversed()].join('\n'));
  const options = {
    client,
    clock: new FakeClock(),
    limits: { ...DEFAULT_HTTP_LIST_LIMITS, listPageCountMax: 2 },
    list,
  };
  return {
    store: await HttpListStore.open(options, never),
    prefix: '127.0.0.1/',
    remove: async () => {
      await client.close();
      await files.close();
    },
  };
});

describe('objects of a list of URLs', () => {
  let files: FileServer;
  let client: WebClient;
  let clock: FakeClock;
  beforeEach(async () => {
    files = await FileServer.start({ '/k': 'hello' });
    client = clientOf();
    clock = new FakeClock();
  });
  afterEach(async () => {
    await client.close();
    await files.close();
  });

  const KEY = '127.0.0.1/k';
  const open = (lines: string, limits: Partial<HttpListLimits> = {}): Promise<HttpListStore> =>
    HttpListStore.open(
      { client, clock, limits: { ...DEFAULT_HTTP_LIST_LIMITS, ...limits }, list: once(`TsvHttpData-1.0\n${lines}`) },
      never,
    );
  const read = (store: HttpListStore, options: object = {}): Promise<string> =>
    textOf(store.read(KEY, { signal: never, ...options }));
  async function pagesOf(store: HttpListStore): Promise<ListPage[]> {
    const pages: ListPage[] = [];
    for await (const page of store.list('', { signal: never })) pages.push(page);
    return pages;
  }

  test('a list is fetched from its own URL, redirects followed', async () => {
    files.files.set('/list.tsv', `TsvHttpData-1.0\n${files.url('/k')}\t5\n`);
    files.redirects.set('/list', '/list.tsv');
    const list = files.url('/list');
    const store = await HttpListStore.open({ client, clock, limits: DEFAULT_HTTP_LIST_LIMITS, list }, never);
    expect(await read(store)).toBe('hello');
  });

  test('a list that is not there, or is too large, is refused', async () => {
    const options = { client, clock, limits: { ...DEFAULT_HTTP_LIST_LIMITS, listSizeBytesMax: 4 } };
    const missing = HttpListStore.open({ ...options, list: files.url('/none') }, never);
    await expect(missing).rejects.toMatchObject({ code: Code.NOT_FOUND });
    const large = HttpListStore.open({ ...options, list: files.url('/k') }, never);
    await expect(large).rejects.toMatchObject({ code: Code.RESOURCE_EXHAUSTED });
  });

  test('what the list tells is listed without asking anybody', async () => {
    const [page] = await pagesOf(await open(`${files.url('/k')}\t5\t${md5Text('hello')}`));
    expect(page).toMatchObject({ keys: [KEY], sizesBytes: [5], md5s: ['5d41402abc4b2a76b9719d911017c592'] });
    expect(files.server.requests).toEqual([]);
  });

  test('a size that the list leaves out is asked for; one that nobody tells is a note', async () => {
    const store = await open([files.url('/k'), files.url('/none')].join('\n'));
    const [page] = await pagesOf(store);
    expect(page).toMatchObject({ keys: [KEY], sizesBytes: [5], modifyTimesMs: [0] });
    expect(page?.etags?.[0]).toMatch(/^"[0-9a-f]{40}"$/);
    expect(page?.notes).toMatchObject([
      { kind: 'object-failed', key: '127.0.0.1/none', cause: { code: Code.NOT_FOUND } },
    ]);
    expect(files.asked('/k').map(({ method }) => method)).toEqual(['HEAD']);
  });

  test('a size is asked for by GET where HEAD is not allowed', async () => {
    files.server.fail(({ method }) => method === 'HEAD', { kind: 'answer', answer: { status: 403 } });
    expect(await pagesOf(await open(files.url('/k')))).toMatchObject([{ sizesBytes: [5] }]);
  });

  test('an object whose size differs from the list is not read', async () => {
    await expect(read(await open(`${files.url('/k')}\t6`))).rejects.toMatchObject({
      code: Code.FAILED_PRECONDITION,
      info: { reason: 'OBJECT_SIZE_DIFFERS' },
    });
  });

  test('an object whose MD5 differs from the list is DATA_LOSS', async () => {
    const lines = `${files.url('/k')}\t5\t${md5Text('hellO')}`;
    await expect(read(await open(lines))).rejects.toMatchObject({ code: Code.DATA_LOSS });
    expect(await read(await open(`${files.url('/k')}\t5\t${md5Text('hello')}`))).toBe('hello');
  });

  test('without Content-Length an object is read by the size of the list, and refused without one', async () => {
    files.faults.hasNoLength = true;
    expect(await read(await open(`${files.url('/k')}\t5`))).toBe('hello');
    await expect(read(await open(files.url('/k')))).rejects.toMatchObject({ info: { reason: 'OBJECT_SIZE_UNKNOWN' } });
    await expect(read(await open(`${files.url('/k')}\t9`))).rejects.toMatchObject({ code: Code.UNAVAILABLE });
    await expect(read(await open(`${files.url('/k')}\t4`))).rejects.toMatchObject({
      info: { reason: 'OBJECT_SIZE_DIFFERS' },
    });
  });

  test('a server that ignores Range serves whole objects, and nothing else', async () => {
    files.faults.hasNoRange = true;
    const store = await open(`${files.url('/k')}\t5`);
    expect(await read(store)).toBe('hello');
    expect(await read(store, { lengthBytes: 2 })).toBe('he');
    await expect(read(store, { offsetBytes: 2 })).rejects.toMatchObject({ info: { reason: 'RANGE_NOT_SUPPORTED' } });
  });

  test('an object that changes between two ranges is noticed by its ETag', async () => {
    const store = await open(`${files.url('/k')}\t5`);
    const expected = await store.stat(KEY, never);
    expect(await read(store, { expect: expected, lengthBytes: 2 })).toBe('he');
    files.files.set('/k', 'HELLO');
    await expect(read(store, { expect: expected, offsetBytes: 2 })).rejects.toMatchObject({
      code: Code.FAILED_PRECONDITION,
      info: { reason: 'OBJECT_CHANGED' },
    });
    files.faults.hasNoEtag = true;
    await expect(read(store, { expect: expected, offsetBytes: 2 })).rejects.toMatchObject({
      info: { reason: 'OBJECT_CHANGED' },
    });
  });

  test('an object that changes between two ranges is noticed by Last-Modified where there is no ETag', async () => {
    files.faults.hasNoEtag = true;
    const store = await open(`${files.url('/k')}\t5`);
    const expected = await store.stat(KEY, never);
    expect(await read(store, { expect: expected, lengthBytes: 2 })).toBe('he');
    expect(files.asked('/k').every(({ headers }) => headers['if-match'] === undefined)).toBe(true);
    files.modifyTime = 'Fri, 02 Jan 2026 00:00:00 GMT';
    await expect(read(store, { expect: expected, offsetBytes: 2 })).rejects.toMatchObject({
      info: { reason: 'OBJECT_CHANGED' },
    });
  });

  test('a read that is cut is a failure', async () => {
    files.server.fail(({ path }) => path === '/k', { kind: 'cut', afterBytes: 3 });
    await expect(read(await open(`${files.url('/k')}\t5`))).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  });

  describe('behind redirects', () => {
    test('are followed up to five times', async () => {
      for (let i = 1; i <= 5; i += 1) files.redirects.set(`/r${i}`, i === 5 ? '/k' : `/r${i + 1}`);
      const store = await open(`${files.url('/r1')}\t5`);
      expect(await textOf(store.read('127.0.0.1/r1', { signal: never }))).toBe('hello');
    });

    test('that lead round in a circle are given up', async () => {
      files.redirects.set('/k', '/k');
      await expect(read(await open(`${files.url('/k')}\t5`))).rejects.toMatchObject({
        code: Code.FAILED_PRECONDITION,
        info: { reason: 'REDIRECTED' },
      });
      expect(files.asked('/k')).toHaveLength(6);
    });

    test.each([
      'http://10.0.0.1/k',
      'http://169.254.169.254/latest/meta-data',
      'http://[::1]/k',
      'http://elsewhere.example/',
    ])('that lead to %s are refused', async (location) => {
      files.redirects.set('/k', location);
      await expect(read(await open(`${files.url('/k')}\t5`))).rejects.toMatchObject({
        code: Code.PERMISSION_DENIED,
        info: { reason: 'EGRESS_REFUSED' },
      });
    });

    test.each(['', 'file:///etc/passwd', 'http://me:secret@127.0.0.1/k'])(
      'to %j are not followed',
      async (location) => {
        files.redirects.set('/k', location);
        await expect(read(await open(`${files.url('/k')}\t5`))).rejects.toMatchObject({
          code: Code.FAILED_PRECONDITION,
          info: { reason: 'REDIRECTED' },
        });
      },
    );
  });

  describe('of a host with a robots.txt', () => {
    const lines = (): string => `${files.url('/k')}\t5`;

    test('are read where it lets robots read, and refused where it does not', async () => {
      files.files.set('/robots.txt', 'User-agent: *\nDisallow: /private\nAllow: /private/but\n');
      for (const path of ['/private/but', '/private/k']) files.files.set(path, 'hello');
      const store = await open(['/k', '/private/but', '/private/k'].map((path) => files.url(path)).join('\n'));
      expect(await read(store)).toBe('hello');
      expect(await textOf(store.read('127.0.0.1/private/but', { signal: never }))).toBe('hello');
      await expect(textOf(store.read('127.0.0.1/private/k', { signal: never }))).rejects.toMatchObject({
        code: Code.PERMISSION_DENIED,
        info: { reason: 'ROBOTS_DISALLOWED' },
      });
      expect(files.asked('/private/k')).toEqual([]);
    });

    test('obey the rules for us before those for all', async () => {
      files.files.set('/robots.txt', 'User-agent: *\nAllow: /\n\nUser-agent: Longrunning\nDisallow: /\n');
      await expect(read(await open(lines()))).rejects.toMatchObject({ info: { reason: 'ROBOTS_DISALLOWED' } });
    });

    test('ask for it once, and again after a day', async () => {
      files.files.set('/robots.txt', 'User-agent: *\nAllow: /\n');
      const store = await open(lines());
      await Promise.all([read(store), read(store)]);
      expect(files.asked('/robots.txt')).toHaveLength(1);
      await clock.advance(DEFAULT_HTTP_LIST_LIMITS.robotsAgeMaxMs + 1);
      await read(store);
      expect(files.asked('/robots.txt')).toHaveLength(2);
    });

    // RFC 9309, 2.3.1.3: "If a server status code indicates that the robots.txt file is unavailable to the crawler, then the crawler MAY
    // access any resources on the server." 2.3.1.4: "the crawler MUST assume complete disallow" when it is unreachable.
    test('are all read when it is unavailable, and none when it is unreachable, until it is there again', async () => {
      const store = await open(lines());
      const isRobots = ({ path }: { readonly path: string }): boolean => path === '/robots.txt';
      files.server.fail(isRobots, { kind: 'answer', answer: { status: 500 } });
      await expect(read(store)).rejects.toMatchObject({
        code: Code.UNAVAILABLE,
        info: { reason: 'ROBOTS_UNREACHABLE' },
      });
      files.server.fail(isRobots, { kind: 'lose-answer' });
      await expect(read(store)).rejects.toMatchObject({ info: { reason: 'ROBOTS_UNREACHABLE' } });
      files.server.fail(isRobots, { kind: 'answer', answer: { status: 403 } });
      expect(await read(store)).toBe('hello');
    });

    test('are refused behind a redirect, too', async () => {
      const other = await FileServer.start({ '/k': 'hello', '/robots.txt': 'User-agent: *\nDisallow: /' });
      try {
        files.redirects.set('/k', other.url('/k'));
        await expect(read(await open(lines()))).rejects.toMatchObject({ info: { reason: 'ROBOTS_DISALLOWED' } });
        expect(other.asked('/k')).toEqual([]);
      } finally {
        await other.close();
      }
    });
  });
});

/** Keys that no file can have come from buckets, manifests and callers: nothing outside the tree is seen through them. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from '../../src/core/code.ts';
import { PosixStore } from '../../src/stores/posix/posix-store.ts';
import type { ObjectStore } from '../../src/transfers/object-store.ts';
import { TEST_LIMITS, TransferFixture } from '../support/transfer-fixture.ts';

const { signal } = new AbortController();
const SECRET = 'secret.txt';

let fixture: TransferFixture;
let store: PosixStore;
beforeEach(() => {
  fixture = new TransferFixture();
  mkdirSync(join(fixture.source, 'a'), { recursive: true });
  writeFileSync(join(fixture.directory, SECRET), 'outside');
  writeFileSync(join(fixture.source, 'a', 'f'), 'inside');
  const place = { root: fixture.directory, path: fixture.source };
  store = new PosixStore({ place, role: 'sink', limits: TEST_LIMITS });
});
afterEach(async () => {
  await store.close();
  fixture.remove();
});

const bytes = async function* (): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('new'));
};

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const CALLS: Readonly<Record<string, (store: ObjectStore, key: string) => Promise<unknown>>> = {
  stat: (each, key) => each.stat(key, signal),
  read: (each, key) => readAll(each.read(key, { signal })),
  write: (each, key) => each.write(key, bytes(), { modifyTimeMs: 0, signal }),
  delete: (each, key) => each.delete(key, signal),
};

const KEYS = [
  `../${SECRET}`,
  `a/../../${SECRET}`,
  '/a/f',
  '/f',
  '//a/f',
  'a//f',
  './a/f',
  'a/.',
  'a/..',
  'a/',
  'a/\0f',
];

describe.each(Object.keys(CALLS))('%s', (method) => {
  test.each(KEYS)('refuses the key %j', async (key) => {
    await expect(CALLS[method]?.(store, key)).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT });
    expect(existsSync(join(fixture.directory, SECRET))).toBe(true);
    expect(readdirSync(fixture.source, { recursive: true }).toSorted()).toEqual(['a', 'a/f']);
  });
});

test('keys that no file can have fail alone when they are looked up', async () => {
  const page = await store.lookUp(['../secret.txt', '//f', 'a/f'], { signal });
  expect(page.keys).toEqual(['a/f']);
  expect(page.notes).toMatchObject(
    ['../secret.txt', '//f'].map((key) => ({ kind: 'object-failed', key, cause: { code: Code.INVALID_ARGUMENT } })),
  );
});

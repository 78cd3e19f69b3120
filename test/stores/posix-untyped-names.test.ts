import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { TransferFixture as Fixture } from '../support/transfer-fixture.ts';

/** Names that this file system tells twice, as may happen while a directory changes. */
let doubled: ReadonlySet<string> = new Set();
/** A file system whose directories do not say what their entries are: NFS, some FUSE ones, XFS without ftype. */
let isUntyped = false;

const actual = { ...fs };
jest.unstable_mockModule('node:fs', () => ({
  ...actual,
  opendirSync: (path: string, options: fs.OpenDirOptions) => {
    const handle = actual.opendirSync(path, options);
    const pending: fs.Dirent[] = [];
    return {
      readSync: () => {
        const entry = pending.pop() ?? handle.readSync();
        if (entry === null) return null;
        // Node asks for the type of such an entry by its name, encoded as UTF-8 whatever its bytes were.
        if (isUntyped) actual.lstatSync(join(path, entry.name));
        if (doubled.has(entry.name) && pending.length === 0) pending.push(entry);
        if (pending.length > 0) doubled = new Set();
        return entry;
      },
      closeSync: () => handle.closeSync(),
    };
  },
}));
const { TEST_LIMITS, TransferFixture } = await import('../support/transfer-fixture.ts');
const { PosixStore } = await import('../../src/stores/posix/posix-store.ts');

let fixture: Fixture;
beforeEach(() => {
  fixture = new TransferFixture();
  fs.mkdirSync(join(fixture.source, 'größe'), { recursive: true });
  for (const name of ['a', 'größe/ä', 'größe/z', 'ö']) fs.writeFileSync(join(fixture.source, name), '');
});
afterEach(() => {
  isUntyped = false;
  doubled = new Set();
  fixture.remove();
});

async function listed(): Promise<readonly string[]> {
  const place = { root: fixture.directory, path: fixture.source };
  const store = new PosixStore({ place, role: 'source', limits: TEST_LIMITS });
  const keys: string[] = [];
  for await (const page of store.list('', { signal: new AbortController().signal })) keys.push(...page.keys);
  await store.close();
  return keys.map((key) => Buffer.from(key, 'latin1').toString());
}

test('nothing is missed where directories do not tell the types of their entries', async () => {
  isUntyped = true;
  expect(await listed()).toEqual(['a', 'größe/z', 'größe/ä', 'ö']);
});

test('a name that a changing directory tells twice is listed once', async () => {
  doubled = new Set(['a']);
  expect(await listed()).toEqual(['a', 'größe/z', 'größe/ä', 'ö']);
});

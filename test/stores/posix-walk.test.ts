import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListingStopped, readNames } from '../../src/stores/posix/directory-names.ts';
import { PosixStore } from '../../src/stores/posix/posix-store.ts';
import { TreeLister } from '../../src/stores/posix/tree-lister.ts';
import { TEST_LIMITS, TransferFixture } from '../support/transfer-fixture.ts';

let fixture: TransferFixture;
let root: number;
beforeEach(() => {
  fixture = new TransferFixture();
  mkdirSync(fixture.source);
  root = openSync(fixture.source, 'r');
});
afterEach(() => {
  closeSync(root);
  fixture.remove();
});

function plant(count: number): void {
  for (let index = 0; index < count; index += 1) writeFileSync(join(fixture.source, `f${index}`), '');
}

test('a stop is seen among the names of one directory', () => {
  plant(3000);
  let count = 0;
  const accept = (): boolean => {
    count += 1;
    return true;
  };
  expect(() => readNames(root, 10_000, accept, () => true)).toThrow(ListingStopped);
  expect(count).toBeLessThan(3000);
});

test('a directory that goes before it is listed is missed, not a failure', () => {
  for (const name of ['a', 'b', 'c']) {
    mkdirSync(join(fixture.source, name));
    writeFileSync(join(fixture.source, name, 'x'), '');
  }
  const lister = new TreeLister({
    root,
    rootPath: fixture.source,
    prefix: '',
    startAfter: undefined,
    ranges: undefined,
    pageCountMax: 1,
    namesInMemoryMax: 100,
    namesPerDirectoryMin: 100,
    directoryDescriptorCountMax: 8,
    hasAttributes: false,
    hasLinks: false,
    isStopped: () => false,
  });
  const seen: string[] = [];
  for (let page = lister.nextPage(); page !== undefined; page = lister.nextPage()) {
    seen.push(...page.keys, ...page.notes.map(({ kind, key }) => `${kind} ${key}`));
    rmSync(join(fixture.source, 'b'), { recursive: true, force: true });
  }
  lister.close();
  expect(seen).toEqual(['directory ', 'directory a/', 'a/x', 'directory c/', 'c/x']);
});

test.each([true, false])(
  'a symbolic link is an object with its target where links are asked for: %s',
  async (hasLinks) => {
    plant(1);
    symlinkSync('/etc/passwd', join(fixture.source, 'a-link'));
    const place = { root: fixture.directory, path: fixture.source };
    const store = new PosixStore({ place, role: 'source', limits: TEST_LIMITS });
    const { signal } = new AbortController();
    const seen: unknown[] = [];
    for await (const { keys, sizesBytes, linkTargets, notes } of store.list('', { signal, hasLinks })) {
      seen.push(...keys.map((key, index) => [key, sizesBytes[index], linkTargets?.[index]]));
      seen.push(...notes.filter(({ kind }) => kind === 'special').map(({ key }) => key));
    }
    await store.close();
    expect(seen).toEqual(
      hasLinks
        ? [
            ['a-link', 11, '/etc/passwd'],
            ['f0', 0, undefined],
          ]
        : [['f0', 0, undefined], 'a-link'],
    );
  },
);

// The thread that walks a tree also hands work to the threads that copy.
test('a listing gives the other work of its thread a turn after each page', async () => {
  plant(500);
  const place = { root: fixture.directory, path: fixture.source };
  const store = new PosixStore({ place, role: 'source', limits: TEST_LIMITS });
  let turnCount = 0;
  let isListing = true;
  const takeTurn = (): void => {
    turnCount += 1;
    if (isListing) setImmediate(takeTurn);
  };
  setImmediate(takeTurn);
  let pageCount = 0;
  const { signal } = new AbortController();
  for await (const page of store.list('', { signal })) if (page.keys.length > 0) pageCount += 1;
  isListing = false;
  await store.close();
  expect(pageCount).toBeGreaterThanOrEqual(10);
  expect(turnCount).toBeGreaterThanOrEqual(pageCount - 1);
});

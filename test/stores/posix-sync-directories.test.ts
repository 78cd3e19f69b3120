import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DirectoryTree } from '../../src/stores/posix/directory-tree.ts';
import { syncDirectory } from '../../src/stores/posix/sync-directories.ts';

let root: string;
let descriptor: number;
let tree: DirectoryTree;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sync-directories-'));
  mkdirSync(join(root, 'a', 'b'), { recursive: true });
  writeFileSync(join(root, 'file'), '');
  descriptor = openSync(root, 'r');
  tree = new DirectoryTree(descriptor, 4);
});

afterEach(() => {
  tree.clear();
  closeSync(descriptor);
  rmSync(root, { recursive: true });
});

test.each(['', 'a/', 'a/b/', 'gone/', 'file/', `${'n'.repeat(300)}/`])(
  'a directory is synced, or skipped where it cannot be opened: %p',
  async (key) => {
    await expect(syncDirectory(tree, key, AbortSignal.timeout(10_000))).resolves.toBeUndefined();
  },
);

test('syncing a directory leaves no descriptor open', async () => {
  const before = readdirSync('/proc/self/fd').length;
  for (let count = 0; count < 10; count += 1) await syncDirectory(tree, '', AbortSignal.timeout(10_000));
  expect(readdirSync('/proc/self/fd')).toHaveLength(before);
});

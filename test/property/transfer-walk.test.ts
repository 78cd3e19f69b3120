import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdirSync, openSync, readdirSync, rmSync, writeFileSync, closeSync } from 'node:fs';
import { TreeLister } from '../../src/stores/posix/tree-lister.ts';
import { KeyRanges } from '../../src/transfers/selection/key-ranges.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';
import { toPath } from '../support/tree.ts';

const fixture = new TransferFixture();
afterAll(() => {
  fixture.remove();
});

/** Bytes that sort before, at and behind '/', and some that are no UTF-8. */
const byte = fc.constantFrom('!', '-', '.', '0', 'a', 'b', '\x01', '\x7f', '\xc3', '\xe9', '\xff', 'z');
const segment = fc.string({ unit: byte, minLength: 1, maxLength: 3 }).filter((name) => name !== '.' && name !== '..');
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

function plant(paths: readonly string[]): void {
  rmSync(fixture.source, { recursive: true, force: true });
  mkdirSync(fixture.source);
  for (const each of paths) {
    try {
      mkdirSync(toPath(fixture.source, each.slice(0, each.lastIndexOf('/') + 1)), { recursive: true });
      writeFileSync(toPath(fixture.source, each), '');
    } catch {
      // An earlier path has a file where this needs a directory, or the reverse: what exists counts.
    }
  }
}

/** All files, by Node's own recursion, sorted as bytes. */
function expected(): string[] {
  const files: string[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(toPath(fixture.source, directory), { encoding: 'latin1', withFileTypes: true })) {
      if (entry.isDirectory()) walk(`${directory}${entry.name}/`);
      else files.push(directory + entry.name);
    }
  };
  walk('');
  return files.sort((a, b) => Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')));
}

interface Bounds {
  readonly pageCountMax: number;
  readonly namesInMemoryMax: number;
  readonly ranges?: KeyRanges;
}

interface Walked {
  readonly keys: string[];
  readonly directories: string[];
}

function list(startAfter: string | undefined, bounds: Bounds): string[] {
  return walk(startAfter, bounds).keys;
}

function walk(startAfter: string | undefined, { pageCountMax, namesInMemoryMax, ranges }: Bounds): Walked {
  const root = openSync(fixture.source, 'r');
  const lister = new TreeLister({
    root,
    rootPath: fixture.source,
    prefix: '',
    startAfter,
    ranges,
    pageCountMax,
    namesInMemoryMax,
    namesPerDirectoryMin: 1,
    directoryDescriptorCountMax: 2,
    hasAttributes: false,
    hasLinks: false,
    isStopped: () => false,
  });
  const keys: string[] = [];
  const directories: string[] = [];
  for (let page = lister.nextPage(); page !== undefined; page = lister.nextPage()) {
    keys.push(...page.keys);
    directories.push(...page.notes.map(({ key }) => key));
  }
  lister.close();
  closeSync(root);
  return { keys, directories };
}

test('a walk yields the keys in the order of their bytes, whatever its bounds', () => {
  const bounds = fc.record({
    pageCountMax: fc.integer({ min: 1, max: 9 }),
    namesInMemoryMax: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(path, { maxLength: 25 }), bounds, (paths, each) => {
      plant(paths);
      expect(list(undefined, each)).toEqual(expected());
    }),
    { numRuns: 150 },
  );
});

test('a walk that starts after a key yields exactly what is behind it', () => {
  fc.assert(
    fc.property(fc.array(path, { maxLength: 25 }), path, fc.boolean(), (paths, other, isDirectory) => {
      plant(paths);
      const all = expected();
      for (const cursor of [...all.slice(0, 5), isDirectory ? `${other}/` : other]) {
        const behind = all.filter((key) => key > cursor);
        expect(list(cursor, { pageCountMax: 7, namesInMemoryMax: 3 })).toEqual(behind);
      }
    }),
    { numRuns: 100 },
  );
});

test('a walk of ranges yields what a naive filter would, and opens no directory that none of it is in', () => {
  const prefix = fc.oneof(
    path,
    path.map((each) => `${each}/`),
    fc.string({ unit: byte, minLength: 1, maxLength: 2 }),
  );
  const prefixes = fc.array(prefix, { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(path, { maxLength: 25 }), prefixes, prefixes, (paths, includes, excludes) => {
      plant(paths);
      const ranges = new KeyRanges(includes, excludes);
      const wanted = expected()
        .filter((key) => includes.length === 0 || includes.some((each) => key.startsWith(each)))
        .filter((key) => !excludes.some((each) => key.startsWith(each)));
      const bounds = { pageCountMax: 7, namesInMemoryMax: 3, ranges };
      const { keys, directories } = walk(undefined, bounds);
      expect(keys).toEqual(wanted);
      // What is on the way to a prefix, or within it, and not excluded itself.
      const mayBeOpened = (directory: string): boolean =>
        (includes.length === 0 || includes.some((each) => each.startsWith(directory) || directory.startsWith(each))) &&
        !excludes.some((each) => directory.startsWith(each));
      expect(directories.filter((directory) => !mayBeOpened(directory))).toEqual([]);
      for (const cursor of wanted.slice(0, 3))
        expect(list(cursor, bounds)).toEqual(wanted.filter((key) => key > cursor));
    }),
    { numRuns: 150 },
  );
});

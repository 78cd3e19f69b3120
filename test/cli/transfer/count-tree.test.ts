import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { countTree } from '../../../src/cli/transfer/count-tree.ts';
import { SourceCounter } from '../../../src/cli/transfer/source-count.ts';
import { until } from '../../e2e/support/until.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'count-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('a count of a tree', () => {
  test('is of its regular files at every depth, whatever their names are, and not of links', () => {
    mkdirSync(join(root, 'a', 'b'), { recursive: true });
    writeFileSync(join(root, 'x'), 'abc');
    writeFileSync(join(root, 'a', 'b', 'y'), 'defg');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]), 'h');
    symlinkSync(join(root, 'a'), join(root, 'link'));

    expect([...countTree(root)]).toEqual([{ count: 3, bytes: 8 }]);
  });

  test('tells how far it has come on the way', () => {
    for (let index = 0; index < 4100; index++) writeFileSync(join(root, String(index)), '');

    expect([...countTree(root)].map(({ count }) => count)).toEqual([2000, 4000, 4100]);
  });

  test('of what is not there is nothing', () => {
    expect([...countTree(join(root, 'none'))]).toEqual([{ count: 0, bytes: 0 }]);
  });

  test('is made in a thread, and complete in the end', async () => {
    writeFileSync(join(root, 'x'), 'abc');
    const counter = new SourceCounter(root);

    await until('the whole count', () => counter.latest.isComplete);

    expect(counter.latest).toEqual({ count: 1, bytes: 3, isComplete: true });
  });
});

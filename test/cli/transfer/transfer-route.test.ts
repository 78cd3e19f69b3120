import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { jobNameOf, rootsOf, routeOf } from '../../../src/cli/transfer/transfer-route.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'route-'));
  mkdirSync(join(root, 'from'));
  writeFileSync(join(root, 'file'), '');
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('the directories of a command line', () => {
  test.each([undefined, '127.0.0.1:1', 'unix:/run/socket'])('start at the working directory for %s', (address) => {
    expect(routeOf({ source: 'a/../b', sink: '/x/' }, { directory: '/work', address })).toEqual({
      source: '/work/b',
      sink: '/x',
    });
  });

  test('have to be absolute for another machine', () => {
    expect(() => routeOf({ source: 'a', sink: '/x' }, { directory: '/work', address: 'far:1' })).toThrow(
      /give the path as that machine/,
    );
  });
});

describe('what an embedded sidecar may touch', () => {
  test('is both directories, or the nearest one above a sink that is not there yet', () => {
    const source = join(root, 'from');

    expect(rootsOf({ source, sink: root })).toEqual([source, root]);
    expect(rootsOf({ source, sink: join(root, 'a', 'b') })).toEqual([source, root]);
  });

  test.each([
    ['none', 'to', /none does not exist/],
    ['file', 'to', /file is not a directory/],
    ['from', 'file', /file exists and is not a directory/],
  ])('is refused from %s to %s', (source, sink, message) => {
    expect(() => rootsOf({ source: join(root, source), sink: join(root, sink) })).toThrow(message);
  });
});

test('the job of a pair of directories is the same each time, and another one the other way round', () => {
  expect(jobNameOf({ source: '/a', sink: '/b' })).toBe(jobNameOf({ source: '/a', sink: '/b' }));
  expect(jobNameOf({ source: '/a', sink: '/b' })).not.toBe(jobNameOf({ source: '/b', sink: '/a' }));
  expect(jobNameOf({ source: '/a', sink: '/b' })).toMatch(/^transferJobs\/pair-[0-9a-f]{20}$/);
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from '../../src/core/code.ts';
import { PosixCopier } from '../../src/stores/posix/posix-copier.ts';
import { OBJECT_STATE, type LargeObject, type StagingGroup } from '../../src/transfers/copier.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { TEST_LIMITS, TransferFixture } from '../support/transfer-fixture.ts';
import { plantFile } from '../support/tree.ts';

let fixture: TransferFixture;
let descriptors: number[];
let copier: PosixCopier;

beforeEach(() => {
  fixture = new TransferFixture();
  for (const directory of [fixture.source, fixture.sink]) mkdirSync(directory);
  descriptors = [openSync(fixture.source, 'r'), openSync(fixture.sink, 'r')];
  const [sourceRoot = 0, sinkRoot = 0] = descriptors;
  const word = new Int32Array(new SharedArrayBuffer(4));
  const limits = { ...TEST_LIMITS, durability: 'batch' as const };
  copier = new PosixCopier({ sourceRoot, sinkRoot, word, limits, metadata: NOTHING_PRESERVED, grainMs: 0.001 });
});
afterEach(async () => {
  await copier.close();
  for (const descriptor of descriptors) closeSync(descriptor);
  fixture.remove();
});

test('a large object whose staging has gone before its sync fails alone', async () => {
  const object: LargeObject = {
    key: 'f',
    sizeBytes: 5,
    modifyTimeMs: 0,
    stagingName: '.~stx-gone',
    stagedBytes: 5,
    stagedCrc32c: 0,
  };
  expect(await copier.publishLarge(object)).toMatchObject({ kind: 'failed', cause: { code: Code.NOT_FOUND } });
});

test('what was staged is removed from where it is now, when its directory was moved away since', async () => {
  mkdirSync(join(fixture.sink, 'd'));
  const object = { key: 'd/f', sizeBytes: 5, modifyTimeMs: 0 };
  expect(await copier.isPublished({ ...object, stagingName: '.~stx-1' })).toBe(false);
  renameSync(join(fixture.sink, 'd'), join(fixture.directory, 'moved'));
  mkdirSync(join(fixture.sink, 'd'));
  writeFileSync(join(fixture.sink, 'd', '.~stx-1'), '');
  expect(await copier.discardOne({ ...object, stagingName: '.~stx-1' })).toBe(true);
  expect(readdirSync(join(fixture.sink, 'd'))).toEqual([]);
});

test('a group in which a thread fails is reported when all of its threads have told what they did', async () => {
  for (let index = 0; index < 8; index += 1) plantFile(fixture.source, `f${index}`, { sizeBytes: 2_000_000 });
  const objects = Array.from({ length: 8 }, (_, index) => planned(`f${index}`));
  // Three batches that come first and have no key at all: a bug, which is no failure of an object.
  const broken = { ...planned('f0'), key: 0 as unknown as string };
  const group: StagingGroup = {
    stagingPrefix: '.~stx-1-',
    objects: [...Array.from({ length: 9 }, () => broken), ...objects],
    states: new Uint8Array(17),
    failures: new Map(),
  };
  await expect(copier.stage(group)).rejects.toThrow(TypeError);
  const staged = group.states.filter((state) => state === OBJECT_STATE.STAGED).length;
  expect(readdirSync(fixture.sink)).toHaveLength(staged);
  expect(staged).toBe(8);
});

function planned(key: string) {
  const { size, mtimeMs } = statSync(join(fixture.source, key));
  return { key, sizeBytes: size, modifyTimeMs: mtimeMs };
}

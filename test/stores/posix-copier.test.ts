import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { Code } from '../../src/core/code.ts';
import { PosixCopier } from '../../src/stores/posix/posix-copier.ts';
import type { LargeObject } from '../../src/transfers/copier.ts';
import { TEST_LIMITS, TransferFixture } from '../support/transfer-fixture.ts';

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
  copier = new PosixCopier({ sourceRoot, sinkRoot, word, limits, grainMs: 0.001 });
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

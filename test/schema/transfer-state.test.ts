import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Code } from '../../src/core/code.ts';
import {
  decodeTransferCheckpoint,
  decodeTransferProgress,
  encodeTransferCheckpoint,
  encodeTransferProgress,
} from '../../src/schema/transfer-state.ts';
import { COUNTER_NAMES, type CounterName, type TransferProgress } from '../../src/transfers/progress.ts';
import type { PendingObject } from '../../src/transfers/checkpoint.ts';

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const count = fc.maxSafeNat();
const nanoseconds = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const counters = fc
  .uniqueArray(fc.tuple(fc.constantFrom<CounterName>(...COUNTER_NAMES), count), { selector: ([name]) => name })
  .map((entries) => Object.fromEntries(entries));

const progress: fc.Arbitrary<TransferProgress> = fc.record({
  counters,
  errorBreakdowns: fc.array(
    fc.record({
      code: fc.constantFrom(...Object.values(Code).filter((code) => code !== Code.OK)),
      count,
      samples: fc.array(fc.record({ url: fc.string(), details: fc.array(fc.string(), { maxLength: 3 }) }), {
        maxLength: 5,
      }),
    }),
    { maxLength: 4 },
  ),
});

const part = fc.record({ sizeBytes: count, crc32c: fc.integer({ min: 0, max: 2 ** 32 - 1 }), etag: fc.string() });

const uploadMembers = {
  sourceEtag: fc.string(),
  replacedEtag: fc.string(),
  uploadId: fc.string(),
  parts: fc.array(part, { minLength: 1, maxLength: 3 }),
};

const fileMembers = {
  key: bytes,
  sizeBytes: count,
  modifyTimeMs: fc.double({ noNaN: true }),
  modifyTimeNs: nanoseconds,
  changeTimeNs: nanoseconds,
  inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  stagingName: fc.string({ unit: 'binary' }),
  stagedBytes: count,
  stagedCrc32c: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
};

const pending: fc.Arbitrary<PendingObject> = fc.record(
  { ...fileMembers, ...uploadMembers },
  { requiredKeys: Object.keys(fileMembers) as (keyof typeof fileMembers)[] },
);

test('progress reads back as it was written', () => {
  fc.assert(
    fc.property(progress, (value) => {
      expect(decodeTransferProgress(encodeTransferProgress(value))).toEqual(value);
    }),
    { numRuns: 500 },
  );
});

test('a checkpoint reads back as it was written: keys that are no text, times before 1970, an empty cursor', () => {
  const checkpoint = fc.record(
    { cursor: bytes, progress, pending: fc.array(pending, { maxLength: 4 }) },
    { requiredKeys: ['progress', 'pending'] },
  );
  fc.assert(
    fc.property(checkpoint, (value) => {
      expect(decodeTransferCheckpoint(encodeTransferCheckpoint(value))).toEqual(value);
    }),
    { numRuns: 500 },
  );
});

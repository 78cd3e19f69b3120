import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSameTime, isToBeCopied } from '../../src/transfers/delta.ts';
import { decodeGroupEntry, encodeGroupEntry, encodeUploadEntry } from '../../src/transfers/group-entry.ts';
import { initialGroupSize, nextGroupSize } from '../../src/transfers/group-sizer.ts';
import { DEFAULT_TRANSFER_LIMITS } from '../../src/transfers/limits.ts';

const MICROSECOND_MS = 0.001;
const T = 1_700_000_000_000.5;
const byteString = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

/** As they come in headers. */
const etag = byteString.filter((text) => text !== '');

test('a journal entry says after a crash what it was given', () => {
  const object = fc.record(
    {
      key: byteString,
      sizeBytes: fc.maxSafeNat(),
      modifyTimeMs: fc.double({ noNaN: true, min: -1e13, max: 1e13 }),
      replaces: fc.oneof(fc.integer({ min: 0, max: 2 ** 50 }), etag),
      etag,
      linkTarget: byteString.filter((target) => target !== ''),
    },
    { requiredKeys: ['key', 'sizeBytes', 'modifyTimeMs'] },
  );
  fc.assert(
    fc.property(byteString, fc.array(object, { maxLength: 100 }), (root, objects) => {
      const entry = decodeGroupEntry(encodeGroupEntry(root, '.~stx-p-', objects));
      expect(entry.sinkRoot).toBe(root);
      expect(entry.objects).toEqual(
        objects.map((each, index) => ({ ...each, stagingName: `.~stx-p-${index.toString(36)}` })),
      );
    }),
  );
});

test('a journal entry holds the size of a sparse file beyond the safe integers, wherever it falls', () => {
  const object = { key: 'k', sizeBytes: 2 ** 62, modifyTimeMs: 1 };
  for (let length = 4000; length < 4200; length += 1) {
    const entry = decodeGroupEntry(encodeGroupEntry('r'.repeat(length), '.~stx-p-', [object]));
    expect(entry.objects).toEqual([{ ...object, stagingName: '.~stx-p-0' }]);
  }
});

test('a journal entry that is cut short or of another version is refused', () => {
  const bytes = encodeGroupEntry('/sink', '.~stx-p-', [{ key: 'key', sizeBytes: 300, modifyTimeMs: 1 }]);
  for (let length = 0; length < bytes.length; length += 1)
    expect(() => decodeGroupEntry(bytes.subarray(0, length))).toThrow();
  expect(() => decodeGroupEntry(Uint8Array.of(4, ...bytes.subarray(1)))).toThrow('unknown version 4');
});

test('a journal entry of the release before there were links is read', () => {
  const bytes = Buffer.from(
    '01052f73696e6b082e7e7374782d702d0200056469722f61ac02000000000000f83f000401620000000000000000c008',
    'hex',
  );
  expect(decodeGroupEntry(bytes)).toEqual({
    sinkRoot: '/sink',
    objects: [
      { key: 'dir/a', sizeBytes: 300, modifyTimeMs: 1.5, stagingName: '.~stx-p-0' },
      { key: 'dir/b', sizeBytes: 0, modifyTimeMs: -2, stagingName: '.~stx-p-1', replaces: 7 },
    ],
  });
});

test('a journal entry of the release before there were buckets is read', () => {
  const bytes = Buffer.from('02052f73696e6b082e7e7374782d702d0100056469722f61ac02000000000000f83f0803782f79', 'hex');
  expect(decodeGroupEntry(bytes)).toEqual({
    sinkRoot: '/sink',
    objects: [
      { key: 'dir/a', sizeBytes: 300, modifyTimeMs: 1.5, stagingName: '.~stx-p-0', replaces: 7, linkTarget: 'x/y' },
    ],
  });
});

test('the journal entry of an upload says its id, or that one may have been begun', () => {
  const object = { key: 'k', sizeBytes: 9, modifyTimeMs: 1, etag: 'e', replaces: '"f"', stagingName: '' };
  for (const uploadId of ['', 'https://host/upload?id=1']) {
    const entry = decodeGroupEntry(encodeUploadEntry('gs://bucket/path', { ...object, uploadId }));
    expect(entry).toEqual({ sinkRoot: 'gs://bucket/path', objects: [{ ...object, uploadId }] });
  }
});

test('a journal entry takes under 30 bytes an object where keys are alike', () => {
  const objects = Array.from({ length: 1000 }, (_, index) => ({
    key: `some/deep/directory/of/files/file-${String(index).padStart(6, '0')}`,
    sizeBytes: 4096,
    modifyTimeMs: T + index,
  }));
  expect(encodeGroupEntry('/sink', '.~stx-p-', objects).length).toBeLessThan(30_000);
});

test.each([
  ['another size', { sizeBytes: 2 }, {}, true],
  ['the same', {}, {}, false],
  ['a time one microsecond off', { modifyTimeMs: T + 0.001 }, {}, false],
  ['a time two microseconds off', { modifyTimeMs: T + 0.002 }, {}, true],
  ['another hash, the same time', { crc32c: 1 }, { crc32c: 2 }, true],
  ['another time, the same hash', { crc32c: 1, modifyTimeMs: T + 5 }, { crc32c: 1 }, false],
  ['a hash on one side only', { crc32c: 1 }, {}, false],
  ['another size, the same hash', { crc32c: 1, sizeBytes: 2 }, { crc32c: 1 }, true],
])('of two objects with %s, the delta copies: %#', (_, source, sink, isCopied) => {
  const base = { sizeBytes: 1, modifyTimeMs: T };
  const both = [
    { ...base, ...source },
    { ...base, ...sink },
  ] as const;
  const side = { assignsModifyTime: false, mayTellMore: false };
  const rules = { grainMs: MICROSECOND_MS, source: side, sink: side };
  expect(isToBeCopied(...both, { ...rules, overwriteWhen: 'DIFFERENT' })).toBe(isCopied);
  expect(isToBeCopied(...both, { ...rules, overwriteWhen: 'ALWAYS' })).toBe(true);
  expect(isToBeCopied(...both, { ...rules, overwriteWhen: 'NEVER' })).toBe(false);
});

test('times are compared by the coarser grain', () => {
  expect(isSameTime(T, Math.floor(T / 1000) * 1000, 1000)).toBe(true);
  expect(isSameTime(T, Math.floor(T / 1000) * 1000, MICROSECOND_MS)).toBe(false);
});

test('group sizes stay within their limits, and a throttled group within its target time', () => {
  const limits = { ...DEFAULT_TRANSFER_LIMITS, bytesPerSecondMax: 1000, objectsPerSecondMax: 10 };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 40 }), (durations) => {
      let free = initialGroupSize(DEFAULT_TRANSFER_LIMITS);
      let throttled = initialGroupSize(limits);
      for (const tookMs of durations) {
        free = nextGroupSize(free, tookMs, DEFAULT_TRANSFER_LIMITS);
        throttled = nextGroupSize(throttled, tookMs, limits);
        expect(free.objectCount).toBeGreaterThanOrEqual(1);
        expect(free.objectCount).toBeLessThanOrEqual(DEFAULT_TRANSFER_LIMITS.groupObjectCountMax);
        expect(free.sizeBytes).toBeLessThanOrEqual(DEFAULT_TRANSFER_LIMITS.groupSizeBytesMax);
        expect(throttled.objectCount).toBeLessThanOrEqual(20);
        expect(throttled.sizeBytes).toBeLessThanOrEqual(2000);
      }
    }),
  );
});

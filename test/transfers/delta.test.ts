import { describe, expect, test } from '@jest/globals';
import { compareObjects, type Comparable, type DeltaRules } from '../../src/transfers/delta.ts';
import { provenancePairs } from '../../src/transfers/provenance.ts';

const T = 1.6e12 + 123.456;
const FILE = { assignsModifyTime: false, mayTellMore: false };
/** Such as Google's: listings tell all. */
const TELLING = { assignsModifyTime: true, mayTellMore: false };
/** Such as S3: metadata costs a HEAD. */
const SILENT = { assignsModifyTime: true, mayTellMore: true };

const base = { sizeBytes: 1, modifyTimeMs: T } satisfies Comparable;

function rules(source: DeltaRules['source'], sink: DeltaRules['sink']): DeltaRules {
  return { overwriteWhen: 'DIFFERENT', grainMs: 0.001, source, sink };
}

function remembering(source: { modifyTimeMs: number; etag?: string }): Comparable['metadata'] {
  return { custom: provenancePairs(source) };
}

describe('from a directory to a bucket', () => {
  test.each<[string, Partial<Comparable>, DeltaRules['sink'], string]>([
    ['another size', { sizeBytes: 2, metadata: remembering(base) }, TELLING, 'copy'],
    ['its time remembered', { metadata: remembering(base) }, TELLING, 'skip'],
    [
      'its time remembered to the second',
      { metadata: { custom: { 'goog-reserved-file-mtime': '1600000000' } } },
      TELLING,
      'skip',
    ],
    [
      'another second remembered',
      { metadata: { custom: { 'goog-reserved-file-mtime': '1600000001' } } },
      TELLING,
      'copy',
    ],
    ['another time remembered', { metadata: remembering({ modifyTimeMs: T + 1 }) }, TELLING, 'copy'],
    ['nothing remembered, the same time by chance', { metadata: { custom: {} } }, TELLING, 'copy'],
    ['no metadata listed', {}, TELLING, 'copy'],
    ['no metadata listed, but a stat tells it', {}, SILENT, 'unknown'],
    ['no metadata listed, another size', { sizeBytes: 2 }, SILENT, 'copy'],
    [
      "only another cloud's etag remembered",
      { metadata: remembering({ modifyTimeMs: T, etag: '1' }) },
      TELLING,
      'copy',
    ],
  ])('with %s', (_, sink, side, verdict) => {
    expect(compareObjects(base, { ...base, ...sink }, rules(FILE, side))).toBe(verdict);
  });
});

describe('between buckets', () => {
  const source = { ...base, etag: 'e1' };
  test.each<[string, Partial<Comparable>, Partial<Comparable>, string]>([
    ['the same crc32c and no memory', { crc32c: 7 }, { crc32c: 7 }, 'skip'],
    ['another crc32c, its etag remembered', { crc32c: 7 }, { crc32c: 8, metadata: remembering(source) }, 'copy'],
    ['the same md5', { md5: 'a' }, { md5: 'a' }, 'skip'],
    ['another md5', { md5: 'a' }, { md5: 'b' }, 'copy'],
    ['hashes of two kinds and no memory', { md5: 'a' }, { crc32c: 7 }, 'unknown'],
    ['its etag remembered', {}, { metadata: remembering(source) }, 'skip'],
    ['another etag remembered', {}, { metadata: remembering({ modifyTimeMs: T, etag: 'e0' }) }, 'copy'],
    ['the time of the file that both were made of', {}, { metadata: remembering(base) }, 'copy'],
  ])('with %s', (_, left, right, verdict) => {
    expect(compareObjects({ ...source, ...left }, { ...base, ...right }, rules(SILENT, SILENT))).toBe(verdict);
  });
});

describe('from a bucket to a directory', () => {
  test.each<[string, Partial<Comparable>, DeltaRules['source'], string]>([
    ["the object's own time", {}, SILENT, 'skip'],
    ['another time, and metadata that a stat tells', { modifyTimeMs: T + 5000 }, SILENT, 'unknown'],
    ['another time, and nothing more to tell', { modifyTimeMs: T + 5000 }, TELLING, 'copy'],
    ['the time of the file it was made of', { modifyTimeMs: T + 5000, metadata: remembering(base) }, TELLING, 'skip'],
    ['the time of the upload, not of the file', { metadata: remembering({ modifyTimeMs: T - 5000 }) }, TELLING, 'copy'],
  ])('with %s', (_, source, side, verdict) => {
    expect(compareObjects({ ...base, etag: 'e', ...source }, base, rules(side, FILE))).toBe(verdict);
  });
});

test.each(['NEVER', 'ALWAYS'] as const)('%s asks nothing', (overwriteWhen) => {
  const verdict = compareObjects(base, base, { ...rules(SILENT, SILENT), overwriteWhen });
  expect(verdict).toBe(overwriteWhen === 'NEVER' ? 'skip' : 'copy');
});

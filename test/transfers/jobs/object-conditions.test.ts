/** The requirements that transfer_types.proto lists of ObjectConditions; sentences are its own. */
import { describe, expect, test } from '@jest/globals';
import { StatusError } from '../../../src/core/status-error.ts';
import type { Message } from '../../../src/transfers/jobs/field-rules.ts';
import { newTransferJob } from '../../../src/transfers/jobs/job-rules.ts';
import { transferSpecOf } from '../../../src/transfers/jobs/transfer-spec-message.ts';
import { jobWithSpec, SPEC } from './sample-job.ts';

const NEW = { name: 'transferJobs/1', now: 5000 };
const PATH = 'transfer_job.transfer_spec.object_conditions';

function refusedField(objectConditions: Message): string | undefined {
  try {
    newTransferJob(jobWithSpec({ objectConditions }), NEW);
  } catch (error) {
    if (error instanceof StatusError) return `${error.info.reason} ${error.info.metadata?.['field'] ?? ''}`;
    throw error;
  }
  return undefined;
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `${String(index)}/`);

test.each<[string, readonly string[], string]>([
  ['"None of the include-prefix values can be empty"', ['a', ''], '[1]'],
  ['"must omit the leading slash"', ['/a'], '[0]'],
  ['"must not contain Carriage Return"', ['a\rb'], '[0]'],
  ['"or Line Feed characters"', ['a', 'b\n'], '[1]'],
  ['"a max length of 1024 bytes when UTF8-encoded"', ['é'.repeat(512) + 'a'], '[0]'],
  ['"No include-prefix may be a prefix of another"', ['logs/', 'data', 'logs/2026'], '[2]'],
  ['one that is there twice', ['logs/', 'data', 'logs/'], '[2]'],
  ['"The max size of `include_prefixes` is 1000"', numbered(1001), ''],
])('%s: other prefixes are INVALID_ARGUMENT, included or excluded', (_sentence, prefixes, place) => {
  expect(refusedField({ includePrefixes: prefixes })).toBe(`INVALID_FIELD ${PATH}.include_prefixes${place}`);
  expect(refusedField({ excludePrefixes: prefixes })).toBe(`INVALID_FIELD ${PATH}.exclude_prefixes${place}`);
});

test.each<[string, Message]>([
  ['a thousand prefixes', { includePrefixes: numbered(1000) }],
  ['a prefix of 1024 bytes', { includePrefixes: ['é'.repeat(512)] }],
  ['prefixes that only look nested', { includePrefixes: ['logs-1', 'logs/', 'log0'] }],
  ['any characters', { excludePrefixes: ['a*?[\t\u0000\u{1f600}'] }],
  ['excluded prefixes alone', { excludePrefixes: ['a', 'b'] }],
  ['an excluded prefix that is included', { includePrefixes: ['a'], excludePrefixes: ['a'] }],
])('%s are accepted', (_title, conditions) => {
  expect(refusedField(conditions)).toBeUndefined();
});

test('"each exclude-prefix must start with the value of a path explicitly included by `include_prefixes`"', () => {
  const includePrefixes = ['logs/', 'data/'];
  expect(refusedField({ includePrefixes, excludePrefixes: ['logs/tmp', 'other'] })).toBe(
    `INVALID_FIELD ${PATH}.exclude_prefixes[1]`,
  );
  expect(refusedField({ includePrefixes, excludePrefixes: ['logs/tmp', 'data/x'] })).toBeUndefined();
});

test.each<[string, Message]>([
  ['min_time_elapsed_since_last_modification', { minTimeElapsedSinceLastModification: { seconds: '-1' } }],
  ['max_time_elapsed_since_last_modification', { maxTimeElapsedSinceLastModification: { nanos: -1 } }],
  ['max_time_elapsed_since_last_modification', { maxTimeElapsedSinceLastModification: { seconds: '315576000001' } }],
  ['last_modified_since', { lastModifiedSince: { seconds: '253402300800' } }],
  ['last_modified_before', { lastModifiedBefore: { nanos: 1_000_000_000 } }],
])('a %s that is none is INVALID_ARGUMENT', (field, conditions) => {
  expect(refusedField(conditions)).toBe(`INVALID_FIELD ${PATH}.${field}`);
});

describe('what a worker is asked for', () => {
  const conditionsOf = (objectConditions: Message, spec: Message = SPEC): unknown =>
    transferSpecOf({ ...spec, objectConditions }).conditions;

  test('has times in milliseconds, with what is finer', () => {
    const objectConditions = {
      minTimeElapsedSinceLastModification: { seconds: '60', nanos: 1_500_000 },
      maxTimeElapsedSinceLastModification: { seconds: '3600' },
      lastModifiedSince: { seconds: '-5', nanos: 250_000 },
      lastModifiedBefore: { seconds: '1700000000' },
      includePrefixes: ['a'],
    };
    expect(conditionsOf(objectConditions)).toEqual({
      minElapsedMs: 60_001.5,
      maxElapsedMs: 3_600_000,
      modifiedSinceMs: -4999.75,
      modifiedBeforeMs: 1_700_000_000_000,
      includePrefixes: ['a'],
      excludePrefixes: [],
    });
  });

  test('has no conditions where none is set', () => {
    expect(conditionsOf({})).toBeUndefined();
    expect(conditionsOf({ includePrefixes: [] })).toBeUndefined();
  });

  test('has a time that is zero', () => {
    expect(conditionsOf({ lastModifiedBefore: {} })).toMatchObject({ modifiedBeforeMs: 0 });
  });

  test('of a list of URLs has none: "ObjectConditions have no effect when filtering objects to transfer"', () => {
    const { posixDataSource: _, ...sink } = SPEC;
    const spec = { ...sink, httpDataSource: { listUrl: 'https://files.example.com/list.tsv' } };
    expect(conditionsOf({ includePrefixes: ['a'], lastModifiedBefore: {} }, spec)).toBeUndefined();
  });
});

import { expect, test } from '@jest/globals';
import { StatusError } from '../../../src/core/status-error.ts';
import type { Message } from '../../../src/transfers/jobs/field-rules.ts';
import { newTransferJob } from '../../../src/transfers/jobs/job-rules.ts';
import { transferSpecOf } from '../../../src/transfers/jobs/transfer-spec-message.ts';
import { jobWithSpec, SPEC } from './sample-job.ts';

const PATH = 'transfer_job.transfer_spec.transfer_manifest';

function refusedField(members: Message): string | undefined {
  try {
    newTransferJob(jobWithSpec(members), { name: 'transferJobs/1', now: 5000 });
  } catch (error) {
    if (error instanceof StatusError) return `${error.info.reason} ${error.info.metadata?.['field'] ?? ''}`;
    throw error;
  }
  return undefined;
}

const at = (location: string): Message => ({ transferManifest: { location } });

test.each([
  'm.csv',
  '/lists/m.csv',
  'gs://bucket',
  'gs://bucket/',
  'gs://bucket/lists/',
  'gs://B/m.csv',
  's3://bucket/m.csv',
  'https://files.example.com/m.csv',
  'file:///lists/m.csv',
  'source://',
  'source:///lists/m.csv',
  'source://../m.csv',
  'source://lists/../../m.csv',
  'destination://./m.csv',
  'destination://lists/',
  'source://m\0.csv',
  `gs://bucket/${'a'.repeat(1025)}`,
])('the location %j is INVALID_ARGUMENT', (location) => {
  expect(refusedField(at(location))).toBe(`INVALID_FIELD ${PATH}.location`);
});

test.each<[string, object]>([
  [
    // "An example path is gs://bucket_name/path/manifest.csv".
    'gs://bucket_name/path/manifest.csv',
    {
      kind: 'bucket',
      bucket: { kind: 'bucket', scheme: 'gs', bucket: 'bucket_name', path: '' },
      name: 'path/manifest.csv',
    },
  ],
  ['source://lists/m.csv', { kind: 'source', name: 'lists/m.csv' }],
  ['destination://m', { kind: 'sink', name: 'm' }],
])('the location %s is served', (location, expected) => {
  expect(refusedField(at(location))).toBeUndefined();
  expect(transferSpecOf({ ...SPEC, ...at(location) }).manifest).toEqual(expected);
});

test('source:// and destination:// are for file systems alone', () => {
  const { posixDataSource: _source, posixDataSink: _sink, ...rest } = SPEC;
  const buckets = { ...rest, gcsDataSource: { bucketName: 'source' }, gcsDataSink: { bucketName: 'sink' } };
  for (const location of ['source://m.csv', 'destination://m.csv']) {
    expect(() => transferSpecOf({ ...buckets, ...at(location) })).toThrow('is for file systems');
  }
});

test('it excludes a deletion of what only the sink has, which would be all that it does not name', () => {
  const transferOptions = { deleteObjectsUniqueInSink: true };
  expect(refusedField({ ...at('source://m.csv'), transferOptions })).toBe(`INVALID_FIELD ${PATH}`);
});

test('it is not for lists of URLs', () => {
  const { posixDataSource: _, ...sink } = SPEC;
  const spec = {
    ...sink,
    httpDataSource: { listUrl: 'https://files.example.com/list.tsv' },
    ...at('gs://bucket/m.csv'),
  };
  expect(() => transferSpecOf(spec)).toThrow('is not for lists of URLs');
});

test('one without a location says nothing', () => {
  expect(transferSpecOf({ ...SPEC, ...at('') })).not.toHaveProperty('manifest');
});

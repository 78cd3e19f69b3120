/** What opening the ends of a transfer between two buckets looks at. */
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { BucketBindings, S3Binding } from '../../../src/core/bucket-binding.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { Code } from '../../../src/core/code.ts';
import { DEFAULT_STORE_LIMITS } from '../../../src/stores/places/limits.ts';
import { openEnds } from '../../../src/stores/places/open-ends.ts';
import { DEFAULT_BUCKET_METADATA } from '../../../src/transfers/bucket-metadata.ts';
import { DEFAULT_TRANSFER_LIMITS } from '../../../src/transfers/limits.ts';
import { NOTHING_PRESERVED } from '../../../src/transfers/posix-metadata.ts';
import type { Deletes, TransferSpec } from '../../../src/transfers/spec.ts';
import { FAKE_BUCKET, FAKE_CREDENTIALS, startFakeS3, type FakeS3 } from '../../support/fake-s3/fake-s3.ts';

const signal = new AbortController().signal;

let s3: FakeS3;
let other: FakeS3;
let announced: [string, readonly string[]][];
/** Called when a look has been announced, and not begun. */
let onLook: () => void;
beforeEach(async () => {
  [s3, other] = [await startFakeS3(), await startFakeS3()];
  announced = [];
  onLook = () => undefined;
});
afterEach(async () => {
  await Promise.all([s3.close(), other.close()]);
});

function bindingOf(endpoint: string): S3Binding {
  const { accessKeyId, secretAccessKey, sessionToken } = FAKE_CREDENTIALS;
  return {
    kind: 's3',
    bucket: FAKE_BUCKET,
    prefix: '',
    endpoint,
    region: 'test-1',
    isVirtualHosted: false,
    accessKeyId: { given: accessKeyId },
    secretAccessKey: { given: secretAccessKey },
    sessionToken: { given: sessionToken },
  };
}

interface Paths {
  readonly from?: string;
  readonly to?: string;
}

async function open(deletes: Deletes, sinkName: string, { from = '', to = '' }: Paths = {}): Promise<void> {
  const bindings: BucketBindings = {
    bound: bindingOf(s3.endpoint),
    // The same server by an address that does not look it.
    alias: bindingOf(s3.endpoint.replace('127.0.0.1', '[::ffff:127.0.0.1]')),
    other: bindingOf(other.endpoint),
  };
  const spec: TransferSpec = {
    source: { kind: 'bucket', scheme: 's3', bucket: 'bound', path: from },
    sink: { kind: 'bucket', scheme: 'gs', bucket: sinkName, path: to },
    overwriteWhen: 'DIFFERENT',
    deletes,
    metadata: NOTHING_PRESERVED,
    bucketMetadata: DEFAULT_BUCKET_METADATA,
  };
  const ends = await openEnds(spec, {
    posixRoots: [],
    bindings,
    egress: [],
    limits: DEFAULT_TRANSFER_LIMITS,
    stores: DEFAULT_STORE_LIMITS,
    sortDirectory: tmpdir(),
    word: new Int32Array(new SharedArrayBuffer(4)),
    clock: systemClock,
    announce: (root, keys) => {
      announced.push([root, keys]);
      if (keys.some((key) => key.includes('.~stx-look-'))) onLook();
      expect(looksAt(s3)).toEqual([]);
      return Promise.resolve();
    },
    signal,
  });
  await ends.close();
}

/** Requests for the object that a look writes, each once and without its random name. */
function looksAt({ requests }: FakeS3): readonly string[] {
  const looks = requests.filter((request) => request.includes('.~stx-look-'));
  return [...new Set(looks.map((request) => request.replace(/look-[^?]*/, 'look')))];
}

const REFUSAL = { code: Code.FAILED_PRECONDITION, info: { reason: 'SINK_WITHIN_SOURCE' } };

test.each<[Deletes, string, string, string]>([
  ['from-source', '', '', ''],
  ['from-source', 'p/', '', 'p/'],
  ['from-source', '', 'p/', 'p/'],
  ['unique-in-sink', 'p/', '', 'p/'],
])('a transfer that deletes %s of one bucket under two names (%j to %j) is refused', async (deletes, from, to, at) => {
  await expect(open(deletes, 'alias', { from, to })).rejects.toMatchObject(REFUSAL);
  const path = `/${FAKE_BUCKET}/${at}.~stx-look`;
  expect(looksAt(s3)).toEqual([`PUT ${path}`, `HEAD ${path}`, `DELETE ${path}`]);
  expect([...s3.bucket.objects.keys()]).toEqual([]);
  expect(announced.at(-1)).toEqual([`gs://alias/${to}`, [expect.stringContaining('.~stx-look-')]]);
});

test('one between two buckets is opened, and nothing is left at either', async () => {
  await open('from-source', 'other');
  expect([...s3.bucket.objects.keys(), ...other.bucket.objects.keys()]).toEqual([]);
});

test.each<[string, Deletes, Paths]>([
  ['deletes nothing', 'nothing', {}],
  ['moves from one path to another', 'from-source', { from: 'p/', to: 'q/' }],
])('one that %s writes nothing to look', async (_title, deletes, paths) => {
  await open(deletes, 'alias', paths);
  expect(looksAt(s3)).toEqual([]);
});

test('what a look could not remove is announced, and the transfer does not begin', async () => {
  onLook = () => {
    s3.faults.add({ method: 'DELETE', fault: { kind: 'status', status: 403, code: 'AccessDenied' } });
  };
  await expect(open('from-source', 'alias')).rejects.toMatchObject({ code: Code.PERMISSION_DENIED });
  expect(announced.at(-1)?.[1]).toEqual([...s3.bucket.objects.keys()]);
});

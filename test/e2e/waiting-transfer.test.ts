/** Transfers whose attempts fail as a whole: while they wait for the next one, clients that know nothing of us are told why. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { canMount } from '../support/can-mount.ts';
import { FAKE_BUCKET, FAKE_CREDENTIALS, startFakeS3, type FakeS3 } from '../support/fake-s3/fake-s3.ts';
import { plantFile } from '../support/tree.ts';
import { PROJECT, TransferClient, type SeenOperation } from './support/transfer-client.ts';
import { Workspace } from './support/workspace.ts';

const MIB = 1024 * 1024;
/** An hour at most: none of these tests sees the end of a backoff, and a resume needs none. */
const LONG = { initialMs: 3_600_000, maxMs: 3_600_000 };

let workspace: Workspace;
let s3: FakeS3;
let client: TransferClient;
let http: string;

beforeEach(async () => {
  workspace = new Workspace();
  s3 = await startFakeS3();
  const secret = (name: string, text: string): { file: string } => {
    writeFileSync(workspace.path(name), text, { mode: 0o600 });
    return { file: workspace.path(name) };
  };
  const bucket = {
    kind: 's3',
    bucket: FAKE_BUCKET,
    endpoint: s3.endpoint,
    region: 'test-1',
    'access-key-id': secret('id', FAKE_CREDENTIALS.accessKeyId),
    'secret-access-key': secret('key', FAKE_CREDENTIALS.secretAccessKey),
    'session-token': secret('token', FAKE_CREDENTIALS.sessionToken),
  };
  const limits = { retry: { failureBackoff: LONG }, storeCalls: { tryCountMax: 1 } };
  writeFileSync(workspace.path('config.yaml'), JSON.stringify({ buckets: { bound: bucket }, limits }));
  const sidecar = await workspace.start({ flags: [`--config=${workspace.path('config.yaml')}`] });
  client = new TransferClient(sidecar.grpc);
  http = `http://${sidecar.http ?? ''}`;
});

afterEach(async () => {
  await client.close();
  await workspace.remove();
  await s3.close();
});

/** As the stock client reads it, without what is not asked about here. */
const breakdownsOf = ({ errorBreakdowns }: SeenOperation): unknown => errorBreakdowns;

/** Until an attempt has failed and the next one is waited for. */
const untilWaiting = (name: string): Promise<SeenOperation> =>
  client.untilSeen(name, ({ status, errorBreakdowns }) => status === 'QUEUED' && errorBreakdowns !== undefined);

/** The next attempt begins at once. */
async function tryAgain(name: string): Promise<SeenOperation> {
  await client.pause(name);
  expect(breakdownsOf(await client.get(name))).toMatchObject([{ errorCount: 1 }]);
  await client.resume(name);
  return client.untilDone(name);
}

// Only root may mount, and not in every container.
(canMount() ? test : test.skip)(
  'a transfer onto a full disk says so while it waits, and nothing of it once it has gone on',
  async () => {
    const source = workspace.directory('files', 'from');
    for (const name of ['a', 'b', 'c']) plantFile(source, name, { sizeBytes: 3 * MIB });
    const disk = workspace.directory('files', 'disk');
    const sink = join(disk, 'to');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
    try {
      const name = await client.transfer({ source, sink });
      const waiting = await untilWaiting(name);

      const told = expect.stringMatching(/^file:\/\/.*\/disk\/to: copy: ENOSPC, the sink is full: free space there/);
      const next = expect.stringMatching(/^attempt 1 ended at .*, after 1 of at most 5 failures; the next begins at 2/);
      expect(waiting.operation).toMatchObject({ done: false });
      expect(breakdownsOf(waiting)).toEqual([
        {
          errorCode: 'RESOURCE_EXHAUSTED',
          errorCount: 1,
          errorLogEntries: [{ url: `file://${sink}`, errorDetails: [told, next] }],
        },
      ]);
      expect(waiting.counters['objectsFromSourceFailed']).toBe(0);
      const { metadata } = (await (await fetch(`${http}/v1/${name}`)).json()) as { readonly metadata: unknown };
      expect(metadata).toMatchObject({
        status: 'QUEUED',
        errorBreakdowns: [{ errorCode: 'RESOURCE_EXHAUSTED', errorCount: '1' }],
      });

      execFileSync('mount', ['-o', 'remount,size=64m', disk]);
      const end = await tryAgain(name);
      expect(end.status).toBe('SUCCESS');
      expect(breakdownsOf(end)).toBeUndefined();
      expect(end.counters).toMatchObject({ objectsFoundFromSource: 3, objectsCopiedToSink: 3 });
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  },
);

test('a transfer whose store does not answer says so while it waits, and nothing of it once it has gone on', async () => {
  s3.faults.add({ method: 'GET', parameter: 'list-type', fault: { kind: 'status', status: 503, code: 'Down' } });
  const transferSpec = {
    gcsDataSource: { bucketName: 'bound' },
    posixDataSink: { rootDirectory: workspace.directory('files', 'to') },
  };
  const [job] = await client.stock.createTransferJob({
    transferJob: { projectId: PROJECT, status: 'ENABLED', transferSpec },
  });
  const name = await client.run(job.name ?? '');

  expect(breakdownsOf(await untilWaiting(name))).toMatchObject([
    {
      errorCode: 'UNAVAILABLE',
      errorCount: 1,
      errorLogEntries: [
        { url: `s3://${FAKE_BUCKET}`, errorDetails: [expect.stringContaining('503'), expect.any(String)] },
      ],
    },
  ]);
  const end = await tryAgain(name);
  expect(end.status).toBe('SUCCESS');
  expect(breakdownsOf(end)).toBeUndefined();
});

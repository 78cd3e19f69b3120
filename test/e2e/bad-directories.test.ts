/** Transfers whose directories are not what they should be: each ends as an error that says so, and the sidecar is well. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { status as Code } from '@grpc/grpc-js';
import { canMount } from '../support/can-mount.ts';
import type { SidecarProcess } from '../support/sidecar-process.ts';
import { errorInfoOf, RawClient } from './support/raw-client.ts';
import { PROJECT, TransferClient } from './support/transfer-client.ts';
import { copiesIn, leftoversIn, TreeComparison, writeTree } from './support/tree.ts';
import { Workspace } from './support/workspace.ts';

const MIB = 1024 * 1024;

let workspace: Workspace;
let sidecar: SidecarProcess;
let client: TransferClient;
let raw: RawClient;

beforeEach(async () => {
  workspace = new Workspace();
  sidecar = await workspace.start();
  client = new TransferClient(sidecar.grpc);
  raw = new RawClient(sidecar.grpc);
});

afterEach(async () => {
  raw.close();
  await client.close();
  await workspace.remove();
});

const at = (...names: readonly string[]): string => join(workspace.files, ...names);

/** Runs it to its end, which is an error. */
async function failure(source: string, sink: string) {
  const { operation, status, counters } = await client.untilDone(await client.transfer({ source, sink }));
  const { error } = operation;
  expect(status).toBe('FAILED');
  return { code: error?.code, ...errorInfoOf(error?.details ?? []), message: error?.message, counters };
}

test('a transfer without a source fails with NOT_FOUND, and makes no sink', async () => {
  expect(await failure(at('none'), at('to'))).toMatchObject({
    code: Code.NOT_FOUND,
    domain: 'storagetransfer.googleapis.com',
    message: expect.stringContaining(at('none')),
  });
  expect(existsSync(at('to'))).toBe(false);
});

test('a transfer with a file for a source fails with FAILED_PRECONDITION', async () => {
  writeFileSync(at('from'), 'a file');

  expect(await failure(at('from'), at('to'))).toMatchObject({
    code: Code.FAILED_PRECONDITION,
    reason: 'NOT_A_DIRECTORY',
  });
});

test('a transfer with a file for a destination fails with FAILED_PRECONDITION, and the file stays', async () => {
  writeTree(at('from'), { seed: 1, smallCount: 3, largeNames: [], largeSizeBytes: 0 });
  writeFileSync(at('to'), 'a file');

  expect(await failure(at('from'), at('to'))).toMatchObject({
    code: Code.FAILED_PRECONDITION,
    reason: 'NOT_A_DIRECTORY',
  });
  expect(execFileSync('cat', [at('to')], { encoding: 'utf8' })).toBe('a file');
});

test('a transfer with a directory in the place of a file fails for that object alone, and names it', async () => {
  const { fileCount } = writeTree(at('from'), { seed: 1, smallCount: 5, largeNames: ['z'], largeSizeBytes: 100 });
  mkdirSync(at('to', 'z'), { recursive: true });

  const { code, counters, reason } = await failure(at('from'), at('to'));

  expect({ code, reason }).toEqual({ code: Code.FAILED_PRECONDITION, reason: 'TRANSFER_OBJECTS_FAILED' });
  expect(counters).toMatchObject({ objectsCopiedToSink: fileCount - 1, objectsFromSourceFailed: 1 });
  expect(leftoversIn(at('to'))).toEqual([]);
});

test('a transfer with a root that now leads elsewhere is refused when it is run', async () => {
  writeTree(at('from'), { seed: 1, smallCount: 3, largeNames: [], largeSizeBytes: 0 });
  const jobName = await client.createJob({ source: at('from'), sink: at('to') });
  symlinkSync('/etc', at('to'));

  const refusal = await raw.refusal('StorageTransferService/RunTransferJob', { jobName, projectId: PROJECT });

  expect(refusal).toMatchObject({ code: Code.PERMISSION_DENIED, reason: 'PATH_OUTSIDE_ROOTS' });
});

test('a transfer with a FIFO and a link among the files skips them, does not block, and says so once in the log', async () => {
  const { fileCount } = writeTree(at('from'), { seed: 1, smallCount: 5, largeNames: [], largeSizeBytes: 0 });
  execFileSync('mkfifo', [at('from', 'm', 'fifo')]);
  symlinkSync('/etc/passwd', at('from', 'm', 'link'));

  const end = await client.untilDone(await client.transfer({ source: at('from'), sink: at('to') }));

  expect(end.status).toBe('SUCCESS');
  expect(end.counters).toMatchObject({ objectsCopiedToSink: fileCount, objectsFromSourceFailed: 0 });
  expect(copiesIn(at('to')).fileCount).toBe(fileCount);
  expect(sidecar.log.filter(({ count }) => count !== undefined)).toMatchObject([
    { msg: expect.stringContaining('special files were skipped'), operation: end.operation.name, count: 2 },
  ]);
});

// Nothing is unreadable to root.
(process.getuid?.() === 0 ? test.skip : test)(
  'a transfer with a source that cannot be read fails with PERMISSION_DENIED',
  async () => {
    writeTree(at('from'), { seed: 1, smallCount: 3, largeNames: [], largeSizeBytes: 0 });
    chmodSync(at('from'), 0);

    expect(await failure(at('from'), at('to'))).toMatchObject({ code: Code.PERMISSION_DENIED });
    chmodSync(at('from'), 0o700);
  },
);

// Only root may mount, and not in every container.
(canMount() ? test : test.skip)(
  'a transfer onto a full disk fails with RESOURCE_EXHAUSTED, leaves no staging, and goes on when there is room',
  async () => {
    const totals = writeTree(at('from'), {
      seed: 1,
      smallCount: 2000,
      largeNames: ['a', 'z'],
      largeSizeBytes: 12 * MIB,
    });
    const disk = workspace.directory('files', 'disk');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
    try {
      const comparison = new TreeComparison(at('from'), join(disk, 'to'));
      const job = await client.createJob({ source: at('from'), sink: join(disk, 'to') });
      const end = await client.untilDone(await client.run(job));

      expect(end.status).toBe('FAILED');
      expect(end.operation.error?.code).toBe(Code.RESOURCE_EXHAUSTED);
      expect(leftoversIn(disk)).toEqual([]);
      expect(comparison.torn()).toEqual([]);
      expect(copiesIn(disk).fileCount).toBe(end.counters['objectsCopiedToSink']);
      expect((await raw.call('Health/Check', {}))['status']).toBe('SERVING');

      execFileSync('mount', ['-o', 'remount,size=64m', disk]);
      const next = await client.untilDone(await client.run(job));
      expect(next.status).toBe('SUCCESS');
      expect(next.counters['objectsCopiedToSink']).toBe(totals.fileCount - (end.counters['objectsCopiedToSink'] ?? 0));
      expect(comparison.differences()).toEqual([]);
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  },
);

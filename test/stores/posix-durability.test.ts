import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { CopyTask } from '../../src/stores/posix/copy-message.ts';
import { OBJECT_STATE, type LargeObject, type StagingGroup } from '../../src/transfers/copier.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import type { TransferFixture as Fixture } from '../support/transfer-fixture.ts';

/** Whether the system has sync -f. */
let hasFilesystemSync = false;
/** Whether copy threads met another file system, mounted within the sink. */
let isElsewhere = false;
/** What copy threads are asked to make durable, one path a line, in order. */
let synced: string[];

jest.unstable_mockModule('../../src/stores/posix/copy-pool.ts', () => ({
  CopyPool: class {
    run(task: CopyTask): Promise<unknown> {
      if (task.kind === 'sync') synced.push(...task.files, ...task.directories.map((key) => `/${key}`));
      if (task.kind === 'sync-large') synced.push(task.object.key);
      if (task.kind === 'publish-large') return Promise.resolve({ kind: 'published' });
      if (task.kind !== 'copy' && task.kind !== 'publish') return Promise.resolve(undefined);
      const state = task.kind === 'copy' ? OBJECT_STATE.STAGED : OBJECT_STATE.PUBLISHED;
      const states = task.batch.states.map(() => state);
      const directories = task.batch.objects.map(({ key }) => key.slice(0, key.lastIndexOf('/') + 1));
      return Promise.resolve({ states, failures: [], changed: [], directories, isElsewhere });
    }
    stop(): void {}
    close(): Promise<void> {
      return Promise.resolve();
    }
  },
}));
jest.unstable_mockModule('../../src/stores/posix/filesystem-sync.ts', () => ({
  FilesystemSync: class {
    sync(): Promise<boolean> {
      return Promise.resolve(hasFilesystemSync);
    }
  },
}));
const { TEST_LIMITS, TransferFixture } = await import('../support/transfer-fixture.ts');
const { PosixCopier } = await import('../../src/stores/posix/posix-copier.ts');

let fixture: Fixture;
let descriptors: number[];
beforeEach(() => {
  synced = [];
  hasFilesystemSync = false;
  isElsewhere = false;
  fixture = new TransferFixture();
  for (const directory of [fixture.source, fixture.sink]) fs.mkdirSync(join(directory, 'a', 'b'), { recursive: true });
  descriptors = [fs.openSync(fixture.source, 'r'), fs.openSync(fixture.sink, 'r')];
});
afterEach(() => {
  for (const descriptor of descriptors) fs.closeSync(descriptor);
  fixture.remove();
});

function newCopier(durability: 'batch' | 'file') {
  const [sourceRoot = 0, sinkRoot = 0] = descriptors;
  const word = new Int32Array(new SharedArrayBuffer(4));
  return new PosixCopier({
    sourceRoot,
    sinkRoot,
    word,
    limits: { ...TEST_LIMITS, durability },
    metadata: NOTHING_PRESERVED,
    grainMs: 0.001,
  });
}

const large: LargeObject = {
  key: 'a/b/large',
  sizeBytes: 5,
  modifyTimeMs: 0,
  stagingName: '.~stx-large',
  stagedBytes: 5,
  stagedCrc32c: 0,
};

// A directory that an earlier attempt made just before it died is no newer than the others to this one.
test.each(['batch', 'file'] as const)(
  'a large object is durable with every directory on its way, durability %s',
  async (durability) => {
    expect(await newCopier(durability).publishLarge(large)).toEqual({ kind: 'published' });
    expect(synced).toEqual(['a/b/large', '/a/b/', '/a/', '/']);
  },
);

// syncfs is of one file system: data on another one would be renamed into place before it is durable.
test.each([
  ['without sync -f', false, false],
  ['on a file system mounted within the sink', true, true],
])('%s a group is durable with every directory on its way', async (_, hasSync, isMounted) => {
  hasFilesystemSync = hasSync;
  isElsewhere = isMounted;
  const keys = ['a/b/x', 'a/b/y', 'c/z'];
  const group: StagingGroup = {
    stagingPrefix: '.~stx-1-',
    objects: keys.map((key) => ({ key, sizeBytes: 1, modifyTimeMs: 0 })),
    states: new Uint8Array(keys.length),
    failures: new Map(),
  };
  const copier = newCopier('batch');
  await copier.stage(group);
  await copier.publish(group);
  expect(synced.slice(0, 3)).toEqual(['a/b/.~stx-1-0', 'a/b/.~stx-1-1', 'c/.~stx-1-2']);
  expect(synced.slice(3).sort()).toEqual(['/', '/a/', '/a/b/', '/c/']);
});

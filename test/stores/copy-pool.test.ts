import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from '../../src/core/code.ts';
import { CopyPool } from '../../src/stores/posix/copy-pool.ts';
import { Throttle } from '../../src/stores/posix/throttle.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { TEST_LIMITS, TransferFixture } from '../support/transfer-fixture.ts';

const SYNC = { kind: 'sync', files: [], directories: [''] } as const;
const COPY = {
  kind: 'copy',
  batch: { stagingPrefix: '.~stx-', firstIndex: 0, objects: [], states: new Uint8Array() },
} as const;

let fixture: TransferFixture;
let root: number;
let pool: CopyPool;

beforeEach(() => {
  fixture = new TransferFixture();
  mkdirSync(fixture.sink);
  root = openSync(fixture.sink, 'r');
  const cell = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));
  const throttle = new SharedArrayBuffer(Throttle.SIZE_BYTES);
  const data = {
    sourceRoot: root,
    sinkRoot: root,
    word: cell(),
    halt: cell(),
    throttle,
    limits: TEST_LIMITS,
    metadata: NOTHING_PRESERVED,
  };
  pool = new CopyPool(2, data);
});
afterEach(async () => {
  await pool.close();
  closeSync(root);
  fixture.remove();
});

test('tasks are answered, more of them than threads take at once', async () => {
  const answers = await Promise.all(Array.from({ length: 9 }, () => pool.run(COPY)));
  expect(answers.map((answer) => answer?.states.length)).toEqual(Array.from({ length: 9 }, () => 0));
});

test('what is gone, or was swapped for a file or a link, is not synced', async () => {
  writeFileSync(join(fixture.sink, 'file'), '');
  symlinkSync('.', join(fixture.sink, 'link'));
  const directories = ['gone/', 'file/', 'link/'];
  const sync = pool.run({ ...SYNC, files: [...directories.map((key) => `${key}x`), 'link'], directories });
  await expect(sync).resolves.toBeUndefined();
});

test('a sync that fails is told with its code', async () => {
  const sync = pool.run({ ...SYNC, directories: [`${'n'.repeat(300)}/`] });
  await expect(sync).rejects.toMatchObject({ name: 'StatusError', code: Code.INVALID_ARGUMENT });
});

test('work goes on behind syncs', async () => {
  const syncs = Promise.all([pool.run(SYNC), pool.run(SYNC), pool.run(SYNC)]);
  expect(await pool.run(COPY)).toMatchObject({ failures: [] });
  await syncs;
});

// A sync lasts as long as the disk likes, and nothing interrupts it: a stop must not wait for what is behind one.
test('after a stop, what waits for a thread that syncs is answered at once', async () => {
  const syncs = [pool.run(SYNC), pool.run(SYNC)];
  const copy = pool.run(COPY);
  pool.stop();
  expect(await copy).toBeUndefined();
  await Promise.all(syncs);
});

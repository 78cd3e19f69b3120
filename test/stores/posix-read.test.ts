import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PosixStore } from '../../src/stores/posix/posix-store.ts';
import { DEFAULT_TRANSFER_LIMITS } from '../../src/transfers/limits.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';

let fixture: TransferFixture;
let store: PosixStore;
beforeEach(() => {
  fixture = new TransferFixture();
  mkdirSync(fixture.source);
  const place = { root: fixture.directory, path: fixture.source };
  store = new PosixStore({ place, role: 'source', limits: DEFAULT_TRANSFER_LIMITS });
});
afterEach(async () => {
  await store.close();
  rmSync(fixture.directory, { recursive: true });
});

const { signal } = new AbortController();

test('a chunk of a small file holds no buffer that is much larger than the file', async () => {
  writeFileSync(join(fixture.source, 'small'), Buffer.alloc(5000, 7));
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read('small', { signal })) chunks.push(chunk);
  expect(chunks.map(({ length }) => length)).toEqual([5000]);
  // A pool that small buffers share is of tens of kibibytes at most.
  expect(chunks[0]?.buffer.byteLength).toBeLessThan(DEFAULT_TRANSFER_LIMITS.chunkSizeBytes / 8);
});

test('what a file grows by while it is read is read, too', async () => {
  const path = join(fixture.source, 'growing');
  writeFileSync(path, Buffer.alloc(5000, 7));
  let sizeBytes = 0;
  for await (const chunk of store.read('growing', { signal })) {
    if (sizeBytes === 0) appendFileSync(path, Buffer.alloc(5000, 8));
    sizeBytes += chunk.length;
  }
  expect(sizeBytes).toBe(10_000);
});

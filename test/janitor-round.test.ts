import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { silentLogger } from '../src/core/logger.ts';
import { DEFAULT_STORE_LIMITS } from '../src/stores/places/limits.ts';
import { JanitorRounds } from '../src/janitor-round.ts';

const ENTRIES = [{ operation: 'transferOperations/1', id: 'group', value: new Uint8Array([1]) }];

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'janitor-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function roundsOf(thread: string, roundMaxMs: number): JanitorRounds {
  const path = join(directory, 'thread.mjs');
  writeFileSync(path, thread);
  return new JanitorRounds({
    posixRoots: [],
    buckets: {},
    stores: DEFAULT_STORE_LIMITS,
    sortDirectory: directory,
    logger: silentLogger,
    roundMaxMs,
    entry: pathToFileURL(path),
  });
}

test('a round that never answers is given up on, and the next one can begin once its thread is gone', async () => {
  const rounds = roundsOf('setInterval(() => undefined, 1000);', 50);
  const refused = { info: expect.objectContaining({ reason: 'STAGING_NOT_CLEANED' }) };
  await expect(rounds.clean(ENTRIES)).rejects.toMatchObject(refused);
  await expect(rounds.clean(ENTRIES)).rejects.toMatchObject(refused);
});

test('rounds that answer follow each other at once', async () => {
  const rounds = roundsOf(
    `import { parentPort, workerData } from 'node:worker_threads';
     parentPort.postMessage(workerData.values.map(() => ({ removedCount: 1 })));`,
    60_000,
  );
  expect(await rounds.clean(ENTRIES)).toEqual(ENTRIES);
  expect(await rounds.clean(ENTRIES)).toEqual(ENTRIES);
});

test('what a thread throws is not taken for a file system that hangs', async () => {
  const rounds = roundsOf("throw new Error('broken');", 60_000);
  await expect(rounds.clean(ENTRIES)).rejects.toThrow('broken');
});

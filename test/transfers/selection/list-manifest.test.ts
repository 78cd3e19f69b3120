import { expect, test } from '@jest/globals';
import { MemoryStore } from '../../../src/stores/memory/memory-store.ts';
import { KeyRanges } from '../../../src/transfers/selection/key-ranges.ts';
import { listManifest, type ListManifestOptions } from '../../../src/transfers/selection/list-manifest.ts';
import type { ManifestRow } from '../../../src/transfers/selection/manifest.ts';

const ROW_COUNT = 20_000;

/** Lists a manifest of rows that are in memory, and aborts in the turn after the tenth of them. */
async function listUntilAborted(options: Pick<ListManifestOptions, 'ranges' | 'startAfter'>) {
  const abort = new AbortController();
  const seen = { rowCount: 0, error: undefined as unknown };
  async function* rows(): AsyncGenerator<ManifestRow> {
    for (; seen.rowCount < ROW_COUNT; seen.rowCount += 1) {
      if (seen.rowCount === 10) setImmediate(() => abort.abort(new Error('enough')));
      yield { key: `k${seen.rowCount}`, rowNumber: seen.rowCount + 1 };
    }
  }
  const manifest = { rows, close: () => Promise.resolve() };
  const { signal } = abort;
  const pages = listManifest('source', new MemoryStore(), manifest, {
    ...options,
    signal,
    countMax: 50,
    inFlightMax: 2,
  });
  try {
    for await (const _ of pages);
  } catch (error) {
    seen.error = error;
  }
  return seen;
}

test.each<[string, Pick<ListManifestOptions, 'ranges' | 'startAfter'>]>([
  ['that conditions exclude', { ranges: new KeyRanges(['other/'], []) }],
  ['that an earlier attempt went past', { ranges: undefined, startAfter: 'z' }],
])('an abort ends the reading of rows %s', async (_title, options) => {
  const { rowCount, error } = await listUntilAborted(options);
  expect(error).toEqual(new Error('enough'));
  expect(rowCount).toBeLessThan(ROW_COUNT / 2);
});

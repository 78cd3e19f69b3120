import { expect, test } from '@jest/globals';
import { MemoryStore } from '../../../src/stores/memory/memory-store.ts';
import { listManifest } from '../../../src/transfers/selection/list-manifest.ts';
import type { ManifestRow } from '../../../src/transfers/selection/manifest.ts';

const ROW_COUNT = 20_000;

const manifestOf = (rows: () => AsyncIterable<ManifestRow>) => ({ rows, close: () => Promise.resolve() });

async function* rowsOf(onRow: (count: number) => void): AsyncGenerator<ManifestRow> {
  for (let count = 0; count < ROW_COUNT; count += 1) {
    onRow(count);
    yield { key: `k${String(count).padStart(6, '0')}`, rowNumber: count + 1 };
  }
}

async function toEnd(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

const LIMITS = { countMax: 50, inFlightMax: 2 };

test('an abort ends the looking up of rows, also of a store that answers within the turn', async () => {
  const abort = new AbortController();
  let rowCount = 0;
  const manifest = manifestOf(() =>
    rowsOf((count) => {
      rowCount = count;
      if (count === 10) setImmediate(() => abort.abort(new Error('enough')));
    }),
  );
  const pages = listManifest('source', new MemoryStore(), manifest, { ...LIMITS, signal: abort.signal });
  await expect(toEnd(pages)).rejects.toThrow('enough');
  expect(rowCount).toBeLessThan(ROW_COUNT / 2);
});

test('a page of rows that the sink has not says how far it was looked', async () => {
  let rowCount = 0;
  const manifest = manifestOf(() => rowsOf((count) => (rowCount = count + 1)));
  const { signal } = new AbortController();
  const pages = listManifest('sink', new MemoryStore(), manifest, { ...LIMITS, signal });
  expect((await pages.next()).value).toMatchObject({ keys: [], notes: [], throughKey: 'k000049' });
  expect(rowCount).toBe(50);
  await pages.return(undefined);
});

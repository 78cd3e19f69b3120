import type { Manifest, ManifestRow } from '../../transfers/selection/manifest.ts';
import type { OpenManifest } from '../../transfers/transfer-environment.ts';
import { RecordSorter, type RecordSorterOptions } from '../decorators/record-sorter.ts';

/**
 * The rows that are selected of a manifest of any order, sorted in bounded memory; of a name that it has more than once the first row counts.
 *
 * @returns undefined when it is not wanted any more.
 */
export async function sortedManifest(
  rows: AsyncIterable<ManifestRow>,
  options: Omit<RecordSorterOptions<ManifestRow>, 'compare' | 'what'>,
  { isSelected, isWanted }: Pick<OpenManifest, 'isSelected' | 'isWanted'>,
): Promise<Manifest | undefined> {
  const sorter = new RecordSorter<ManifestRow>({ ...options, compare: byKeyAndRow, what: 'a manifest' });
  try {
    for await (const row of rows) {
      if (!isWanted()) {
        await sorter.close();
        return undefined;
      }
      if (isSelected(row.key)) await sorter.add(row);
    }
  } catch (error) {
    await sorter.close();
    throw error;
  }
  return { rows: () => sorter.sorted(), close: () => sorter.close() };
}

function byKeyAndRow(a: ManifestRow, b: ManifestRow): number {
  if (a.key === b.key) return a.rowNumber - b.rowNumber;
  return a.key < b.key ? -1 : 1;
}

import type { ObjectRecord } from './object-record.ts';
import type { ListPage } from './object-store.ts';

/** The objects of a page, one by one. Its notes are not told. */
export function* recordsOf(page: ListPage): Generator<ObjectRecord> {
  for (const [index, key] of page.keys.entries()) {
    yield {
      key,
      sizeBytes: page.sizesBytes[index] ?? NaN,
      modifyTimeMs: page.modifyTimesMs[index] ?? NaN,
      ...present('crc32c', page.crc32cs?.[index]),
      ...present('md5', page.md5s?.[index]),
      ...present('etag', page.etags?.[index]),
      ...present('metadata', page.metadata?.[index]),
    };
  }
}

/** A page of these objects, with every column that one of them has. */
export function pageOfRecords(records: readonly ObjectRecord[]): ListPage {
  const column = <Name extends keyof ObjectRecord>(name: Name): readonly ObjectRecord[Name][] | undefined =>
    records.some((record) => record[name] !== undefined) ? records.map((record) => record[name]) : undefined;
  return {
    keys: records.map(({ key }) => key),
    sizesBytes: records.map(({ sizeBytes }) => sizeBytes),
    modifyTimesMs: records.map(({ modifyTimeMs }) => modifyTimeMs),
    ...present('crc32cs', column('crc32c')),
    ...present('md5s', column('md5')),
    ...present('etags', column('etag')),
    ...present('metadata', column('metadata')),
    notes: [],
    noteIndexes: [],
  };
}

function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Readonly<Partial<Record<Name, Value>>> {
  return (value === undefined ? {} : { [name]: value }) as Readonly<Partial<Record<Name, Value>>>;
}

/** Columns that an index or a query's condition uses. `indexesChange` compares what they are made from. */
const INDEXED_COLUMNS = [
  'name',
  'surface',
  'collection',
  'kind',
  'resource',
  'state',
  'deleted',
  'claim_rank',
  'create_time_ms',
  'due_time_ms',
  'waiting',
  'expire_time_ms',
  'session',
  'held_key',
  'request_id',
  'death_count',
  'parent',
  'timer_time_ms',
  'end_time_ms',
] as const;

/** What no query looks at. */
export const OTHER_COLUMNS = [
  'revision',
  'fence',
  'request',
  'metadata',
  'checkpoint',
  'response',
  'detail',
  'encoded',
] as const;

/** All of them, in the order of a row. */
export const COLUMNS = [...INDEXED_COLUMNS, ...OTHER_COLUMNS] as const;

/** Where each column stands in a row. */
export const COLUMN_INDEX = Object.fromEntries(COLUMNS.map((column, index) => [column, index])) as Readonly<
  Record<(typeof COLUMNS)[number], number>
>;

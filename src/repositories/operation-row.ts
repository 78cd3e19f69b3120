/** Between an operation and its row: columns for what is queried, values as bytes, the rest as one JSON text. */
import type { Any } from '../core/any.ts';
import type { StatusError, Status } from '../core/status-error.ts';
import { timerOf } from '../operations/timers.ts';
import { isDone, type Operation, type Result, type State } from '../operations/operation.ts';
import { parentKey, parentOfKey } from './parent-key.ts';
import type { ClaimPosition } from './record-order.ts';
import { recordDamaged } from './repository-errors.ts';
import type { Row, SqlValue } from './sqlite-protocol.ts';

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

export const COLUMNS = [...INDEXED_COLUMNS, ...OTHER_COLUMNS] as const;

const VALUE_COLUMNS = ['request', 'metadata', 'checkpoint', 'response', 'encoded'] as const;

/** Where a column stands in a row. */
export function columnIndex(column: (typeof COLUMNS)[number]): number {
  return COLUMNS.indexOf(column);
}

/** What no query asks for. */
interface Detail extends Pick<
  Operation,
  | 'retentionMs'
  | 'attemptCount'
  | 'failureCount'
  | 'attemptCountMax'
  | 'startTimeMs'
  | 'endTimeMs'
  | 'cancel'
  | 'exclusiveKey'
  | 'requestDigest'
  | 'owner'
  | 'attemptStartTimeMs'
  | 'runTimeoutMs'
  | 'deadlineTimeMs'
  | 'abandonTimeMs'
  | 'progress'
  | 'hasChildren'
  | 'cascading'
  | 'failure'
> {
  /** Of a record that must not be purged yet, so that its column is empty. */
  readonly expireTimeMs?: number;
  readonly requestType: string;
  readonly metadataType?: string;
  readonly checkpointType?: string;
  readonly responseType?: string;
  readonly error?: StoredStatus;
  readonly labels?: Operation['labels'];
}

type StoredStatus = Omit<Status, 'details'> & { readonly details?: readonly { typeUrl: string; base64: string }[] };

/** Rows as records: those that could be read, and why the others, by name, could not. */
export interface Decoded {
  readonly records: readonly Operation[];
  readonly damaged: ReadonlyMap<string, StatusError>;
}

/** @param now  tells what waits for its due time from what may be claimed. */
export function toRow(operation: Operation, now: number): Row {
  const { result } = operation;
  const done = isDone(operation);
  return [
    operation.name,
    operation.surface,
    operation.collection,
    operation.kind,
    operation.resource ?? null,
    operation.state,
    operation.deleted ? 1 : 0,
    0 - operation.priority,
    operation.createTimeMs,
    operation.dueTimeMs,
    waitingOf(operation, now),
    done && operation.cascading === undefined ? (operation.expireTimeMs ?? null) : null,
    operation.session ?? null,
    done ? null : (operation.exclusiveKey ?? null),
    operation.requestId ?? null,
    operation.deathCount,
    operation.parent === undefined ? null : parentKey(operation.parent),
    timerOf(operation) ?? null,
    done ? (operation.endTimeMs ?? null) : null,
    operation.revision,
    operation.fence,
    operation.request.value,
    operation.metadata?.value ?? null,
    operation.checkpoint?.value ?? null,
    result !== undefined && 'response' in result ? result.response.value : null,
    JSON.stringify(toDetail(operation)),
    operation.encoded,
  ];
}

/** See sqlite-migrations.ts. */
function waitingOf({ owner, dueTimeMs }: Operation, now: number): number {
  if (owner !== undefined) return 2;
  return dueTimeMs > now ? 1 : 0;
}

/** Whether a write moves the record in an index. */
export function indexesChange(from: Operation, to: Operation): boolean {
  return !(
    from.state === to.state &&
    from.session === to.session &&
    from.deathCount === to.deathCount &&
    from.dueTimeMs === to.dueTimeMs &&
    from.deleted === to.deleted &&
    from.priority === to.priority &&
    from.resource === to.resource &&
    from.kind === to.kind &&
    from.exclusiveKey === to.exclusiveKey &&
    from.requestId === to.requestId &&
    from.expireTimeMs === to.expireTimeMs &&
    from.createTimeMs === to.createTimeMs &&
    from.surface === to.surface &&
    from.collection === to.collection &&
    from.parent === to.parent &&
    from.owner === to.owner &&
    from.endTimeMs === to.endTimeMs &&
    from.cascading === to.cascading &&
    timerOf(from) === timerOf(to)
  );
}

/** @throws StatusError DATA_LOSS naming the operation when the row holds no record. */
export function fromRow(row: Row): Operation {
  try {
    return decodeRow(row);
  } catch (error) {
    throw recordDamaged(row[0] as string, error);
  }
}

const AT = Object.fromEntries(COLUMNS.map((column, index) => [column, index])) as Readonly<
  Record<(typeof COLUMNS)[number], number>
>;

function decodeRow(row: Row): Operation {
  const detail = JSON.parse(row[AT.detail] as string) as Detail;
  const metadata = anyOf(detail.metadataType, row[AT.metadata]);
  const checkpoint = anyOf(detail.checkpointType, row[AT.checkpoint]);
  const result = resultOf(detail, row[AT.response]);
  const parent = row[AT.parent] as string | null;
  return {
    name: row[AT.name] as string,
    surface: row[AT.surface] as string,
    collection: row[AT.collection] as string,
    kind: row[AT.kind] as string,
    ...optional('resource', row[AT.resource] as string | null),
    state: row[AT.state] as State,
    request: { typeUrl: detail.requestType, value: bytesOf(row[AT.request]) },
    ...(metadata === undefined ? {} : { metadata }),
    ...optional('progress', detail.progress),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(result === undefined ? {} : { result }),
    priority: 0 - (row[AT.claim_rank] as number),
    labels: detail.labels ?? {},
    createTimeMs: row[AT.create_time_ms] as number,
    ...optional('startTimeMs', detail.startTimeMs),
    ...optional('endTimeMs', detail.endTimeMs),
    retentionMs: detail.retentionMs,
    ...optional('expireTimeMs', (row[AT.expire_time_ms] as number | null) ?? detail.expireTimeMs),
    dueTimeMs: row[AT.due_time_ms] as number,
    attemptCount: detail.attemptCount,
    failureCount: detail.failureCount,
    ...optional('failure', detail.failure),
    attemptCountMax: detail.attemptCountMax,
    deathCount: row[AT.death_count] as number,
    ...optional('owner', detail.owner),
    ...optional('attemptStartTimeMs', detail.attemptStartTimeMs),
    ...optional('runTimeoutMs', detail.runTimeoutMs),
    ...optional('deadlineTimeMs', detail.deadlineTimeMs),
    ...optional('abandonTimeMs', detail.abandonTimeMs),
    ...(parent === null ? {} : { parent: parentOfKey(parent) }),
    ...optional('hasChildren', detail.hasChildren),
    ...optional('cascading', detail.cascading),
    ...optional('session', row[AT.session] as string | null),
    fence: BigInt(row[AT.fence] as string),
    revision: row[AT.revision] as number,
    ...optional('cancel', detail.cancel),
    ...optional('exclusiveKey', detail.exclusiveKey),
    ...optional('requestId', row[AT.request_id] as string | null),
    ...optional('requestDigest', detail.requestDigest),
    deleted: row[AT.deleted] === 1,
    encoded: bytesOf(row[AT.encoded]),
  };
}

/** Where the row stands in the orders of lists and claims; a damaged one has a place too. */
export function positionOf(row: Row): ClaimPosition {
  return {
    name: row[AT.name] as string,
    priority: 0 - (row[AT.claim_rank] as number),
    createTimeMs: row[AT.create_time_ms] as number,
  };
}

/** Bytes of the row's values, as valueBytesOf counts those of a record. */
export function rowValueBytes(row: Row): number {
  let bytes = 0;
  for (const column of VALUE_COLUMNS) bytes += (row[AT[column]] as Uint8Array | null)?.byteLength ?? 0;
  return bytes;
}

/** The rows up to the one that brings their values to so many bytes. */
export function cutRows(rows: Iterable<Row>, bytesMax: number): readonly Row[] {
  const taken: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    taken.push(row);
    bytes += rowValueBytes(row);
    if (bytes >= bytesMax) break;
  }
  return taken;
}

/** Whether a read came to its end before its bounds: nothing lies behind its rows. */
export function isLastRead(
  rows: readonly Row[],
  { limit, bytesMax }: { readonly limit: number; readonly bytesMax: number },
): boolean {
  return rows.length < limit && rows.reduce((sum, row) => sum + rowValueBytes(row), 0) < bytesMax;
}

/** The same, in SQL: SQLite knows the length of a value without reading it. */
export const VALUE_BYTES = VALUE_COLUMNS.map((column) => `coalesce(length(${column}), 0)`).join(' + ');

/** About what the record takes in memory, bytes: its values, its texts, and its objects. */
export function sizeOf(operation: Operation): number {
  const { request, metadata, checkpoint, result, encoded } = operation;
  const error = errorOf(result);
  const response = result !== undefined && 'response' in result ? result.response.value.byteLength : 0;
  const values = request.value.byteLength + (metadata?.value.byteLength ?? 0) + (checkpoint?.value.byteLength ?? 0);
  const texts = 4 * operation.name.length + statusBytes(error) + statusBytes(operation.failure?.status);
  return OBJECT_BYTES + values + response + encoded.byteLength + texts + progressBytes(operation);
}

function statusBytes(status: Pick<Status, 'message'> | undefined): number {
  return status === undefined ? 0 : 2 * status.message.length + 1024;
}

function progressBytes({ progress }: Operation): number {
  let length = progress?.stage?.length ?? 0;
  for (const { item, message } of progress?.errorSamples ?? []) length += item.length + message.length;
  return progress === undefined ? 0 : 500 + 2 * length;
}

/** An operation's own object with its short members and the headers of its buffers, measured on V8. */
const OBJECT_BYTES = 1_500;

function toDetail(operation: Operation): Detail {
  const { metadata, checkpoint, result } = operation;
  const error = errorOf(result);
  return {
    requestType: operation.request.typeUrl,
    ...optional('metadataType', metadata?.typeUrl),
    ...optional('checkpointType', checkpoint?.typeUrl),
    ...(result !== undefined && 'response' in result ? { responseType: result.response.typeUrl } : {}),
    ...(error === undefined ? {} : { error: toStoredStatus(error) }),
    ...(isEmpty(operation.labels) ? {} : { labels: operation.labels }),
    ...optional('startTimeMs', operation.startTimeMs),
    ...optional('endTimeMs', operation.endTimeMs),
    retentionMs: operation.retentionMs,
    attemptCount: operation.attemptCount,
    failureCount: operation.failureCount,
    ...optional('failure', operation.failure),
    attemptCountMax: operation.attemptCountMax,
    ...optional('cancel', operation.cancel),
    ...optional('exclusiveKey', operation.exclusiveKey),
    ...optional('requestDigest', operation.requestDigest),
    ...optional('owner', operation.owner),
    ...optional('attemptStartTimeMs', operation.attemptStartTimeMs),
    ...optional('runTimeoutMs', operation.runTimeoutMs),
    ...optional('deadlineTimeMs', operation.deadlineTimeMs),
    ...optional('abandonTimeMs', operation.abandonTimeMs),
    ...optional('progress', operation.progress),
    ...optional('hasChildren', operation.hasChildren),
    ...optional('cascading', operation.cascading),
    ...(operation.cascading === undefined ? {} : optional('expireTimeMs', operation.expireTimeMs)),
  };
}

function errorOf(result: Result | undefined): Status | undefined {
  return result !== undefined && 'error' in result ? result.error : undefined;
}

function toStoredStatus(status: Status): StoredStatus {
  const { details, ...rest } = status;
  if (details === undefined) return rest;
  const stored = details.map(({ typeUrl, value }) => ({ typeUrl, base64: Buffer.from(value).toString('base64') }));
  return { ...rest, details: stored };
}

function fromStoredStatus(stored: StoredStatus): Status {
  const { details, ...rest } = stored;
  if (details === undefined) return rest;
  const read = details.map(({ typeUrl, base64 }) => ({
    typeUrl,
    value: new Uint8Array(Buffer.from(base64, 'base64')),
  }));
  return { ...rest, details: read };
}

function resultOf(detail: Detail, response: SqlValue | undefined): Result | undefined {
  if (detail.error !== undefined) return { error: fromStoredStatus(detail.error) };
  const any = anyOf(detail.responseType, response);
  return any === undefined ? undefined : { response: any };
}

function anyOf(typeUrl: string | undefined, value: SqlValue | undefined): Any | undefined {
  return typeUrl === undefined ? undefined : { typeUrl, value: bytesOf(value) };
}

/** The driver binds an empty value as NULL. */
function bytesOf(value: SqlValue | undefined): Uint8Array {
  return value === null || value === undefined ? new Uint8Array(0) : (value as Uint8Array);
}

function optional<K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> {
  return (value === null || value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>;
}

function isEmpty(labels: Operation['labels']): boolean {
  for (const _key in labels) return false;
  return true;
}

/** Between an operation and its row: columns for what is queried, values as bytes, the rest as one JSON text. */
import type { Any } from '../core/any.ts';
import type { StatusError } from '../core/status-error.ts';
import { timerOf } from '../operations/timers.ts';
import { isDone, type Operation, type Result, type State } from '../operations/operation.ts';
import { COLUMN_INDEX as AT } from './operation-columns.ts';
import { detailOf, fromStoredStatus, optional, type OperationDetail } from './operation-detail.ts';
import { parentKey, parentOfKey } from './parent-key.ts';
import type { ClaimPosition } from './record-order.ts';
import { recordDamaged } from './repository-errors.ts';
import type { Row, SqlValue } from './sqlite-protocol.ts';

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
    JSON.stringify(detailOf(operation)),
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

function decodeRow(row: Row): Operation {
  const detail = JSON.parse(row[AT.detail] as string) as OperationDetail;
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

function resultOf(detail: OperationDetail, response: SqlValue | undefined): Result | undefined {
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

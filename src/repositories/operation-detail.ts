/** What no query asks for of an operation: one JSON text in its row. */
import type { Status } from '../core/status-error.ts';
import type { Operation } from '../operations/operation.ts';

/** Members without a column of their own, and the types of the values that have one. */
export interface OperationDetail extends Pick<
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

/** Read back by `JSON.parse`, with its error by `fromStoredStatus`. */
export function detailOf(operation: Operation): OperationDetail {
  const { metadata, checkpoint, result } = operation;
  const error = result !== undefined && 'error' in result ? result.error : undefined;
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

function toStoredStatus(status: Status): StoredStatus {
  const { details, ...rest } = status;
  if (details === undefined) return rest;
  const stored = details.map(({ typeUrl, value }) => ({ typeUrl, base64: Buffer.from(value).toString('base64') }));
  return { ...rest, details: stored };
}

/** JSON has no bytes: those of details are base64 there. */
export function fromStoredStatus(stored: StoredStatus): Status {
  const { details, ...rest } = stored;
  if (details === undefined) return rest;
  const read = details.map(({ typeUrl, base64 }) => ({
    typeUrl,
    value: new Uint8Array(Buffer.from(base64, 'base64')),
  }));
  return { ...rest, details: read };
}

/** The member, unless there is nothing to put there; NULL, in a column. */
export function optional<K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> {
  return (value === null || value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>;
}

function isEmpty(labels: Operation['labels']): boolean {
  for (const _key in labels) return false;
  return true;
}

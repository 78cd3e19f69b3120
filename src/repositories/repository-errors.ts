/** The errors that repositories promise, worded once for all of them. */
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { ResourceChange } from '../operations/resource.ts';

/** NOT_FOUND: no operation has this name. */
export function operationNotFound(name: string): StatusError {
  return new StatusError(Code.NOT_FOUND, `${name} not found`, {
    reason: 'OPERATION_NOT_FOUND',
    metadata: { operation: name },
  });
}

/** ALREADY_EXISTS: an operation of this name is there. */
export function operationExists(name: string): StatusError {
  return new StatusError(Code.ALREADY_EXISTS, `${name} already exists`, {
    reason: 'OPERATION_EXISTS',
    metadata: { operation: name },
  });
}

/** ABORTED: a live operation holds the exclusive key. */
export function exclusiveKeyHeld(name: string, key: string, holder: string): StatusError {
  return new StatusError(Code.ABORTED, `${name} needs ${key}, which ${holder} holds until it is done`, {
    reason: 'EXCLUSIVE_KEY_HELD',
    metadata: { operation: name, key, holder },
  });
}

/** ABORTED: an operation that was to be as it was read is not, or is gone. */
export function operationChanged(name: string): StatusError {
  return new StatusError(Code.ABORTED, `${name} was changed by another writer; read it again and retry`, {
    reason: 'OPERATION_CHANGED',
    metadata: { operation: name },
  });
}

/** ALREADY_EXISTS: a resource of this kind and name is there. */
export function resourceExists(kind: string, name: string): StatusError {
  return new StatusError(Code.ALREADY_EXISTS, `${name} already exists`, {
    reason: 'RESOURCE_EXISTS',
    metadata: { kind, resource: name },
  });
}

/** ABORTED: somebody else wrote the resource since it was read. */
export function resourceChanged(kind: string, name: string): StatusError {
  return new StatusError(Code.ABORTED, `${name} was changed by another writer; read it again and retry`, {
    reason: 'RESOURCE_CHANGED',
    metadata: { kind, resource: name },
  });
}

/** RESOURCE_EXHAUSTED: there are as many resources of this kind and collection as the writer allows. */
export function collectionFull({ kind, name, collectionCountMax = 0 }: ResourceChange): StatusError {
  const countMax = String(collectionCountMax);
  return new StatusError(Code.RESOURCE_EXHAUSTED, `${name} would be one too many; at most ${countMax} are kept`, {
    reason: 'COLLECTION_FULL',
    metadata: { kind, resource: name, countMax },
  });
}

/** DATA_LOSS: the record is there and cannot be read. */
export function recordDamaged(name: string, cause: unknown): StatusError {
  return new StatusError(Code.DATA_LOSS, `${name} is damaged in the database; restore it from a backup`, {
    reason: 'STORAGE_CORRUPT',
    metadata: { operation: name },
    cause,
  });
}

/** UNAVAILABLE: the database was closed. */
export function databaseClosed(): StatusError {
  return new StatusError(Code.UNAVAILABLE, 'the database is closed', { reason: 'DATABASE_CLOSED' });
}

/** SQLite's errors as what the repositories promise, and StatusErrors as data that crosses threads. */
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { Failure } from './sqlite-protocol.ts';

/** Result codes of sqlite.org/rescode.html. */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const TOOBIG = 18;
const CONSTRAINT = 19;
const NOTADB = 26;

/** The primary result code of an error that SQLite raised; undefined for any other. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** Whether a constraint or a unique index refused the statement. */
export function isConstraint(error: unknown): boolean {
  return sqliteCode(error) === CONSTRAINT;
}

/** Whether there was no room for what was written; less might have fitted. */
export function isTooMuch(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === FULL || code === TOOBIG;
}

/** Whether somebody else holds the file's lock. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === BUSY;
}

/** What a caller is told about a fault in a read or a write. */
export function translateFault(error: unknown, path: string): StatusError {
  if (error instanceof StatusError) return error;
  const options = { metadata: { path }, cause: error };
  switch (sqliteCode(error)) {
    case FULL:
      return new StatusError(Code.RESOURCE_EXHAUSTED, 'the database is full; make room on its disk and try again', {
        reason: 'STORAGE_FULL',
        ...options,
      });
    case TOOBIG:
      return new StatusError(Code.INVALID_ARGUMENT, 'the record is larger than the database can hold', {
        reason: 'RECORD_TOO_LARGE',
        ...options,
      });
    case CORRUPT:
    case NOTADB:
      return new StatusError(Code.DATA_LOSS, 'the database is damaged; restore it from a backup', {
        reason: 'STORAGE_CORRUPT',
        ...options,
      });
    case BUSY:
    case READONLY:
    case IOERR:
    case CANTOPEN:
      return new StatusError(Code.UNAVAILABLE, 'the database cannot be read or written; try again', {
        reason: 'STORAGE_UNAVAILABLE',
        ...options,
      });
    default:
      return new StatusError(Code.INTERNAL, 'the database refused a statement', { reason: 'STORAGE_BUG', ...options });
  }
}

/** What the operator is told when a file cannot be opened: each names the file. */
export function translateOpenFault(error: unknown, path: string): StatusError {
  if (error instanceof StatusError) return error;
  const refuse = (reason: string, problem: string): StatusError => openFault(reason, path, problem, error);
  switch (sqliteCode(error)) {
    case BUSY:
      return refuse('DATABASE_IN_USE', 'is in use by another process; stop it, or name another file');
    case NOTADB:
      return refuse('NOT_A_DATABASE', 'is not a SQLite database; name another file');
    case CORRUPT:
      return refuse('STORAGE_CORRUPT', 'is damaged; restore it from a backup');
    case READONLY:
      return refuse('DATABASE_READ_ONLY', 'cannot be written; make it and its directory writable');
    case CANTOPEN:
    case IOERR:
      return refuse('DATABASE_UNREADABLE', 'cannot be opened; see that it and its directory may be read and written');
    default:
      return translateFault(error, path);
  }
}

/** FAILED_PRECONDITION: the file cannot serve as the database. */
export function openFault(reason: string, path: string, problem: string, cause?: unknown): StatusError {
  const options = { reason, metadata: { path }, ...(cause === undefined ? {} : { cause }) };
  return new StatusError(Code.FAILED_PRECONDITION, `${path} ${problem}`, options);
}

export function toFailure(error: StatusError): Failure {
  return {
    code: error.code,
    message: error.message,
    reason: error.info.reason,
    ...(error.info.metadata === undefined ? {} : { metadata: error.info.metadata }),
    ...(error.cause === undefined ? {} : { cause: describeCause(error.cause) }),
  };
}

export function fromFailure({ code, message, reason, metadata, cause }: Failure): StatusError {
  return new StatusError(code, message, {
    reason,
    ...(metadata === undefined ? {} : { metadata }),
    ...(cause === undefined ? {} : { cause: new Error(cause) }),
  });
}

function describeCause(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

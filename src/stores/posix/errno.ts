import { Code } from '../../core/code.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';

/** Thrown inside the POSIX store where the cause is known better than an errno says it. */
export class ObjectError extends Error {
  override readonly name = 'ObjectError';
  readonly failure: FailureCause;

  constructor(failure: FailureCause) {
    super(failure.detail);
    this.failure = failure;
  }
}

const CODES: Readonly<Record<string, Code>> = {
  ENOENT: Code.NOT_FOUND,
  EACCES: Code.PERMISSION_DENIED,
  EPERM: Code.PERMISSION_DENIED,
  ENAMETOOLONG: Code.INVALID_ARGUMENT,
  EILSEQ: Code.INVALID_ARGUMENT,
  EINVAL: Code.INVALID_ARGUMENT,
  EISDIR: Code.FAILED_PRECONDITION,
  ENOTDIR: Code.FAILED_PRECONDITION,
  ELOOP: Code.FAILED_PRECONDITION,
  EEXIST: Code.FAILED_PRECONDITION,
  EFBIG: Code.OUT_OF_RANGE,
  ENOSPC: Code.RESOURCE_EXHAUSTED,
  EDQUOT: Code.RESOURCE_EXHAUSTED,
  EMFILE: Code.RESOURCE_EXHAUSTED,
  ENFILE: Code.RESOURCE_EXHAUSTED,
  ENOMEM: Code.RESOURCE_EXHAUSTED,
  EROFS: Code.FAILED_PRECONDITION,
  ESTALE: Code.UNAVAILABLE,
  ETIMEDOUT: Code.DEADLINE_EXCEEDED,
};

/** What is said of the side. */
const FATAL: Readonly<Record<string, string>> = {
  ENOSPC: 'is full: free space there, and the next attempt or run copies the rest',
  EDQUOT: 'has its quota used up: raise it, and the next attempt or run copies the rest',
  EROFS: 'is a read-only file system',
};

const TRANSIENT = new Set(['EIO', 'EMFILE', 'ENFILE', 'ENOMEM', 'EINTR', 'EAGAIN', 'ESTALE', 'ETIMEDOUT', 'EBUSY']);

export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Worth another try before it counts. */
export function isTransient(error: unknown): boolean {
  return TRANSIENT.has(errnoOf(error) ?? '');
}

/**
 * What a failed call means to a client. Says nothing of descriptors: paths through /proc mean nothing outside.
 *
 * @param doing  what was tried, such as `open source`.
 * @param side   which is written to.
 */
export function failureOf(error: unknown, doing: string, side: 'source' | 'sink' = 'sink'): FailureCause {
  if (error instanceof ObjectError) return error.failure;
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  const fatal = FATAL[errno];
  const code = CODES[errno] ?? Code.INTERNAL;
  if (fatal !== undefined) return { code, detail: `${doing}: ${errno}, the ${side} ${fatal}`, fatal: side };
  return { code, detail: `${doing}: ${errno}, ${describe(errno)}` };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there (any more)',
  EACCES: 'this process has no permission',
  EPERM: 'not permitted',
  ENAMETOOLONG: 'the name is too long for this file system',
  EILSEQ: 'the name is not valid on this file system',
  EISDIR: 'a directory is in its place',
  ENOTDIR: 'a file or symbolic link is in the place of a directory',
  ELOOP: 'a symbolic link is in its place',
  EIO: 'the device reported an input/output error',
  EMFILE: 'too many open files: raise the limit of this process',
};

function describe(errno: string): string {
  return DESCRIPTIONS[errno] ?? 'the system call failed';
}

/** Whether a name is not there: it is missing, or something that is no directory is on the way to it. */
export function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '');
}

/** Whether a path cannot be followed to its end: a part is missing, no directory, or closed to us. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes(errnoOf(error) ?? '');
}

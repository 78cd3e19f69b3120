import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The code of a system call's error; undefined for what is none. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What a caller is told of a system call that has failed; anything else as it is. */
export function spoolError(error: unknown): unknown {
  const code = errnoOf(error);
  if (code === undefined) return error;
  const isFull = FULL.has(code);
  return new StatusError(
    isFull ? Code.RESOURCE_EXHAUSTED : Code.UNAVAILABLE,
    isFull ? 'the disk of the spool of uploads is full' : `the spool of uploads cannot be used (${code})`,
    { reason: isFull ? 'STORAGE_FULL' : 'STORAGE_UNAVAILABLE', metadata: { errno: code }, cause: error },
  );
}

/** A disk that is not to be filled any more. */
export function diskReserved(diskReserveBytes: number): StatusError {
  const metadata = { diskReserveBytes: String(diskReserveBytes) };
  const message = `the disk of the spool of uploads has too little room; ${metadata.diskReserveBytes} bytes of it stay free`;
  return new StatusError(Code.RESOURCE_EXHAUSTED, message, { reason: 'STORAGE_FULL', metadata });
}

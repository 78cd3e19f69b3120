import type { Code } from '../../core/code.ts';
import { codeName } from '../../core/code.ts';
import type { ErrorInfo, FieldViolation } from '../../core/status-error.ts';
import { printable } from './text-width.ts';

/** An error as a server told it. */
export interface ToldError {
  readonly code: Code;
  readonly message: string;
  readonly info?: ErrorInfo | undefined;
  readonly fieldViolations?: readonly FieldViolation[];
  readonly retryDelayMs?: number | undefined;
}

/** What to do about errors whose message does not say it. */
const ADVICE: Readonly<Record<string, string>> = {
  SERVER_UNREACHABLE: 'Start one with `longrunning serve`, or name another with --address or LONGRUNNING_ADDRESS.',
  CALL_NOT_SUPPORTED: 'This server does not offer it; a newer longrunning may.',
  METHOD_NOT_IMPLEMENTED: 'This server does not offer it; a newer longrunning may.',
  PATH_OUTSIDE_ROOTS: 'Start the server with --posix-root naming the directory, or a directory above it.',
  OPERATION_NOT_FOUND: '`longrunning operations list COLLECTION` shows those that there are.',
  TRANSFER_JOB_NOT_FOUND: '`longrunning jobs list` shows those of the project; --project names another one.',
  DATABASE_IN_USE:
    'A transfer of the same directories may be under way: wait for it, or name another file with --database.',
};

/** An error for people: its message, its code and reason, what else the server said of it, and what to do. */
export function errorLines(error: ToldError): readonly string[] {
  const { code, message, info, fieldViolations = [], retryDelayMs } = error;
  const kind = [codeName(code), info?.reason].filter((part) => part !== undefined && part !== '').join(', ');
  const told = fieldViolations.filter(({ field, description }) => !message.includes(`${field}: ${description}`));
  const advice = ADVICE[info?.reason ?? ''];
  return [
    `${printable(message === '' ? 'no message' : message)} (${printable(kind)})`,
    ...told.map(({ field, description }) => `  ${printable(field)}: ${printable(description)}`),
    ...(retryDelayMs === undefined ? [] : [`Try again in ${(retryDelayMs / 1000).toFixed(1)} s.`]),
    ...(advice === undefined ? [] : [advice]),
  ];
}

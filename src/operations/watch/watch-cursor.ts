import { createHash } from 'node:crypto';
import { invalidArgument } from '../../core/status-error.ts';

/** Where a watch is to go on. */
export interface WatchCursor {
  /** The process whose numbers `change` is one of. */
  readonly epoch: string;
  /** All changes up to this one were told. */
  readonly change: number;
  /** When it was told, milliseconds since the epoch. */
  readonly timeMs: number;
}

const VERSION = 1;
/** No cursor of ours is longer. Characters. */
const LENGTH_MAX = 512;

/** Tells cursors of different watches apart. @param target  what is watched, as the caller gave it. */
export function watchScope(target: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(target)).digest('base64url').slice(0, 22);
}

/** base64url of JSON. Not signed: one that is made up brings nothing that a watch without one would not. */
export function writeCursor(scope: string, { epoch, change, timeMs }: WatchCursor): string {
  return Buffer.from(JSON.stringify([VERSION, scope, epoch, change, timeMs])).toString('base64url');
}

/** @throws StatusError INVALID_ARGUMENT for what is no cursor, or one of another watch. */
export function readCursor(scope: string, text: string): WatchCursor {
  const [version, ofScope, epoch, change, timeMs] = membersOf(text);
  if (version !== VERSION || typeof epoch !== 'string' || !isCount(change) || !isCount(timeMs)) {
    throw refused('CURSOR_INVALID', 'was not made by this server; give that of the last message, or none');
  }
  if (ofScope !== scope) {
    throw refused(
      'CURSOR_MISMATCH',
      'belongs to a watch of another name, parent or filter; give the same ones, or none',
    );
  }
  return { epoch, change, timeMs };
}

function membersOf(text: string): readonly unknown[] {
  if (text.length > LENGTH_MAX) return [];
  try {
    const members: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(members) ? members : [];
  } catch {
    return [];
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function refused(reason: string, description: string): Error {
  return invalidArgument('cursor', description, { reason });
}

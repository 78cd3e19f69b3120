import type { ByteString } from './byte-string.ts';
import { Code } from '../core/code.ts';
import type { FailureCause } from './object-failure.ts';
import type { LoggedActions } from './spec.ts';

/** What was done with one object or directory, or could not be. */
export interface Activity {
  readonly action: LoggedActions['actions'][number];
  readonly state: LoggedActions['states'][number];
  /** Where the object is that was found, copied or deleted. */
  readonly side: 'source' | 'sink';
  /** A directory's ends in '/'; '' is the root. */
  readonly key: ByteString;
  readonly sizeBytes?: number;
  /** Milliseconds since the epoch. */
  readonly modifyTimeMs?: number;
  readonly crc32c?: number;
  /** Of a FAILED one. */
  readonly cause?: FailureCause;
}

/**
 * A transfer's own log, of every object: error_breakdowns have five samples of a code, and no object that went well.
 *
 * Each activity is written when it has happened and before it is counted: a crash in between writes it twice, and never not at all.
 */
export interface ActivityLog {
  /** Whether somebody wants it. */
  accepts(action: Activity['action'], state: Activity['state']): boolean;
  /** Those that nobody wants are left out. */
  write(activities: readonly Activity[]): void;
  close(): void;
}

/** Where nothing is asked for. */
export const NO_ACTIVITY_LOG: ActivityLog = {
  accepts: () => false,
  write: () => undefined,
  close: () => undefined,
};

/**
 * LoggingConfig: "If empty, no logs are generated", of either list; and file system transfer logs ignore both, and tell of all.
 */
export function isActivityLogged(
  logged: LoggedActions | undefined,
  { action, state }: Pick<Activity, 'action' | 'state'>,
): boolean {
  if (logged === undefined) return false;
  return logged.fileSystemLog || (logged.actions.includes(action) && logged.states.includes(state));
}

/** Whether anything at all is. */
export function isAnythingLogged(logged: LoggedActions | undefined): boolean {
  return logged !== undefined && (logged.fileSystemLog || (logged.actions.length > 0 && logged.states.length > 0));
}

/** An activity that ended as its cause says; without one, well. */
export function activityOf(
  action: Activity['action'],
  side: Activity['side'],
  object: Pick<Activity, 'key' | 'sizeBytes' | 'modifyTimeMs' | 'crc32c'>,
  cause?: FailureCause,
): Activity {
  const { key, sizeBytes, modifyTimeMs } = object;
  const known = {
    key,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(modifyTimeMs === undefined ? {} : { modifyTimeMs }),
  };
  if (cause === undefined) return { action, state: 'SUCCEEDED', side, ...known };
  return { action, state: 'FAILED', side, ...known, cause };
}

/** Of an object that is equal at the sink, or is not to be overwritten there. */
export function skippedActivity(object: Pick<Activity, 'key' | 'sizeBytes' | 'modifyTimeMs'>): Activity {
  return { ...activityOf('COPY', 'source', object), state: 'SKIPPED' };
}

/** The code that a status names: OK is none of a failure. */
export function activityCode({ state, cause }: Activity): Code {
  if (state === 'SKIPPED') return Code.ALREADY_EXISTS;
  return cause?.code ?? Code.OK;
}

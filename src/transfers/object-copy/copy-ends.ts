import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText } from '../byte-string.ts';
import type { PlannedObject } from '../copier.ts';
import { failureCauseOf, type FailureCause } from '../object-failure.ts';
import type { ObjectRecord } from '../object-record.ts';
import type { ObjectStore } from '../object-store.ts';
import { isCopyOf, isPlannedSource } from './copied-metadata.ts';
import type { KeptMetadata } from './kept-metadata.ts';

/** The two stores that objects are copied between. */
export interface CopyEnds {
  readonly source: ObjectStore;
  readonly sink: ObjectStore;
  /** The proto's defaults unless given. */
  readonly kept?: KeptMetadata;
}

/** The source is another object now: `found`. */
export class SourceReplaced extends Error {
  override readonly name = 'SourceReplaced';
  readonly found: ObjectRecord;

  constructor(found: ObjectRecord) {
    super('the source was replaced');
    this.found = found;
  }
}

export function isChanged(error: unknown): boolean {
  return error instanceof StatusError && error.info.reason === 'OBJECT_CHANGED';
}

/**
 * What a failed read of the source means: SourceReplaced when it is another object now, or the error itself.
 *
 * @throws StatusError when the source cannot be asked.
 */
export async function sourceErrorOf(
  { source }: Pick<CopyEnds, 'source'>,
  object: PlannedObject,
  error: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (!isChanged(error)) return error;
  const found = await source.stat(object.key, signal);
  if (found === undefined) {
    const message = `${displayText(object.key)}: the source has gone`;
    return new StatusError(Code.NOT_FOUND, message, { reason: 'OBJECT_GONE', cause: error });
  }
  // Only its attributes changed meanwhile, or it was put back: the first error stands.
  return isPlannedSource(found, object) ? error : new SourceReplaced(found);
}

/** Whether the sink shows our copy of the object: of this attempt, or of one whose answer was lost. */
export async function isAtSink({ sink }: CopyEnds, object: PlannedObject, signal: AbortSignal): Promise<boolean> {
  const found = await sink.stat(object.key, signal);
  return found !== undefined && isCopyOf(found, object, sink.capabilities);
}

/** What a failed write means: that somebody else was faster is told as that. */
export function sinkErrorOf(object: PlannedObject, error: unknown): unknown {
  if (!isChanged(error)) return error;
  const message = `${displayText(object.key)}: somebody else changed it at the sink since it was compared; run the transfer again`;
  return new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'SINK_CHANGED', cause: error });
}

/** Reasons of errors that all objects will have. */
const FATAL_REASONS: ReadonlySet<string> = new Set(['BUCKET_NOT_FOUND', 'BUCKET_FORBIDDEN']);

/** Why an object failed; refused credentials and a missing bucket end the transfer. */
export function copyFailureOf(error: unknown): FailureCause {
  const cause = failureCauseOf(error);
  const { reason = '', metadata } = error instanceof StatusError ? error.info : {};
  if (cause.code !== Code.UNAUTHENTICATED && !FATAL_REASONS.has(reason)) return cause;
  const resource = metadata?.['resource'];
  return { ...cause, fatal: resource === undefined ? {} : { resource } };
}

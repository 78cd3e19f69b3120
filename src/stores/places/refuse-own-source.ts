import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { byteStringOf, type ByteString } from '../../transfers/byte-string.ts';
import type { ObjectStore } from '../../transfers/object-store.ts';
import { STAGING_PREFIX } from '../../transfers/staging-name.ts';
import type { AnnounceStaged } from '../../transfers/transfer-environment.ts';
import { overlapOf } from './overlap.ts';
import { within, type BucketPlace } from './place-of.ts';

/** A bucket that has been opened. */
export interface OpenedPlace {
  readonly place: BucketPlace;
  readonly store: ObjectStore;
}

export interface RefuseOptions {
  /** Told of the key at the sink before it is written. */
  readonly announce: AnnounceStaged;
  /** How long a failed look takes to remove what it wrote; milliseconds. What it does not reach is the janitor's. */
  readonly cleanUpMaxMs: number;
  readonly signal: AbortSignal;
}

/**
 * Refuses a sink that is the source itself, or lies within it or around it: a transfer that deletes would delete what it has just copied.
 *
 * Where names do not tell, a staging object is written at the sink, looked for at the source, and removed: three requests.
 * @throws StatusError FAILED_PRECONDITION (reason SINK_WITHIN_SOURCE); whatever the stores throw, when there is no telling.
 */
export async function refuseOwnSource(source: OpenedPlace, sink: OpenedPlace, options: RefuseOptions): Promise<void> {
  const overlap = overlapOf(source.place, sink.place);
  if (overlap === 'apart') return;
  if (overlap === 'unknown' && !(await isSeen(source, sink, options))) return;
  const { bucket } = within(sink.place);
  const message = `${bucket}: this sink is the source itself, or one lies within the other, and this transfer deletes objects; bind another bucket or path`;
  const metadata = { bucket };
  throw new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'SINK_WITHIN_SOURCE', metadata, isFinal: true });
}

/** Whether the source has what is written at the sink; it is removed again. */
async function isSeen(source: OpenedPlace, sink: OpenedPlace, options: RefuseOptions): Promise<boolean> {
  const { announce, cleanUpMaxMs, signal } = options;
  const { atSource, atSink } = sharedKeys(within(source.place).prefix, within(sink.place).prefix);
  await announce([atSink]);
  let seen: boolean;
  try {
    const body = Buffer.from('longrunning');
    await sink.store.write(atSink, Readable.from([body]), { modifyTimeMs: 0, sizeBytes: body.length, signal });
    seen = (await source.store.stat(atSource, signal)) !== undefined;
  } catch (error) {
    await sink.store.delete(atSink, AbortSignal.timeout(cleanUpMaxMs)).catch(() => undefined);
    throw error;
  }
  await sink.store.delete(atSink, signal);
  return seen;
}

/** A new staging name below the longer of the two prefixes, as each of the places calls it. */
function sharedKeys(
  sourcePrefix: string,
  sinkPrefix: string,
): { readonly atSource: ByteString; readonly atSink: ByteString } {
  const longer = sourcePrefix.length > sinkPrefix.length ? sourcePrefix : sinkPrefix;
  const key = `${longer}${STAGING_PREFIX}look-${randomUUID()}`;
  return { atSource: byteStringOf(key.slice(sourcePrefix.length)), atSink: byteStringOf(key.slice(sinkPrefix.length)) };
}

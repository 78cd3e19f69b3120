import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { ByteString } from './byte-string.ts';

/** Why one object, or one directory, could not be read or written. */
export interface FailureCause {
  readonly code: Code;
  /** One line that names what failed and says what to do where that is known. */
  readonly detail: string;
  /** The whole transfer cannot go on, such as when the sink is full: on account of this. */
  readonly fatal?: FaultPlace;
}

/** What stops a whole transfer is about: one of its sides, or the place as a store names it, where it does. */
export type FaultPlace = 'source' | 'sink' | { readonly resource?: string };

/** An object that was given up; `sizeBytes` as its source was last seen. */
export interface ObjectFailure extends FailureCause {
  readonly key: ByteString;
  readonly sizeBytes: number;
}

/** The error of the whole transfer, for a cause that is no single object's. A side is named as such, until `atUrl` has its URL. */
export function fatalError({ code, detail, fatal = {} }: FailureCause): StatusError {
  const metadata: Record<string, string> = typeof fatal === 'string' ? { side: fatal } : { ...fatal };
  return new StatusError(code, detail, { reason: 'TRANSFER_CANNOT_CONTINUE', metadata });
}

/** The error with the URL of the side that it is about, in its message and its metadata; any other as it is. */
export function atUrl(error: unknown, urls: { readonly sourceUrl: string; readonly sinkUrl: string }): unknown {
  const side = error instanceof StatusError ? error.info.metadata?.['side'] : undefined;
  if (!(error instanceof StatusError) || (side !== 'source' && side !== 'sink')) return error;
  const url = side === 'source' ? urls.sourceUrl : urls.sinkUrl;
  const { code, message, info, isFinal } = error;
  return new StatusError(code, `${url}: ${message}`, {
    reason: info.reason,
    metadata: { ...info.metadata, url },
    isFinal,
    cause: error,
  });
}

/** What an error of a store means for the object it was about. Anything but a StatusError is a bug, and thrown on. */
export function failureCauseOf(error: unknown): FailureCause {
  if (!(error instanceof StatusError)) throw error;
  return { code: error.code === Code.CANCELLED ? Code.UNKNOWN : error.code, detail: error.message };
}

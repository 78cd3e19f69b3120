import type { Logger } from './core/logger.ts';

/** What goes on beside the calls until its signal aborts. It does not end by itself. */
export type FollowedPart = (signal: AbortSignal) => Promise<unknown>;

export interface Following {
  /** Resolves when every part has ended; never rejects. */
  readonly ended: Promise<void>;
  /** Aborts, with the error, when a part fails: what it did nobody does any more. */
  readonly failed: AbortSignal;
}

/** Runs parts of a process side by side. One that fails is told in the log, by its name, and the others go on. */
export function follow(
  parts: Readonly<Record<string, FollowedPart>>,
  signal: AbortSignal,
  logger: Pick<Logger, 'error'>,
): Following {
  const failed = new AbortController();
  const runs = Object.entries(parts).map(async ([part, run]) => {
    try {
      await run(signal);
    } catch (error) {
      logger.error({ part, error }, 'a part of this process has failed');
      failed.abort(error);
    }
  });
  return { ended: Promise.all(runs).then(() => undefined), failed: failed.signal };
}

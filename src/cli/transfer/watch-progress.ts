import type { ProgressMessage } from '../../client/control-messages.ts';
import { followWatch, type FollowWatchOptions } from '../../client/follow-watch.ts';
import { StatusError } from '../../core/status-error.ts';

/**
 * Tells an operation's standard progress as its server does, until the operation is done or the signal aborts.
 *
 * A server without OperationControl, or with too many watches, tells none: who shows progress goes without then.
 */
export async function watchProgress(
  name: string,
  options: FollowWatchOptions,
  onProgress: (progress: ProgressMessage) => void,
): Promise<void> {
  try {
    for await (const { changed } of followWatch({ name }, options)) {
      if (changed?.progress !== undefined) onProgress(changed.progress);
    }
  } catch (error) {
    if (!options.signal.aborted && !(error instanceof StatusError)) throw error;
  }
}

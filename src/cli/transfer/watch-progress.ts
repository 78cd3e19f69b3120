import type { OperationSummaryMessage } from '../../client/control-messages.ts';
import { followWatch, type FollowWatchOptions } from '../../client/follow-watch.ts';
import { StatusError } from '../../core/status-error.ts';

/**
 * Tells what an operation's server tells beyond the operation itself, its standard progress and why it waits, until it is done or the
 * signal aborts.
 *
 * A server without OperationControl, or with too many watches, tells nothing: who shows progress goes without then.
 */
export async function watchProgress(
  name: string,
  options: FollowWatchOptions,
  onChange: (changed: OperationSummaryMessage) => void,
): Promise<void> {
  try {
    for await (const { changed } of followWatch({ name }, options)) {
      if (changed !== undefined) onChange(changed);
    }
  } catch (error) {
    if (!options.signal.aborted && !(error instanceof StatusError)) throw error;
  }
}

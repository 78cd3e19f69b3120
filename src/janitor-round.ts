import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from './core/logger.ts';
import type { JournalEntry } from './operations/journal.ts';
import type { JanitorOutcome, JanitorThreadData } from './transfer-thread-data.ts';

/** Removes the staging of journal entries in a thread of its own. @returns those whose staging is gone. */
export async function cleanInThread(
  entries: readonly JournalEntry[],
  { posixRoots, logger }: { readonly posixRoots: readonly string[]; readonly logger: Logger },
): Promise<readonly JournalEntry[]> {
  const workerData: JanitorThreadData = { values: entries.map(({ value }) => value), posixRoots };
  // The same file in the tree and in the package.
  const entry = new URL(`./janitor.thread${extname(import.meta.url)}`, import.meta.url);
  const thread = new Worker(entry, { workerData, name: 'janitor' });
  try {
    const [outcomes] = (await once(thread, 'message')) as [readonly JanitorOutcome[]];
    return entries.filter((each, index) => isGone(each, outcomes[index], logger));
  } finally {
    await thread.terminate();
  }
}

function isGone({ operation, id }: JournalEntry, outcome: JanitorOutcome | undefined, logger: Logger): boolean {
  if (outcome === undefined) return false;
  if ('failure' in outcome)
    logger.warn({ operation, entry: id, failure: outcome.failure }, 'staging could not be removed');
  else if (outcome.removedCount > 0) logger.info({ operation, fileCount: outcome.removedCount }, 'staging removed');
  return !('failure' in outcome);
}

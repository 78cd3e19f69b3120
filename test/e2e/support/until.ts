import { setTimeout as delay } from 'node:timers/promises';

/** How long a test waits for anything, milliseconds: only the end of patience, a little before that of Jest, which cannot say for what. */
const PATIENCE_MS = 240_000;

/** Between two looks, milliseconds. */
const LOOK_MS = 5;

/**
 * Looks until there is something to see, and answers it.
 *
 * @throws Error naming `what` when the patience ends.
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await delay(LOOK_MS);
  }
}

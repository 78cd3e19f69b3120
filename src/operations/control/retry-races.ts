import { StatusError } from '../../core/status-error.ts';

/** What has changed between a read and the write that relied on it. */
const RACES: ReadonlySet<string> = new Set(['OPERATION_CHANGED', 'RESOURCE_EXISTS', 'RESOURCE_CHANGED']);

/**
 * Reads and writes again while another writer comes in between.
 *
 * @param attempt  told which try it is, from 1.
 * @throws what the attempt throws, that of a race once `tryCountMax` tries have met one.
 */
export async function retryRaces<T>(tryCountMax: number, attempt: (tries: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(tries);
    } catch (error) {
      const isRace = error instanceof StatusError && RACES.has(error.info.reason);
      if (!isRace || tries >= tryCountMax) throw error;
    }
  }
}

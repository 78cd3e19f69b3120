import type { Leases } from '../operations/leases.ts';
import type { WorkerLimits } from './limits.ts';
import { Loop, type LoopParts } from './loop.ts';

export interface SessionSweepOptions extends LoopParts {
  readonly leases: Leases;
  readonly limits: WorkerLimits;
  /** The first sweep is over: what an earlier process left is recovered, and claims may begin. */
  onFirst(): void;
}

/**
 * Recovers operations whose worker session is gone.
 *
 * Sessions found by the first sweep of a database's only owner are proven dead. Later ones are only silent: one of them may be
 * this process's own, given up while the storage failed, whose handlers may still be stopping.
 */
export function sessionSweepLoop(options: SessionSweepOptions): Loop {
  const { leases, limits, logger } = options;
  let first = true;
  const round = async (): Promise<number | undefined> => {
    const recovered = await leases.expireSessions(limits.sweepCountMax, first ? undefined : false);
    for (const { name, state, deathCount } of recovered) {
      logger.warn({ operation: name, state, deathCount }, 'recovered from a worker session that is gone');
    }
    if (recovered.length === limits.sweepCountMax) return 0;
    if (first) options.onFirst();
    first = false;
    return undefined;
  };
  return new Loop({ ...options, name: 'sweep', intervalMs: limits.sweepIntervalMs, round });
}

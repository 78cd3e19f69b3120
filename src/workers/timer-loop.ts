import type { Leases } from '../operations/leases.ts';
import type { WorkerLimits } from './limits.ts';
import { Loop, type LoopParts } from './loop.ts';
import type { WorkerRegistry } from './registry.ts';

export interface TimerLoopOptions {
  readonly leases: Leases;
  readonly registry: WorkerRegistry;
  readonly limits: WorkerLimits;
}

/** Does what is due of operations by itself. Its interval is how late a deadline may be. */
export function timerLoop({ leases, registry, limits }: TimerLoopOptions, parts: LoopParts): Loop {
  const { clock, logger } = parts;
  return new Loop({
    ...parts,
    name: 'timers',
    intervalMs: limits.timerIntervalMs,
    round: async (signal) => {
      await leases.runTimers({ interrupter: registry, clock, logger, limits }, signal);
      return undefined;
    },
  });
}

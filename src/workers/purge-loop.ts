import type { OperationRepository } from '../operations/operation-repository.ts';
import type { WorkerLimits } from './limits.ts';
import { Loop, type LoopParts } from './loop.ts';

/** Removes records whose expiry has passed. Full rounds follow each other with a rest, so that nobody waits behind them. */
export function purgeLoop(operations: OperationRepository, limits: WorkerLimits, parts: LoopParts): Loop {
  const restMs = limits.storageBackoff.initialMs;
  return new Loop({
    ...parts,
    name: 'purge',
    intervalMs: limits.purgeIntervalMs,
    round: async () => ((await operations.purge(limits.purgeCountMax)) < limits.purgeCountMax ? undefined : restMs),
  });
}

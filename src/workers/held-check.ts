import { Interrupted } from '../core/cancellation.ts';
import type { Leases } from '../operations/leases.ts';
import type { WorkerLimits } from './limits.ts';
import { Loop, type LoopParts } from './loop.ts';
import type { HeldAttempt, WorkerRegistry } from './registry.ts';

export interface HeldCheckOptions extends LoopParts {
  readonly leases: Leases;
  readonly registry: WorkerRegistry;
  readonly limits: WorkerLimits;
}

/** Re-reads every operation held here, so that a cancel, a pause or a lost lease is found when every hint was lost. */
export function heldCheckLoop(options: HeldCheckOptions): Loop {
  return new Loop({
    ...options,
    name: 'held-check',
    intervalMs: options.limits.heldCheckIntervalMs,
    round: async () => {
      const held = options.registry.held().filter(({ holds }) => holds);
      const countMax = options.limits.heldCheckCountMax;
      for (let from = 0; from < held.length; from += countMax) {
        await checkHeld(held.slice(from, from + countMax), options.leases);
      }
      return undefined;
    },
  });
}

async function checkHeld(held: readonly HeldAttempt[], leases: Leases): Promise<void> {
  const records = await leases.read(held.map((attempt) => attempt.lease.name));
  const found = new Map(records.map((record) => [record.name, record]));
  for (const attempt of held) {
    const record = found.get(attempt.lease.name);
    if (record === undefined) attempt.lose(new Interrupted('lease-lost', 0));
    else attempt.deliver(record);
  }
}

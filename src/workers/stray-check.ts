import type { Logger } from '../core/logger.ts';
import { isStaleFence } from '../operations/lease.ts';
import type { Leases } from '../operations/leases.ts';
import type { OperationRepository } from '../operations/operation-repository.ts';
import type { Operation } from '../operations/operation.ts';
import type { WorkerLimits } from './limits.ts';
import type { WorkerRegistry } from './registry.ts';

export interface StrayCheckOptions {
  readonly operations: Pick<OperationRepository, 'held'>;
  readonly leases: Leases;
  readonly registry: WorkerRegistry;
  readonly logger: Logger;
  readonly limits: WorkerLimits;
}

/**
 * Hands back what the session holds and no attempt here runs: the answer of its claim was lost, or its outcome could not be
 * stored. Nobody else would: the session lives, and only what is registered is ever interrupted.
 *
 * To be called while no claim under the session is under way: what one has taken may not be registered yet. An attempt that
 * ends meanwhile is safe, as its fence is no longer held then.
 */
export async function handBackStrays(session: string, options: StrayCheckOptions): Promise<void> {
  const { operations, registry, limits } = options;
  let after = '';
  for (;;) {
    const held = await operations.held(session, after, limits.heldCheckCountMax);
    const strays = held.filter((operation) => !registry.runs({ name: operation.name, fence: operation.fence }));
    await Promise.all(strays.map((stray) => handBack(stray, options)));
    const last = held.at(-1);
    if (last === undefined || held.length < limits.heldCheckCountMax) return;
    after = last.name;
  }
}

/** One that cannot be handed back must not keep the others, nor the claims; the next check tries it again. */
async function handBack({ name, fence }: Operation, { leases, logger }: StrayCheckOptions): Promise<void> {
  try {
    const { state } = await leases.stop({ name, fence });
    logger.warn({ operation: name, fence: String(fence), state }, 'was held here and run by nobody; it is handed back');
  } catch (error) {
    if (isStaleFence(error)) return;
    logger.error(
      { operation: name, fence: String(fence), error },
      'is held here, run by nobody, and cannot be handed back',
    );
  }
}

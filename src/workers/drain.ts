import { settlesWithin } from '../core/bounded-wait.ts';
import { Interrupted } from '../core/cancellation.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { WorkerLimits } from './limits.ts';
import type { WorkerRegistry } from './registry.ts';

export interface DrainOptions {
  readonly registry: WorkerRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: WorkerLimits;
  /** Resolves when no claim is under way that could still bring work. */
  readonly claimsStopped: Promise<void>;
}

/** Operations whose handlers ignored the drain: their process must be ended by force. */
export interface DrainResult {
  readonly ignoredBy: readonly string[];
}

/**
 * Empties the registry within `graceMs`: first every attempt is asked to suspend, then what goes on is aborted as a shutdown.
 * Both hand the operation back without burning an attempt. A cancel meanwhile still ends CANCELLED.
 */
export async function drainAttempts(graceMs: number, options: DrainOptions): Promise<DrainResult> {
  const { registry, limits, logger } = options;
  const abortMs = Math.min(limits.shutdownGraceMs, graceMs / 2);
  for (const attempt of registry.held()) attempt.suspend();
  if (!(await emptiesWithin(graceMs - abortMs, options))) {
    for (const attempt of registry.held()) attempt.abort(new Interrupted('shutdown', abortMs));
    await emptiesWithin(abortMs, options);
  }
  const ignoredBy = registry.held().map((attempt) => attempt.lease.name);
  if (ignoredBy.length > 0) logger.error({ operations: ignoredBy }, 'handlers ignored the drain');
  return { ignoredBy };
}

function emptiesWithin(ms: number, { registry, clock, claimsStopped }: DrainOptions): Promise<boolean> {
  return settlesWithin(
    claimsStopped.then(() => registry.whenEmpty()),
    ms,
    clock,
  );
}

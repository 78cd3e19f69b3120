import type { Clock } from '../../core/clock.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import type { ObjectStore } from '../../transfers/object-store.ts';
import { boundingStore } from '../decorators/bounding-store.ts';
import { ByteRate } from '../decorators/byte-rate.ts';
import { ConcurrencyGate } from '../decorators/concurrency-gate.ts';
import type { StoreCallLimits } from '../decorators/limits.ts';
import { RetryBudget } from '../decorators/retry-budget.ts';
import { retryingStore } from '../decorators/retrying-store.ts';
import { sortingStore } from '../decorators/sorting-store.ts';
import { throttlingStore } from '../decorators/throttling-store.ts';
import type { StoreLimits } from './limits.ts';

export interface SteadiedOptions {
  readonly clock: Clock;
  readonly stores: Pick<StoreLimits, 'storeCalls'>;
  /** Where listings out of order are kept while they are sorted. */
  readonly sortDirectory: string;
}

/** A remote store whose calls are repeated where that may help, as many at once as its endpoint takes well, and which lists in order. */
export function steadied(store: ObjectStore, { clock, stores, sortDirectory }: SteadiedOptions): ObjectStore {
  const limits = stores.storeCalls;
  const bounded = boundingStore(store, new ConcurrencyGate(clock, limits));
  const retried = retryingStore(bounded, { clock, random: Math.random, limits, budget: new RetryBudget(limits) });
  return sortingStore(retried, { ...limits, directory: sortDirectory });
}

/** A source that is read no faster than the transfer may go. */
export function throttled(
  store: ObjectStore,
  clock: Clock,
  { bytesPerSecondMax = Infinity }: Pick<TransferLimits, 'bytesPerSecondMax'>,
  { rateLookMaxMs, rateBurstMs }: StoreCallLimits,
): ObjectStore {
  if (!Number.isFinite(bytesPerSecondMax)) return store;
  const shared = new SharedArrayBuffer(ByteRate.SIZE_BYTES);
  const rate = new ByteRate({ clock, shared, rateLookMaxMs, rateBurstMs });
  rate.setRate(bytesPerSecondMax);
  return throttlingStore(store, rate);
}

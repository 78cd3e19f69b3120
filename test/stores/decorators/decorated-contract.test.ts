import { systemClock } from '../../../src/core/clock.ts';
import { boundingStore } from '../../../src/stores/decorators/bounding-store.ts';
import { ByteRate } from '../../../src/stores/decorators/byte-rate.ts';
import { ConcurrencyGate } from '../../../src/stores/decorators/concurrency-gate.ts';
import { EndpointMeasures } from '../../../src/stores/decorators/endpoint-measures.ts';
import { DEFAULT_STORE_CALL_LIMITS as limits } from '../../../src/stores/decorators/limits.ts';
import { measuringStore } from '../../../src/stores/decorators/measuring-store.ts';
import { RetryBudget } from '../../../src/stores/decorators/retry-budget.ts';
import { retryingStore } from '../../../src/stores/decorators/retrying-store.ts';
import { throttlingStore } from '../../../src/stores/decorators/throttling-store.ts';
import { MemoryStore } from '../../../src/stores/memory/memory-store.ts';
import { objectStoreContract } from '../../contract/object-store.contract.ts';

objectStoreContract('MemoryStore measured, bounded, throttled and retried', () => {
  const clock = systemClock;
  const rate = new ByteRate({ clock, shared: new SharedArrayBuffer(ByteRate.SIZE_BYTES), ...limits });
  rate.setRate(1e9);
  const measured = measuringStore(new MemoryStore(), { clock, measures: new EndpointMeasures() });
  const bounded = boundingStore(measured, new ConcurrencyGate(clock, limits));
  const throttled = throttlingStore(bounded, rate);
  const retried = retryingStore(throttled, { clock, random: Math.random, limits, budget: new RetryBudget(limits) });
  return { store: retried, remove: () => {} };
});

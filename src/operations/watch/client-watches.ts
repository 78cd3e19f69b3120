import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { WatchLimits } from './limits.ts';

/** How many watches each client has, so that none takes the room of all others. One that cannot be told from others has no share of its own. */
export class ClientWatches {
  readonly #limits: Pick<WatchLimits, 'clientWatchCountMax' | 'retryDelayMs'>;
  readonly #counts = new Map<string, number>();

  constructor(limits: Pick<WatchLimits, 'clientWatchCountMax' | 'retryDelayMs'>) {
    this.#limits = limits;
  }

  /** @throws StatusError RESOURCE_EXHAUSTED (TOO_MANY_WATCHES). */
  add(client: string | undefined): void {
    if (client === undefined) return;
    const count = this.#counts.get(client) ?? 0;
    if (count >= this.#limits.clientWatchCountMax) throw tooMany(this.#limits);
    this.#counts.set(client, count + 1);
  }

  remove(client: string | undefined): void {
    if (client === undefined) return;
    const count = this.#counts.get(client) ?? 0;
    if (count > 1) this.#counts.set(client, count - 1);
    else this.#counts.delete(client);
  }
}

function tooMany({ clientWatchCountMax, retryDelayMs }: Pick<WatchLimits, 'clientWatchCountMax' | 'retryDelayMs'>) {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `${String(clientWatchCountMax)} watches are under way on this connection; close some, or watch a collection by one filter`,
    {
      reason: 'TOO_MANY_WATCHES',
      metadata: { clientWatchCountMax: String(clientWatchCountMax) },
      retryDelayMs,
    },
  );
}

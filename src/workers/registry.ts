import type { Interrupted } from '../core/cancellation.ts';
import type { Interrupter } from '../operations/interrupter.ts';
import type { Lease } from '../operations/lease.ts';
import type { Operation } from '../operations/operation.ts';

/** An attempt as those see it who may interrupt it. None of its methods waits or throws; all are safe to repeat. */
export interface HeldAttempt {
  readonly lease: Lease;
  /** False once its lease is lost or taken away, though its handler may go on. */
  readonly holds: boolean;
  /** Resolves when the handler has ended and the outcome is reported, or will never be. */
  readonly ended: Promise<unknown>;
  /** Acts on a record of its operation, however it was come by: interrupts, suspends, or gives up a lost lease. */
  deliver(operation: Operation): void;
  suspend(): void;
  abort(reason: Interrupted): void;
  /** Nothing it does counts any more. */
  lose(reason: Interrupted): void;
}

/** Who runs what in this process. */
export class WorkerRegistry implements Interrupter {
  readonly #attempts = new Map<string, HeldAttempt[]>();
  readonly #whenEmpty = new Set<() => void>();

  /** @returns earlier attempts at the same operation that have not ended: their lease was lost, their handlers go on. */
  register(attempt: HeldAttempt): readonly HeldAttempt[] {
    const earlier = this.#attempts.get(attempt.lease.name) ?? [];
    this.#attempts.set(attempt.lease.name, [...earlier, attempt]);
    return earlier;
  }

  unregister(attempt: HeldAttempt): void {
    const rest = (this.#attempts.get(attempt.lease.name) ?? []).filter((other) => other !== attempt);
    if (rest.length > 0) this.#attempts.set(attempt.lease.name, rest);
    else this.#attempts.delete(attempt.lease.name);
    if (this.#attempts.size > 0) return;
    for (const resolve of this.#whenEmpty) resolve();
    this.#whenEmpty.clear();
  }

  /** @returns whether an attempt at the operation is held here. */
  interrupt(operation: Operation): boolean {
    const attempts = this.#attempts.get(operation.name);
    if (attempts === undefined) return false;
    for (const attempt of attempts) attempt.deliver(operation);
    return true;
  }

  /** Whether an attempt under this lease has not ended. */
  runs({ name, fence }: Lease): boolean {
    return this.#attempts.get(name)?.some(({ lease }) => lease.fence === fence) === true;
  }

  has(name: string): boolean {
    return this.#attempts.has(name);
  }

  held(): readonly HeldAttempt[] {
    return [...this.#attempts.values()].flat();
  }

  /** Resolves when nothing runs here. */
  whenEmpty(): Promise<void> {
    if (this.#attempts.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.add(resolve));
  }
}

import type { WorkerStatus } from '../operations/worker-directory.ts';
import type { HeldAttempt } from './registry.ts';
import type { Worker } from './worker.ts';

/** Who occupies the slots of one worker. A handler that was given up on keeps its slot until it ends. */
export class WorkerSlots {
  readonly worker: Worker;
  readonly #attempts = new Set<HeldAttempt>();
  readonly #stuck = new Set<HeldAttempt>();

  constructor(worker: Worker) {
    this.worker = worker;
  }

  /** Whether a handler goes on long after it was given up on: then the worker gets no new work. */
  get quarantined(): boolean {
    return this.#stuck.size > 0;
  }

  get status(): WorkerStatus {
    const { name, kinds, share, slotCount } = this.worker;
    const held = [...this.#attempts].map(({ lease }) => lease);
    const shared = share === undefined ? {} : { share };
    return { name, kinds, ...shared, slotCount, freeCount: this.freeCount, held, quarantined: this.quarantined };
  }

  get freeCount(): number {
    return this.quarantined ? 0 : Math.max(0, this.worker.slotCount - this.#attempts.size);
  }

  occupy(attempt: HeldAttempt): void {
    this.#attempts.add(attempt);
  }

  quarantine(attempt: HeldAttempt): void {
    if (this.#attempts.has(attempt)) this.#stuck.add(attempt);
  }

  release(attempt: HeldAttempt): void {
    this.#attempts.delete(attempt);
    this.#stuck.delete(attempt);
  }
}

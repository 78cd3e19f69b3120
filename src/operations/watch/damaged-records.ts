import type { Logger } from '../../core/logger.ts';
import { concerns } from '../concerns.ts';

/** Records that cannot be read: each is told once, and kept out of everybody's way. */
export class DamagedRecords {
  readonly #logger: Logger;
  readonly #countMax: number;
  readonly #told = new Set<string>();

  /** @param countMax  names that are remembered; beyond it they are told again. */
  constructor(logger: Logger, countMax: number) {
    this.#logger = logger;
    this.#countMax = countMax;
  }

  /** @throws the error when it is not about this one operation: then the next one would meet it too. */
  passBy(error: unknown, name: string): void {
    if (!concerns(error, name)) throw error;
    if (this.#told.has(name)) return;
    if (this.#told.size >= this.#countMax) this.#told.clear();
    this.#told.add(name);
    this.#logger.error({ operation: name, error }, 'cannot be read: watches of its collection are not told of it');
  }
}

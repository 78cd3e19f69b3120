import { concerns } from './concerns.ts';
import type { Change } from './operation-repository.ts';

/** A change of one operation, with what became of its last run: a repository may run it again. */
export class TriedChange {
  readonly #name: string;
  readonly #rule: Change;
  #thrown: { readonly error: unknown } | undefined;
  #hasChanged = false;

  constructor(name: string, rule: Change) {
    this.#name = name;
    this.#rule = rule;
  }

  /** Whether it made another record of the one it was given. */
  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  /** What the repository is handed. */
  readonly apply: Change = (current, now) => {
    this.#thrown = undefined;
    this.#hasChanged = false;
    try {
      const next = this.#rule(current, now);
      this.#hasChanged = next !== current;
      return next;
    } catch (error) {
      this.#thrown = { error };
      throw error;
    }
  };

  /** Whether the error is this operation's own, thrown by its change or about its record: then others can be written. */
  isRefusal(error: unknown): boolean {
    return this.#thrown?.error === error || concerns(error, this.#name);
  }
}

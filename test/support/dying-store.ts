import type { ObjectStore } from '../../src/transfers/object-store.ts';
import type { FakeAttempt } from './fake-operation.ts';
import { wrappedStore } from './wrapped-store.ts';

/** Nothing that it is asked comes back: the process that asked has died. */
const never = new Promise<never>(() => undefined);

/**
 * Lets an attempt die at its n-th call of a store or its journal: just before the call, or when it has had its effect.
 *
 * A dead attempt hangs; nothing of what it does has any effect.
 */
export class Death {
  readonly #callNumber: number;
  readonly #isAfter: boolean;
  readonly died = Promise.withResolvers<'died'>();
  #callCount = 0;
  #dead = false;
  readonly #inFlight = new Set<Promise<unknown>>();

  /** What was under way at the death has had its effect. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
  }

  constructor(callNumber: number, isAfter: boolean) {
    this.#callNumber = callNumber;
    this.#isAfter = isAfter;
  }

  async call<Result>(act: () => Promise<Result>): Promise<Result> {
    if (this.#isDead()) return never;
    const isLast = (this.#callCount += 1) === this.#callNumber;
    if (isLast && !this.#isAfter) return this.#die();
    const acting = act();
    this.#inFlight.add(acting);
    const result = await acting.finally(() => this.#inFlight.delete(acting));
    // What was under way at the death may have had its effect; nobody hears of it.
    if (this.#isDead()) return never;
    return isLast ? this.#die() : result;
  }

  #isDead(): boolean {
    return this.#dead;
  }

  #die(): Promise<never> {
    this.#dead = true;
    this.died.resolve('died');
    return never;
  }

  store(store: ObjectStore): ObjectStore {
    const { uploads } = store;
    return wrappedStore(store, {
      stat: (key, signal) => this.call(() => store.stat(key, signal)),
      write: (key, body, options) => this.call(() => store.write(key, body, options)),
      delete: (key, signal, options) => this.call(() => store.delete(key, signal, options)),
      ...(uploads === undefined
        ? {}
        : {
            uploads: {
              rules: uploads.rules,
              begin: (key, options) => this.call(() => uploads.begin(key, options)),
              putPart: (upload, part, signal) => this.call(() => uploads.putPart(upload, part, signal)),
              complete: (upload, parts, options) => this.call(() => uploads.complete(upload, parts, options)),
              abort: (upload, signal) => this.call(() => uploads.abort(upload, signal)),
              list: (prefix, signal) => uploads.list?.(prefix, signal) ?? nothing(),
            },
          }),
      close: () => Promise.resolve(),
    });
  }

  attempt(attempt: FakeAttempt): FakeAttempt['context'] {
    const { journal, saveCheckpoint } = attempt.context;
    return {
      ...attempt.context,
      journal: {
        begin: (entry) => this.call(() => journal.begin(entry)),
        commit: (...change) => this.call(() => journal.commit(...change)),
        open: () => journal.open(),
      },
      saveCheckpoint: (...state) => this.call(() => saveCheckpoint(...state)),
    };
  }
}

async function* nothing(): AsyncGenerator<never> {}

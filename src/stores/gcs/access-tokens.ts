import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { untilAborted } from '../../core/until-aborted.ts';

/** Where bearer tokens come from. */
export interface AccessTokens {
  /** Whose they are: tokens of one identity may do the same. No secret. */
  readonly identity: string;
  /** undefined: requests go without one, as emulators want it. */
  get(signal: AbortSignal): Promise<string | undefined>;
  /** The service refused this token: it is not handed out again. false when another one would not be had. */
  refuse(token: string): boolean;
}

/** A token that somebody fetched, and until when it is good: milliseconds of Clock.monotonic. */
export interface FetchedToken {
  readonly token: string;
  readonly endMs: number;
}

export const NO_ACCESS_TOKEN: AccessTokens = {
  identity: 'nobody',
  get: () => Promise.resolve(undefined),
  refuse: () => false,
};

/** One token that somebody else renews, or nobody. */
export function staticAccessToken(token: string): AccessTokens {
  // Told apart by what only the token gives, and what gives nothing of it.
  const identity = `token ${createHash('sha256').update(token).digest('hex')}`;
  return { identity, get: () => Promise.resolve(token), refuse: () => false };
}

export interface RenewedTokensOptions {
  readonly identity: string;
  readonly fetch: (signal: AbortSignal) => Promise<FetchedToken>;
  readonly clock: Clock;
  /** A token is renewed so long before its end, milliseconds. */
  readonly marginMs: number;
  /** One fetch is given up after so long, milliseconds. */
  readonly fetchTimeoutMs: number;
}

/**
 * Tokens fetched when they are needed, one fetch at a time for all who wait. A fetch that fails fails those who waited for it; the
 * next one tries again.
 */
export class RenewedAccessTokens implements AccessTokens {
  readonly #options: RenewedTokensOptions;
  #current: FetchedToken | undefined;
  #fetching: Promise<FetchedToken> | undefined;

  constructor(options: RenewedTokensOptions) {
    this.#options = options;
  }

  get identity(): string {
    return this.#options.identity;
  }

  async get(signal: AbortSignal): Promise<string> {
    const { clock, marginMs } = this.#options;
    if (this.#current !== undefined && clock.monotonic() < this.#current.endMs - marginMs) return this.#current.token;
    return (await untilAborted(this.#fetch(), signal)).token;
  }

  refuse(token: string): boolean {
    if (this.#current?.token === token) this.#current = undefined;
    return true;
  }

  /** Not under the signal of the one who asked first: others wait for it, too. */
  #fetch(): Promise<FetchedToken> {
    this.#fetching ??= this.#options
      .fetch(AbortSignal.timeout(this.#options.fetchTimeoutMs))
      .then((fetched) => (this.#current = fetched))
      .finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }
}

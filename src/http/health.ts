import type { Logger } from '../core/logger.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { errorBody } from './error-body.ts';

/** What a health path answers: the HTTP status and its JSON body. */
export interface HealthAnswer {
  readonly status: number;
  readonly body: object;
}

export interface ReadinessOptions {
  /** Resolves when what every call needs answers; rejects when it does not. */
  readonly check: () => Promise<void>;
  readonly checkTimeoutMs: number;
  readonly log: Logger;
}

const SERVING: HealthAnswer = { status: 200, body: { status: 'SERVING' } };

/**
 * Whether this process should be left alone: it answers, and its loops turn. Never asks the database.
 *
 * @param stalledLoops  names of loops that have not turned for much longer than they should: only a restart helps.
 */
export function liveness(stalledLoops: readonly string[]): HealthAnswer {
  if (stalledLoops.length === 0) return SERVING;
  return unready('LOOPS_STALLED', `these loops have stopped turning: ${stalledLoops.join(', ')}`);
}

/**
 * Whether this process should be sent calls.
 *
 * However many ask, one check runs at a time; what it found is logged when it changes.
 */
export class Readiness {
  readonly #options: ReadinessOptions;
  #isDraining = false;
  #wasReady = true;
  #checking: Promise<HealthAnswer> | undefined;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** From now on the answer is 503. */
  drain(): void {
    this.#isDraining = true;
  }

  async answer(): Promise<HealthAnswer> {
    if (this.#isDraining) return unready('DRAINING', 'the sidecar is draining');
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(): Promise<HealthAnswer> {
    const { check, checkTimeoutMs, log } = this.#options;
    const { promise: timeUp, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new StatusError(Code.UNAVAILABLE, 'the check takes too long', { reason: 'CHECK_TIMEOUT' }));
    }, checkTimeoutMs);
    try {
      await Promise.race([check(), timeUp]);
      if (!this.#wasReady) log.info({}, 'ready again');
      this.#wasReady = true;
      return SERVING;
    } catch (error) {
      if (this.#wasReady) log.warn({ error }, 'not ready');
      this.#wasReady = false;
      return unready('CHECK_FAILED', 'what the sidecar needs does not answer');
    } finally {
      clearTimeout(timer);
    }
  }
}

function unready(reason: string, message: string): HealthAnswer {
  return { status: 503, body: errorBody(new StatusError(Code.UNAVAILABLE, message, { reason })) };
}

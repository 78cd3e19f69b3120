import { settlesWithin } from '../core/bounded-wait.ts';
import { Interrupted } from '../core/cancellation.ts';
import type { Leases } from '../operations/leases.ts';
import type { WorkerLimits } from './limits.ts';
import { Loop, type LoopHealth, type LoopParts } from './loop.ts';

export interface SessionKeeperOptions extends LoopParts {
  readonly leases: Leases;
  readonly limits: WorkerLimits;
  /** Ids nobody else will ever use. */
  readonly newSessionId: () => string;
  /** A new session is alive: claims may begin. */
  onRenewed(): void;
  /** The session may be over: whatever runs under it must stop, within the grace that the reason names. */
  onLost(reason: Interrupted): void;
}

/**
 * Keeps this process's worker session alive, and gives it up in time.
 *
 * A lease counts from when its renewal was sent. Without a renewal that was answered, the session is over `fenceMarginMs`
 * before the repository may think so, so that nobody takes over what still runs here. Only the monotonic clock decides. A
 * session once given up is never renewed again: the next one has another id, and the operations of the old one are recovered.
 */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #renewal: Loop;
  readonly #fence: Loop;
  #session: string;
  /** When the last renewal that was answered had been sent; undefined before the session's first. */
  #renewTimeMs: number | undefined;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
    this.#session = options.newSessionId();
    const { renewIntervalMs, leaseDurationMs } = options.limits;
    this.#renewal = new Loop({ ...options, name: 'renew', intervalMs: renewIntervalMs, round: () => this.#renew() });
    this.#fence = new Loop({ ...options, name: 'fence', intervalMs: leaseDurationMs, round: () => this.#checkFence() });
  }

  start(): void {
    this.#renewal.start();
    this.#fence.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#renewal.stop(), this.#fence.stop()]);
  }

  /** The session to claim under, or undefined while there is none alive. */
  get session(): string | undefined {
    return this.#leftMs() > 0 ? this.#session : undefined;
  }

  health(): readonly LoopHealth[] {
    return [this.#renewal.health(), this.#fence.health()];
  }

  async #renew(): Promise<undefined> {
    this.#giveUpIfOver();
    const { leases, clock } = this.#options;
    const session = this.#session;
    const sendTimeMs = clock.monotonic();
    await this.#withinLease(leases.renewSessions([session]));
    if (session !== this.#session) return undefined;
    const first = this.#renewTimeMs === undefined;
    this.#renewTimeMs = sendTimeMs;
    if (first) this.#options.onRenewed();
    return undefined;
  }

  /** An answer that comes later than a lease is none, and must not keep the next renewal waiting. */
  async #withinLease(renewal: Promise<void>): Promise<void> {
    const { clock, limits } = this.#options;
    if (await settlesWithin(renewal, limits.leaseDurationMs, clock)) return;
    throw new Error('the renewal of the session was not answered within its lease');
  }

  async #checkFence(): Promise<number> {
    this.#giveUpIfOver();
    const { leaseDurationMs, fenceMarginMs } = this.#options.limits;
    return Promise.resolve(this.#renewTimeMs === undefined ? leaseDurationMs - fenceMarginMs : this.#leftMs());
  }

  #giveUpIfOver(): void {
    if (this.#renewTimeMs === undefined || this.#leftMs() > 0) return;
    const lost = this.#session;
    this.#session = this.#options.newSessionId();
    this.#renewTimeMs = undefined;
    this.#options.logger.error(
      { session: lost },
      'the worker session could not be renewed in time; its work is stopped',
    );
    this.#options.onLost(new Interrupted('lease-lost', this.#options.limits.fenceMarginMs));
  }

  #leftMs(): number {
    if (this.#renewTimeMs === undefined) return 0;
    const { leaseDurationMs, fenceMarginMs } = this.#options.limits;
    return this.#renewTimeMs + leaseDurationMs - fenceMarginMs - this.#options.clock.monotonic();
  }
}

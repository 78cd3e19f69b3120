import type { BackoffPolicy } from '../../core/backoff.ts';

/** Bounds of notifications. Times are milliseconds. */
export interface NotificationLimits {
  /** How often those that are due are looked for, where no hint came. */
  readonly intervalMs: number;
  /** How often an operation that goes on is looked at: so late its notification is where a hint was lost. */
  readonly recheckMs: number;
  /** Deliveries at once. */
  readonly deliveryCountMax: number;
  /** How long one may take. */
  readonly deliveryTimeoutMs: number;
  /** Nobody else tries for so long; longer than a delivery may take. */
  readonly leaseMs: number;
  readonly backoff: BackoffPolicy;
  /** What was not accepted for so long after the operation's end is given up on. */
  readonly ageMaxMs: number;
  /** Ends of operations that are remembered until they are looked at; more are found by the recheck. */
  readonly hintCountMax: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export const DEFAULT_NOTIFICATION_LIMITS: NotificationLimits = {
  intervalMs: 1000,
  recheckMs: 60_000,
  deliveryCountMax: 16,
  deliveryTimeoutMs: 10_000,
  leaseMs: 30_000,
  backoff: { initialMs: 2000, maxMs: 600_000 },
  // As long as Pub/Sub keeps what is not acknowledged.
  ageMaxMs: 7 * DAY_MS,
  hintCountMax: 10_000,
};

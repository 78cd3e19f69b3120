import { backoffDelayMs } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import type { Logger } from '../../core/logger.ts';
import { StatusError } from '../../core/status-error.ts';
import type { Database } from '../../operations/database.ts';
import { isDone, type Operation } from '../../operations/operation.ts';
import type { Resource } from '../../operations/resource.ts';
import type { NotificationLimits } from './limits.ts';
import type { Notification } from './notification.ts';
import { targetOf, type TopicBinding } from './notification-target.ts';
import { NOTIFICATION_KIND, type OwedNotificationCodec } from './outbox.ts';

export interface NotifierOptions {
  readonly database: Pick<Database, 'operations' | 'resources'>;
  readonly codec: OwedNotificationCodec;
  /** What is to be said of an operation that is done; undefined when nobody wants to hear of it. */
  readonly notificationOf: (operation: Operation) => Notification | undefined;
  readonly bindings: readonly TopicBinding[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly limits: NotificationLimits;
}

/** Without a reason of its own an abort makes an exception with a stack, each time. */
const WOKEN = 'woken';

/**
 * Delivers the notifications that are owed, each at least once, and again with a backoff until it is accepted or too old.
 *
 * Nothing waits for it: it reads what was stored with the operations. A bounded number is under way at once, so that a topic which
 * does not answer keeps no other waiting. Before a try it writes that it tries, so that of several replicas one does; what it leaves
 * half-done at its end the next one does after the lease.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #ended = new Set<string>();
  /** By operation; each ends with whether what is owed was written. */
  readonly #underWay = new Map<string, Promise<boolean>>();
  #wake = new AbortController();

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Delivers until the signal aborts and what was under way has ended. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#deliverOnAndOn(signal), this.#followEnds(signal)]);
    await Promise.all(this.#underWay.values());
  }

  /** Deals with all that is due now. @throws StatusError when the storage fails. */
  async round(signal: AbortSignal): Promise<void> {
    for (let isWritten = true; isWritten && !signal.aborted;) {
      await this.#begin(signal);
      isWritten = (await Promise.all(this.#underWay.values())).includes(true);
    }
  }

  async #deliverOnAndOn(signal: AbortSignal): Promise<void> {
    const { clock, limits, logger } = this.#options;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const woken = this.#wake.signal;
      await this.#begin(signal).catch((error: unknown) => {
        logger.warn({ error }, 'notifications were not looked for; it is tried again');
      });
      await clock.sleep(limits.intervalMs, AbortSignal.any([signal, woken])).catch(() => undefined);
    }
  }

  /** Begins with as much of what is due as may be under way. */
  async #begin(signal: AbortSignal): Promise<void> {
    const { database, clock, limits } = this.#options;
    const names = [...this.#ended].slice(0, limits.deliveryCountMax - this.#underWay.size);
    for (const name of names) this.#ended.delete(name);
    const owed = await Promise.all(names.map((name) => database.resources.get(NOTIFICATION_KIND, name)));
    for (const resource of owed) if (resource !== undefined) this.#start(resource, signal);
    const room = limits.deliveryCountMax - this.#underWay.size;
    if (room === 0) return;
    for (const resource of await database.resources.due(NOTIFICATION_KIND, clock.now(), room)) {
      this.#start(resource, signal);
    }
  }

  #start(owed: Resource, signal: AbortSignal): void {
    if (this.#underWay.has(owed.name) || signal.aborted) return;
    const ending = this.#dealWith(owed, signal).then((isWritten) => {
      this.#underWay.delete(owed.name);
      // One that could not be written is still due: it waits for the interval.
      if (isWritten) this.#wake.abort(WOKEN);
      return isWritten;
    });
    this.#underWay.set(owed.name, ending);
  }

  async #followEnds(signal: AbortSignal): Promise<void> {
    for await (const { name, state } of this.#options.database.operations.changes(signal)) {
      if (state === undefined || !isDone({ state }) || !name.startsWith('transferOperations/')) continue;
      if (this.#ended.size < this.#options.limits.hintCountMax) this.#ended.add(name);
      this.#wake.abort(WOKEN);
    }
  }

  /** Never rejects. @returns whether what is owed was written: not when another replica came first, or the storage fails. */
  async #dealWith(owed: Resource, signal: AbortSignal): Promise<boolean> {
    try {
      const operation = await this.#options.database.operations.get(owed.name);
      if (operation !== undefined && !isDone(operation)) {
        await this.#postpone(owed, this.#options.limits.recheckMs);
        return true;
      }
      const notification = operation === undefined ? undefined : this.#options.notificationOf(operation);
      if (notification === undefined) await this.#remove(owed);
      else await this.#deliver(notification, owed, signal);
      return true;
    } catch (error) {
      const isTaken = error instanceof StatusError && error.info.reason === 'RESOURCE_CHANGED';
      if (!isTaken)
        this.#options.logger.warn({ operation: owed.name, error }, 'a notification waits, as the storage fails');
      return false;
    }
  }

  async #deliver(notification: Notification, owed: Resource, signal: AbortSignal): Promise<void> {
    const { codec, limits, logger } = this.#options;
    const attemptCount = codec.decode(owed.value).attemptCount + 1;
    const leased = await this.#postpone({ ...owed, value: codec.encode({ attemptCount }) }, limits.leaseMs);
    const { topic } = notification;
    try {
      await this.#send(notification, signal);
    } catch (error) {
      if (signal.aborted) return;
      await this.#failed(leased, { notification, attemptCount, error });
      return;
    }
    await this.#remove(leased);
    logger.debug({ operation: owed.name, topic, attemptCount }, 'a notification was delivered');
  }

  async #send(notification: Notification, signal: AbortSignal): Promise<void> {
    const { bindings, clock, limits } = this.#options;
    const target = targetOf(notification.topic, bindings);
    if (target === undefined) throw notBound(notification.topic);
    const late = new AbortController();
    const cancel = clock.after(limits.deliveryTimeoutMs, () => {
      late.abort(tooSlow(notification.topic));
    });
    try {
      await target.deliver(notification, AbortSignal.any([signal, late.signal]));
    } finally {
      cancel();
    }
  }

  async #failed(
    leased: Resource,
    { notification, attemptCount, error }: { notification: Notification; attemptCount: number; error: unknown },
  ): Promise<void> {
    const { clock, limits, random, logger } = this.#options;
    const fields = { operation: leased.name, topic: notification.topic, attemptCount, error };
    if (clock.now() - notification.publishTimeMs >= limits.ageMaxMs) {
      await this.#remove(leased);
      logger.error(fields, 'a notification was given up on, as it was not accepted for too long');
      return;
    }
    await this.#postpone(leased, Math.max(1, backoffDelayMs(attemptCount, limits.backoff, random)));
    logger.warn(fields, 'a notification was not accepted; it is tried again');
  }

  /** @returns what is owed as it stands then. */
  async #postpone({ kind, name, revision, ...rest }: Resource, delayMs: number): Promise<Resource> {
    const next = { ...rest, dueTimeMs: this.#options.clock.now() + delayMs };
    await this.#options.database.resources.write([{ kind, name, revision, next }]);
    return { ...next, kind, name, revision: revision + 1 };
  }

  async #remove({ kind, name, revision }: Resource): Promise<void> {
    await this.#options.database.resources.write([{ kind, name, revision }]);
  }
}

function notBound(topic: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `${topic} is bound to nothing; name it under topics in the config file`,
    {
      reason: 'TOPIC_NOT_BOUND',
      metadata: { topic },
    },
  );
}

function tooSlow(topic: string): StatusError {
  return new StatusError(Code.DEADLINE_EXCEEDED, `${topic} does not accept a notification in time`, {
    reason: 'NOTIFICATION_TIMEOUT',
    metadata: { topic },
  });
}

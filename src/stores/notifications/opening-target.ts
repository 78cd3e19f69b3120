import type { Notification } from '../../transfers/notifications/notification.ts';
import type { NotificationTarget } from '../../transfers/notifications/notification-target.ts';

/** A target that is opened when the first notification comes: until then nothing of what it needs is loaded. */
export class OpeningTarget implements NotificationTarget {
  readonly #open: () => Promise<NotificationTarget>;
  #opened: Promise<NotificationTarget> | undefined;

  constructor(open: () => Promise<NotificationTarget>) {
    this.#open = open;
  }

  /** One that could not be opened is opened anew the next time. */
  async deliver(notification: Notification, signal: AbortSignal): Promise<void> {
    const opened = (this.#opened ??= this.#open());
    const target = await opened.catch((error: unknown) => {
      if (this.#opened === opened) this.#opened = undefined;
      throw error;
    });
    await target.deliver(notification, signal);
  }

  async close(): Promise<void> {
    const target = await this.#opened;
    await target?.close();
  }
}

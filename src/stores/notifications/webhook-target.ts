import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { Notification } from '../../transfers/notifications/notification.ts';
import type { NotificationTarget } from '../../transfers/notifications/notification-target.ts';
import type { WebClient } from '../web/web-client.ts';
import { notificationJson } from './notification-json.ts';

/**
 * Posts notifications to a URL as Pub/Sub pushes them. Any 2xx accepts one; redirects are not followed.
 *
 * Whom the client may connect to is its own policy.
 */
export class WebhookTarget implements NotificationTarget {
  readonly #url: URL;
  readonly #client: WebClient;

  constructor(url: URL, client: WebClient) {
    this.#url = url;
    this.#client = client;
  }

  async deliver(notification: Notification, signal: AbortSignal): Promise<void> {
    const { origin, pathname, search, host } = this.#url;
    const { status } = await this.#client.send({
      method: 'POST',
      origin,
      target: `${pathname}${search}`,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(notificationJson(notification)),
      // Paths and queries of webhooks are often their only secret.
      resource: host,
      signal,
    });
    if (status >= 200 && status < 300) return;
    throw new StatusError(Code.UNAVAILABLE, `${host} answers ${String(status)} to a notification`, {
      reason: 'NOTIFICATION_REFUSED',
      metadata: { host, status: String(status) },
    });
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

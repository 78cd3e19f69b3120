/** Wires what tells topics of transfers that have ended. */
import { systemClock } from './core/clock.ts';
import type { OperationsCore } from './operations-core.ts';
import { owedNotificationCodec, transferNotificationOf } from './schema/transfer-notification.ts';
import { NdjsonTarget } from './stores/notifications/ndjson-target.ts';
import { OpeningTarget } from './stores/notifications/opening-target.ts';
import type { WebLimits } from './stores/web/limits.ts';
import type { NotificationTarget } from './transfers/notifications/notification-target.ts';
import { Notifier } from './transfers/notifications/notifier.ts';

/** Where the notifications of a topic go. */
export type TopicPlace = { readonly topic: string } & (
  { readonly webhook: URL; readonly allowPrivate: boolean } | { readonly file: string }
);

export interface NotificationParts {
  /** Delivers until the signal aborts, then lets go of connections and files. Never throws. */
  run(signal: AbortSignal): Promise<void>;
}

export function createNotifications(
  { database, limits, logger }: OperationsCore,
  topics: readonly TopicPlace[],
): NotificationParts {
  const bindings = topics.map((setting) => ({ topic: setting.topic, target: targetOf(setting, limits.web) }));
  const notifier = new Notifier({
    database,
    codec: owedNotificationCodec,
    notificationOf: transferNotificationOf,
    bindings,
    clock: systemClock,
    logger,
    random: Math.random,
    limits: limits.notifications,
  });
  return {
    run: async (signal) => {
      await notifier.run(signal);
      await Promise.allSettled(bindings.map(({ target }) => target.close()));
    },
  };
}

function targetOf(setting: TopicPlace, limits: WebLimits): NotificationTarget {
  if ('file' in setting) return new NdjsonTarget(setting.file);
  return new OpeningTarget(() => openWebhook(setting, limits));
}

/** A webhook may connect to its own host only. Loaded when it is needed: a client of HTTP costs a start some 100 ms. */
async function openWebhook(
  { webhook, allowPrivate }: Extract<TopicPlace, { readonly webhook: URL }>,
  limits: WebLimits,
): Promise<NotificationTarget> {
  const [{ WebhookTarget }, { WebClient }] = await Promise.all([
    import('./stores/notifications/webhook-target.ts'),
    import('./stores/web/web-client.ts'),
  ]);
  const host = webhook.hostname.replace(/^\[|\]$/g, '');
  const policy = [{ host, isPrivateAllowed: allowPrivate }];
  return new WebhookTarget(webhook, new WebClient({ limits, policy }));
}

import type { Notification } from '../../transfers/notifications/notification.ts';

/** The JSON that Pub/Sub pushes: `{"message": {attributes, data, messageId, publishTime}}`, with the topic beside it. */
export function notificationJson({ topic, messageId, publishTimeMs, attributes, data }: Notification): string {
  return JSON.stringify({
    message: {
      attributes,
      // PubsubMessage.data is bytes: base64 in JSON.
      data: Buffer.from(data).toString('base64'),
      messageId,
      publishTime: new Date(publishTimeMs).toISOString(),
    },
    topic,
  });
}

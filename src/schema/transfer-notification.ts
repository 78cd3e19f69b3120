import type { Operation } from '../operations/operation.ts';
import {
  notificationOf,
  type EventType,
  type Notification,
  type NotificationWish,
} from '../transfers/notifications/notification.ts';
import type { OwedNotificationCodec } from '../transfers/notifications/outbox.ts';
import { messageJson } from './message-json.ts';
import { decodeMessage, encodeMessage, type Message } from './protos.ts';
import { shownRequest } from './sealed-request.ts';
import { presentTransfer } from './transfer-presenter.ts';

const TRANSFER_OPERATION = 'google.storagetransfer.v1.TransferOperation';
const OWED_NOTIFICATION = 'longrunning.transfers.v1.OwedNotification';

interface RequestMessage {
  readonly projectId?: string;
  readonly transferJobName?: string;
  readonly notificationConfig?: Message;
}

/** What is to be said of a transfer that is done; undefined when nobody wants to hear of its end. */
export function transferNotificationOf(operation: Operation): Notification | undefined {
  const { notificationConfig, ...request } = decodeMessage(
    TRANSFER_OPERATION,
    shownRequest(operation.request),
  ) as RequestMessage;
  if (notificationConfig === undefined) return undefined;
  const { pubsubTopic, eventTypes = [], payloadFormat } = notificationConfig;
  const wish: NotificationWish = {
    topic: pubsubTopic as string,
    eventTypes: eventTypes as readonly EventType[],
    payloadFormat: payloadFormat as NotificationWish['payloadFormat'],
    projectId: request.projectId ?? '',
    transferJobName: request.transferJobName ?? '',
  };
  return notificationOf(operation, wish, () => transferJson(operation));
}

/** NotificationConfig.PayloadFormat.JSON: "`TransferOperation` is formatted as a JSON response". */
function transferJson(operation: Operation): string {
  const metadata = presentTransfer(operation);
  const message = metadata === undefined ? {} : decodeMessage(TRANSFER_OPERATION, metadata.value);
  return JSON.stringify(messageJson(TRANSFER_OPERATION, message));
}

export const owedNotificationCodec: OwedNotificationCodec = {
  encode: (owed) => encodeMessage(OWED_NOTIFICATION, owed),
  decode: (bytes) => {
    const { attemptCount = 0 } = decodeMessage(OWED_NOTIFICATION, bytes) as { readonly attemptCount?: number };
    return { attemptCount };
  },
};

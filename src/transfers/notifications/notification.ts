import type { Operation, State } from '../../operations/operation.ts';

/** NotificationConfig.EventType, without its illegal zero. */
export type EventType = 'TRANSFER_OPERATION_SUCCESS' | 'TRANSFER_OPERATION_FAILED' | 'TRANSFER_OPERATION_ABORTED';

/** What an operation's NotificationConfig asks for. */
export interface NotificationWish {
  /** `projects/{project}/topics/{topic}`. */
  readonly topic: string;
  /** "If empty, send notifications for all event types." */
  readonly eventTypes: readonly EventType[];
  readonly payloadFormat: 'NONE' | 'JSON';
  readonly projectId: string;
  readonly transferJobName: string;
}

/** One notification, of the form that Pub/Sub has for it. */
export interface Notification {
  readonly topic: string;
  /** The same for each delivery of it: it may come more than once. */
  readonly messageId: string;
  /** When the operation ended, milliseconds since the epoch. */
  readonly publishTimeMs: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** The TransferOperation as JSON; empty where none was asked for. */
  readonly data: string;
}

const EVENT_TYPE: Partial<Readonly<Record<State, EventType>>> = {
  SUCCEEDED: 'TRANSFER_OPERATION_SUCCESS',
  FAILED: 'TRANSFER_OPERATION_FAILED',
  CANCELLED: 'TRANSFER_OPERATION_ABORTED',
};

/**
 * What is to be said of an operation that is done; undefined when nobody wants to hear of its end.
 *
 * @param json  the TransferOperation, made only when it is asked for.
 */
export function notificationOf(
  operation: Operation,
  wish: NotificationWish,
  json: () => string,
): Notification | undefined {
  const eventType = EVENT_TYPE[operation.state];
  if (eventType === undefined) return undefined;
  if (wish.eventTypes.length > 0 && !wish.eventTypes.includes(eventType)) return undefined;
  const { topic, payloadFormat, projectId, transferJobName } = wish;
  return {
    topic,
    messageId: operation.name,
    publishTimeMs: operation.endTimeMs ?? 0,
    // NotificationConfig: "published to the customer-provided topic using the following `PubsubMessage.attributes`".
    attributes: { eventType, payloadFormat, projectId, transferJobName, transferOperationName: operation.name },
    data: payloadFormat === 'JSON' ? json() : '',
  };
}

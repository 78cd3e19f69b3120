/**
 * Notifications that are owed: a resource for each operation that has a NotificationConfig, made in the transaction that makes the
 * operation and removed when the notification was delivered. So none is lost, whoever ends the operation and whoever is killed.
 */
import type { ResourceChange } from '../../operations/resource.ts';

export const NOTIFICATION_KIND = 'transfer-notification';

/** What is kept of a notification between two tries. */
export interface OwedNotification {
  /** Tries that began. */
  readonly attemptCount: number;
}

/** The bytes of what is kept; made in schema/. */
export interface OwedNotificationCodec {
  encode(owed: OwedNotification): Uint8Array;
  decode(bytes: Uint8Array): OwedNotification;
}

/** The write that owes a notification of the operation's end, for the transaction that makes the operation. */
export function owe(
  operation: { readonly name: string; readonly projectId: string },
  now: number,
  dueTimeMs: number,
): ResourceChange {
  return {
    kind: NOTIFICATION_KIND,
    name: operation.name,
    revision: 0,
    // A message without fields has no bytes.
    next: { collection: operation.projectId, value: new Uint8Array(0), createTimeMs: now, dueTimeMs },
  };
}

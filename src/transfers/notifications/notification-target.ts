import type { Notification } from './notification.ts';

/** Plug point: where the notifications of a topic go. */
export interface NotificationTarget {
  /**
   * Resolves when the other side has it for good; it may get the same one again.
   *
   * @throws what kept it from that: then it is tried again later. After an abort it rejects soon.
   */
  deliver(notification: Notification, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A topic, or with a `*` at its end all that begin so, and where its notifications go. */
export interface TopicBinding {
  readonly topic: string;
  readonly target: NotificationTarget;
}

/** The first binding that names the topic. */
export function targetOf(topic: string, bindings: readonly TopicBinding[]): NotificationTarget | undefined {
  return bindings.find(({ topic: bound }) => isBound(topic, bound))?.target;
}

function isBound(topic: string, bound: string): boolean {
  return bound.endsWith('*') ? topic.startsWith(bound.slice(0, -1)) : topic === bound;
}

/** A google.protobuf.Timestamp as a plain message. */
export interface TimestampMessage {
  readonly seconds?: string | number;
  readonly nanos?: number;
}

/** @param timeMs  whole milliseconds since the Unix epoch. */
export function timestampOf(timeMs: number): TimestampMessage {
  const seconds = Math.floor(timeMs / 1000);
  return { seconds, nanos: (timeMs - seconds * 1000) * 1e6 };
}

/** Milliseconds since the Unix epoch; what is finer is cut off. */
export function timeMsOf({ seconds = 0, nanos = 0 }: TimestampMessage): number {
  return Number(seconds) * 1000 + Math.floor(nanos / 1e6);
}

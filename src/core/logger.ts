/** Facts of one event, by name: plain data, no secrets. An error goes under `error`, whole. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where events are told. Injected; the process writes one JSON object a line. Never throws. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** Tells nobody. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

import type { LogFields, Logger } from '../../src/core/logger.ts';

export interface LogRecord {
  readonly level: keyof Logger;
  readonly fields: LogFields;
  readonly message: string;
}

/** Keeps what is logged, for tests to read. */
export class RecordingLogger implements Logger {
  readonly records: LogRecord[] = [];

  debug(fields: LogFields, message: string): void {
    this.records.push({ level: 'debug', fields, message });
  }

  info(fields: LogFields, message: string): void {
    this.records.push({ level: 'info', fields, message });
  }

  warn(fields: LogFields, message: string): void {
    this.records.push({ level: 'warn', fields, message });
  }

  error(fields: LogFields, message: string): void {
    this.records.push({ level: 'error', fields, message });
  }

  ofLevel(level: keyof Logger): readonly LogRecord[] {
    return this.records.filter((record) => record.level === level);
  }
}

import type { Change } from './change-log.ts';

/** What the hub tells a watcher. None of it waits. */
export interface ChangeTaker {
  /** Something it watches has changed. Changes come in the order of their numbers. */
  offer(change: Change): void;
  /** Changes may have been missed, those of one operation or all of an era: it is to look for itself. */
  restart(): void;
  /** The server stops. */
  stop(): void;
}

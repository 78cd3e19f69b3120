/** What the hub tells a watcher. None of it waits. */
export interface ChangeTaker {
  /** Something it watches has changed. */
  offer(name: string, change: number): void;
  /** Changes may have been missed: all is to be told anew. */
  restart(): void;
  /** The server stops. */
  stop(): void;
}

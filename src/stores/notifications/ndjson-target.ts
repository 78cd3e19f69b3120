import { open, type FileHandle } from 'node:fs/promises';
import type { Notification } from '../../transfers/notifications/notification.ts';
import type { NotificationTarget } from '../../transfers/notifications/notification-target.ts';
import { notificationJson } from './notification-json.ts';

const NEWLINE = 0x0a;

/**
 * Appends notifications to a file, a JSON object a line, each durable when it counts as delivered. The file is made when it is
 * not there, and opened for each, so that it can be moved away at any time.
 */
export class NdjsonTarget implements NotificationTarget {
  readonly #path: string;
  /** One after another: a line must not stand within another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  deliver(notification: Notification, signal: AbortSignal): Promise<void> {
    const turn = this.#last.then(() => {
      signal.throwIfAborted();
      return this.#append(`${notificationJson(notification)}\n`);
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#last;
  }

  async #append(line: string): Promise<void> {
    // What clients' objects are called may be in it: for its owner only.
    const file = await open(this.#path, 'a+', 0o600);
    try {
      // A process that was killed may have left half a line, which must not spoil this one.
      await file.appendFile((await endsWithinLine(file)) ? `\n${line}` : line);
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}

/** Whether the file's last line has no end. */
async function endsWithinLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== NEWLINE;
}

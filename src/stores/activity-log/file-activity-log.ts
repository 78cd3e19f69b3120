import { isActivityLogged, type Activity, type ActivityLog } from '../../transfers/activity-log.ts';
import type { LoggedActions } from '../../transfers/spec.ts';
import { failureOf } from '../posix/errno.ts';
import type { ActivityFile } from './activity-file.ts';

export interface FileActivityLogOptions {
  readonly file: ActivityFile;
  readonly logged: LoggedActions;
  /** An activity as a line, without its end. */
  readonly line: (activity: Activity, timeMs: number) => string;
  readonly now: () => number;
  /** Told once: a transfer goes on without its log rather than end for it. */
  readonly onFailure: (detail: string) => void;
}

/** Writes a transfer's activities to its file, until that fails. */
export class FileActivityLog implements ActivityLog {
  readonly #options: FileActivityLogOptions;
  #hasFailed = false;

  constructor(options: FileActivityLogOptions) {
    this.#options = options;
  }

  accepts(action: Activity['action'], state: Activity['state']): boolean {
    return !this.#hasFailed && isActivityLogged(this.#options.logged, { action, state });
  }

  write(activities: readonly Activity[]): void {
    const { file, line, now } = this.#options;
    const timeMs = now();
    const lines = activities.filter(({ action, state }) => this.accepts(action, state));
    if (lines.length === 0) return;
    this.#attempt(() => {
      file.append(lines.map((activity) => line(activity, timeMs)));
    });
  }

  close(): void {
    this.#attempt(() => {
      this.#options.file.close();
    });
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!this.#hasFailed) this.#options.onFailure(failureOf(error, 'write activity log').detail);
      this.#hasFailed = true;
    }
  }
}

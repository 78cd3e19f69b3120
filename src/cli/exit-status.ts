/** What the command tells the shell. */
export const ExitStatus = {
  DONE: 0,
  /** The server refused, or the operation failed or was cancelled. */
  FAILED: 1,
  /** The command line is wrong. */
  USAGE: 2,
  /** The time of `wait` was over first; as timeout(1) has it. */
  TIMED_OUT: 124,
  /** 128 + SIGINT. */
  INTERRUPTED: 130,
  /** 128 + SIGTERM. */
  TERMINATED: 143,
} as const;

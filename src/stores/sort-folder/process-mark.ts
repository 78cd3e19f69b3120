import { readFileSync, readlinkSync } from 'node:fs';

/** What tells a process from all others of its machine, also from a later one that got the same number. */
export interface ProcessMark {
  /** Of the namespace of process numbers: within another one a number is another process. Empty where systems have none. */
  readonly namespace: string;
  readonly pid: number;
  /** When it was started, in clock ticks since the machine was; empty where the system does not tell. */
  readonly startTicks: string;
}

export function ownProcessMark(): ProcessMark {
  return { namespace: ownNamespace(), pid: process.pid, startTicks: startTicksOf(process.pid) ?? '' };
}

/** Whether that process is gone for certain. One that cannot be seen from here may be alive. */
export function isGone({ namespace, pid, startTicks }: ProcessMark): boolean {
  if (namespace !== ownNamespace()) return false;
  if (namespace === '') return !answersSignals(pid);
  return startTicksOf(pid) !== startTicks;
}

function ownNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  } catch {
    // Not Linux.
    return '';
  }
}

/** undefined for one that has ended, also where nobody has asked for its status yet. See proc_pid_stat(5). */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, and may hold anything.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** What Linux tells of processes under /proc. */
import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc/<pid>/stat: USER_HZ is 100 on every architecture that Node has. */
const TICK_MS = 10;

/** CPU time, user and system together, milliseconds; in steps of 10. */
export interface CpuTime {
  /** Of all its threads, those that have ended too. */
  readonly ownMs: number;
  /** Of its children that have ended and were waited for, and of theirs. */
  readonly childrenMs: number;
}

export function cpuTime(pid: number | 'self'): CpuTime {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
  // The second field is the name in parentheses, and may hold anything; `state`, the third, follows.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = (field: number): number => Number(fields[field - 3]);
  return { ownMs: (ticks(14) + ticks(15)) * TICK_MS, childrenMs: (ticks(16) + ticks(17)) * TICK_MS };
}

/** Memory in use, bytes. */
export function residentBytes(pid: number | 'self'): number {
  return statusBytes(pid, 'VmRSS') ?? 0;
}

/** The most memory that was in use since the process began or forgetPeak was called, bytes; 0 when it is gone. */
export function peakResidentBytes(pid: number): number {
  try {
    return statusBytes(pid, 'VmHWM') ?? 0;
  } catch {
    return 0;
  }
}

/** The process and what it has started, and they. */
export function descendants(pid: number): readonly number[] {
  const found = [pid];
  for (const parent of found) found.push(...childrenOf(parent));
  return found;
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'latin1');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function statusBytes(pid: number | 'self', field: string): number | undefined {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'latin1');
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

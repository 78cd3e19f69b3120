import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { monotonicMs } from '../frame/monotonic.ts';
import { cpuTime, descendants, peakResidentBytes } from '../frame/process-usage.ts';

/** What one copy took. */
export interface Usage {
  readonly wallMs: number;
  /** User and system, of all processes and threads. */
  readonly cpuMs: number;
  /** Of each process at its largest, added up. */
  readonly peakBytes: number;
}

/** How often a command's memory is looked at: its peak is kept by the kernel, so that only its last moments can be missed. */
const LOOK_INTERVAL_MS = 10;

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Runs a command to its end. No other child of this process may end meanwhile: CPU time is that of all that have.
 *
 * @throws Error with what it said when it fails.
 */
export async function usageOfCommand({ command, args, environment }: Command): Promise<Usage> {
  const cpuBefore = cpuTime('self').childrenMs;
  const startMs = monotonicMs();
  const child = spawn(command, [...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const peaks = new Map<number, number>();
  const look = (): void => {
    for (const pid of descendants(child.pid ?? 0)) {
      peaks.set(pid, Math.max(peaks.get(pid) ?? 0, peakResidentBytes(pid)));
    }
  };
  look();
  const timer = setInterval(look, LOOK_INTERVAL_MS);
  const [status] = (await once(child, 'exit')) as [number | null];
  const wallMs = monotonicMs() - startMs;
  clearInterval(timer);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(status)}: ${said}`);
  const peakBytes = [...peaks.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { wallMs, cpuMs: cpuTime('self').childrenMs - cpuBefore, peakBytes };
}

/** What some work took that a process does which runs before and after it. */
export async function usageOfProcess(pid: number, work: () => Promise<unknown>): Promise<Usage> {
  // Linux: "5" sets the peak back to what is in use now (proc(5), /proc/pid/clear_refs).
  writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
  const cpuBefore = cpuTime(pid).ownMs;
  const startMs = monotonicMs();
  await work();
  const wallMs = monotonicMs() - startMs;
  return { wallMs, cpuMs: cpuTime(pid).ownMs - cpuBefore, peakBytes: peakResidentBytes(pid) };
}

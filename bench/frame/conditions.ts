import { execFileSync } from 'node:child_process';
import { loadavg, cpus, release, totalmem } from 'node:os';

/** What a figure was measured under; without it a figure says nothing. */
export interface Conditions {
  readonly time: string;
  readonly commit: string;
  readonly node: string;
  readonly kernel: string;
  readonly cpu: string;
  readonly cpuCount: number;
  readonly memoryGiB: number;
  readonly fileSystem: string;
  /** Of the last minute, before anything was measured: above 0.3 somebody else was at work. */
  readonly load: number;
}

/** @param directory  where files will be written. */
export function readConditions(directory: string): Conditions {
  return {
    time: new Date().toISOString(),
    commit: outputOf('git', ['describe', '--always', '--dirty']),
    node: process.version,
    kernel: release(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cpuCount: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    fileSystem: outputOf('stat', ['--file-system', '--format=%T', directory]),
    load: loadavg()[0] ?? 0,
  };
}

function outputOf(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, [...args], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a process has a thread of this name now (proc_pid_comm(5)). */
export function hasThread(pid: number | undefined, name: string): boolean {
  const directory = `/proc/${String(pid)}/task`;
  return readdirSync(directory).some((id) => nameOf(join(directory, id)) === name);
}

/** Undefined for a thread that has ended meanwhile. */
function nameOf(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, 'comm'), 'utf8').trim();
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

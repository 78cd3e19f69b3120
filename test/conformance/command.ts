import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Of what a command wrote, what is kept for a message, characters. */
const KEPT_OUTPUT_LENGTH = 4000;

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Given each line of stdout as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  /** Null when a signal ended it, our own after the timeout among them. */
  readonly status: number | null;
  readonly isTimeout: boolean;
  /** The end of stdout and stderr. */
  readonly output: string;
}

/**
 * Runs a command and whatever it starts; all of that is killed when the time is up.
 *
 * @throws Error with code ENOENT when there is no such command.
 */
export function runCommand(
  command: string,
  parameters: readonly string[],
  { timeoutMs, directory, environment, onLine }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      ...(directory === undefined ? {} : { cwd: directory }),
      env: { ...process.env, NODE_OPTIONS: '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that what a package manager starts ends with it.
      detached: true,
    });
    let output = '';
    let isTimeout = false;
    const keep = (text: string): void => {
      output = (output + text).slice(-KEPT_OUTPUT_LENGTH);
    };
    const killGroup = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    const timer = setTimeout(() => {
      isTimeout = true;
      killGroup();
    }, timeoutMs);
    // The group does not get what a terminal sends to ours.
    process.once('exit', killGroup);
    const forget = (): void => {
      clearTimeout(timer);
      process.off('exit', killGroup);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    if (onLine !== undefined) createInterface({ input: child.stdout }).on('line', onLine);
    child.once('error', (error) => {
      forget();
      reject(error);
    });
    child.once('close', (status) => {
      forget();
      resolve({ status, isTimeout, output });
    });
  });
}

/** Whether the command is there and ends with status 0. */
export async function succeeds(
  command: string,
  parameters: readonly string[],
  options: CommandOptions,
): Promise<boolean> {
  try {
    return (await runCommand(command, parameters, options)).status === 0;
  } catch {
    return false;
  }
}

/** @throws Error with the end of its output unless the command ends with status 0. */
export async function mustSucceed(
  command: string,
  parameters: readonly string[],
  options: CommandOptions,
): Promise<void> {
  const { status, isTimeout, output } = await runCommand(command, parameters, options);
  if (status === 0) return;
  const how = isTimeout ? `took longer than ${options.timeoutMs} ms` : `ended with ${String(status)}`;
  throw new Error(`${[command, ...parameters].join(' ')} ${how}:\n${output}`);
}

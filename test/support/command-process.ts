import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface CommandOptions {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** `longrunning …` in a process of its own, its output piped. */
export class CommandProcess {
  stdout = '';
  stderr = '';
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], { directory, environment }: CommandOptions = {}) {
    const { LONGRUNNING_ADDRESS: _address, NO_COLOR: _noColor, ...inherited } = process.env;
    this.#process = spawn(process.execPath, [MAIN, ...args], {
      ...(directory === undefined ? {} : { cwd: directory }),
      env: { ...inherited, NODE_OPTIONS: '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#closed = once(this.#process, 'close');
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Nobody reads its stdout any more. */
  closeStdout(): void {
    this.#process.stdout?.destroy();
  }

  /** @returns the exit status; null when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.#process.exitCode;
  }
}

/** What a command wrote, and its exit status. */
export interface CommandOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function runCommandProcess(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandOutcome> {
  const command = new CommandProcess(args, options);
  const status = await command.ended();
  return { status, stdout: command.stdout, stderr: command.stderr };
}

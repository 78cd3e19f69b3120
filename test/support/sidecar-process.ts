import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One line of the sidecar's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A real sidecar in a process of its own, on ports of its own. */
export class SidecarProcess {
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  /** Every line it wrote to stdout, parsed; a line that is no JSON is a defect and stands as `{ text }`. */
  readonly log: LogLine[] = [];
  stderr = '';
  /** Of the first address, such as `127.0.0.1:40001`. */
  grpc = '';
  http: string | null = null;

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#closed = once(process, 'close');
  }

  /**
   * Starts `longrunning serve` with these flags; without --grpc and --http on any free ports.
   *
   * @throws Error with its stderr when it ends before it is listening.
   */
  static async start(
    flags: readonly string[],
    environment: Readonly<Record<string, string | undefined>> = {},
  ): Promise<SidecarProcess> {
    const given = (name: string): boolean => flags.some((flag) => flag.startsWith(name));
    const ports = ['--grpc', '--http'].filter((name) => !given(name)).map((name) => `${name}=127.0.0.1:0`);
    const child = spawn(process.execPath, [MAIN, 'serve', ...ports, ...flags], {
      cwd: ROOT,
      env: { ...process.env, NODE_OPTIONS: '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const sidecar = new SidecarProcess(child);
    await sidecar.#untilListening();
    return sidecar;
  }

  /** Of the sidecar itself, not of a shell around it. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get hasExited(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** kill -9, and waits until the process is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited();
  }

  /** SIGTERM, and waits for the end. @returns the exit status. */
  async stop(): Promise<number | null> {
    this.signal('SIGTERM');
    return this.exited();
  }

  /** Until it has ended and all that it wrote is in the log. @returns the exit status; null when a signal ended it. */
  async exited(): Promise<number | null> {
    await this.#closed;
    return this.#process.exitCode;
  }

  async #untilListening(): Promise<void> {
    const { stdout, stderr } = this.#process;
    stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    await new Promise<void>((resolve, reject) => {
      let rest = '';
      stdout?.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.#read(line, resolve);
      });
      this.#process.once('exit', (code) => {
        reject(new Error(`the sidecar ended with ${String(code)} before it was listening: ${this.stderr}`));
      });
      this.#process.once('error', reject);
    });
  }

  #read(line: string, listening: () => void): void {
    const entry = parse(line);
    this.log.push(entry);
    if (entry['msg'] !== 'listening') return;
    this.grpc = entry['grpc'] as string;
    this.http = entry['http'] as string | null;
    listening();
  }
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { text: line };
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./sqlite-process.ts', import.meta.url));

/** sqlite-process.ts at work, and the lines it has printed. */
export class SqliteChild {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  #wake: () => void = () => {};

  constructor(what: 'hold' | 'open' | 'storm' | 'loseThread', path: string, user?: number) {
    const identity = user === undefined ? {} : { uid: user, gid: user };
    this.#process = spawn(process.execPath, [SCRIPT, what, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
      ...identity,
    });
    this.#exited = once(this.#process, 'close');
    const { stdout } = this.#process;
    if (stdout === null) throw new Error('no output');
    createInterface({ input: stdout }).on('line', (line) => {
      this.lines.push(line);
      this.#wake();
    });
  }

  /** Resolves when it has printed so many lines. */
  async printed(count: number): Promise<void> {
    while (this.lines.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** kill -9; resolves when the process is gone and all it printed has been read. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  /** All lines, once it has ended by itself. */
  async finished(): Promise<readonly string[]> {
    await this.#exited;
    return this.lines;
  }
}

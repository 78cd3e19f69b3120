import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerToStart {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Asked until it answers anything at all. */
  readonly url: string;
}

/** Of what a server wrote, what is kept for a message, characters. */
const KEPT_OUTPUT_LENGTH = 2000;
/** A bound on what hangs, not on what is slow. */
const START_TIMEOUT_MS = 120_000;

/** Somebody else may take a port between its choice and the server's start. */
const PORT_COUNT_MAX = 3;

/** Runs `body` beside a server at a free port, which is ended then, or when this process ends. */
export async function withServer<T>(
  serverAt: (port: number) => ServerToStart,
  body: (port: number) => Promise<T>,
): Promise<T> {
  for (let portCount = 1; ; portCount += 1) {
    const port = await freePort();
    const { command, url, ...rest } = serverAt(port);
    const server = new ServerProcess(command, rest);
    try {
      if (await server.answers(url)) return await body(port);
      if (!server.missesItsPort || portCount === PORT_COUNT_MAX) {
        throw new Error(`${command} does not serve ${url}:\n${server.output}`);
      }
    } finally {
      server.kill();
    }
  }
}

class ServerProcess {
  /** The end of what it wrote. */
  output = '';
  readonly #process: ChildProcess;
  readonly kill = (): void => {
    process.off('exit', this.kill);
    this.#process.kill('SIGKILL');
  };

  constructor(command: string, { parameters, environment }: Pick<ServerToStart, 'parameters' | 'environment'>) {
    this.#process = spawn(command, parameters, {
      env: { ...process.env, NODE_OPTIONS: '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (text: string): void => {
      this.output = (this.output + text).slice(-KEPT_OUTPUT_LENGTH);
    };
    this.#process.stdout?.setEncoding('utf8').on('data', keep);
    this.#process.stderr?.setEncoding('utf8').on('data', keep);
    process.once('exit', this.kill);
  }

  /** It has ended, as another process listens at its port. */
  get missesItsPort(): boolean {
    return this.#hasEnded && /address (is )?already in use|EADDRINUSE|in use by another/i.test(this.output);
  }

  get #hasEnded(): boolean {
    return this.#process.exitCode !== null;
  }

  async answers(url: string): Promise<boolean> {
    const endMs = performance.now() + START_TIMEOUT_MS;
    while (performance.now() < endMs && !this.#hasEnded) {
      try {
        await fetch(url);
        return !this.#hasEnded;
      } catch {
        await sleep(100);
      }
    }
    return false;
  }
}

/** A port that was free a moment ago: for servers that cannot choose one themselves. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

import { spawn } from 'node:child_process';
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
const START_TIMEOUT_MS = 30_000;

/** Runs `body` beside a server, which is ended then, or when this process ends. */
export async function withServer<T>(
  { command, parameters, environment, url }: ServerToStart,
  body: () => Promise<T>,
): Promise<T> {
  const server = spawn(command, parameters, {
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (text: string): void => {
    output = (output + text).slice(-KEPT_OUTPUT_LENGTH);
  };
  server.stdout.setEncoding('utf8').on('data', keep);
  server.stderr.setEncoding('utf8').on('data', keep);
  const kill = (): boolean => server.kill('SIGKILL');
  process.once('exit', kill);
  try {
    const isUp = await answers(url, () => server.exitCode !== null);
    if (!isUp) throw new Error(`${command} does not serve ${url}:\n${output}`);
    return await body();
  } finally {
    process.off('exit', kill);
    kill();
  }
}

/** A port that was free a moment ago: for servers that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(url: string, hasEnded: () => boolean): Promise<boolean> {
  const endMs = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < endMs && !hasEnded()) {
    try {
      await fetch(url);
      return true;
    } catch {
      await sleep(100);
    }
  }
  return false;
}

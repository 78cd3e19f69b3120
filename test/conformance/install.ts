import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand, type CommandOptions } from './command.ts';
import { MissingToolError } from './suite.ts';

/** Go builds some servers for two minutes of a whole machine the first time; with what it keeps of them, seconds. Of all tries together. */
const INSTALL_TIMEOUT_MS = 400_000;

/** Of a download that the network has failed. */
const TRY_COUNT_MAX = 3;
const PAUSE_MS = 2000;

/** What npm, pip, go and apt-get say where the network failed them, or a server on the way: not that what is asked for is wrong. */
const NETWORK_FAULTS = [
  /\b(ECONNRESET|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|EPIPE|ERR_SOCKET_TIMEOUT)\b/,
  /connection (was )?(reset|refused|aborted|timed out|broken)|unable to connect|could not connect|max retries exceeded/i,
  /no such host|could not resolve|temporary failure (in name resolution|resolving)|network is unreachable/i,
  /i\/o timeout|tls handshake timeout|read timed out|timeout awaiting response|deadline exceeded|unexpected EOF/i,
  /\b(429 too many requests|50[0234] (internal|bad gateway|service|gateway)|E(429|50[0234]))\b/i,
];

export type InstallOptions = Omit<CommandOptions, 'timeoutMs' | 'onLine'>;

/**
 * Runs a command that downloads and installs, again where the network has failed it.
 *
 * @throws MissingToolError, which skips by name, when the network fails it again and again or a slow machine does not come to its end; Error
 * when it fails by itself.
 */
export async function install(
  what: string,
  [command, ...parameters]: readonly [string, ...string[]],
  options: InstallOptions = {},
): Promise<void> {
  const endMs = performance.now() + INSTALL_TIMEOUT_MS;
  for (let tryCount = 1; ; tryCount += 1) {
    const timeoutMs = Math.max(1, endMs - performance.now());
    const { status, isTimeout, output } = await runCommand(command, parameters, { ...options, timeoutMs });
    if (status === 0) return;
    if (isTimeout) throw new MissingToolError(`${what} was not installed within ${INSTALL_TIMEOUT_MS} ms`);
    if (!isNetworkFault(output)) throw new Error(`${what} cannot be installed: ${output}`);
    if (tryCount === TRY_COUNT_MAX) throw new MissingToolError(`${what} cannot be downloaded: ${lastLine(output)}`);
    await sleep(PAUSE_MS);
  }
}

/** Whether a command says that the network has failed it. */
export function isNetworkFault(output: string): boolean {
  return NETWORK_FAULTS.some((fault) => fault.test(output));
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}

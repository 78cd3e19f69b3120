import { runCommand } from '../command.ts';
import { MissingToolError } from '../suite.ts';

/** Go builds some servers for two minutes of a whole machine the first time; with what it keeps of them, seconds. */
const INSTALL_TIMEOUT_MS = 200_000;

/**
 * Installs a server that others made.
 *
 * @throws MissingToolError when a slow machine does not come to the end of it; Error when it fails.
 */
export async function installServer(
  command: string,
  parameters: readonly string[],
  options: { readonly directory: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<void> {
  const name = parameters.at(-1) ?? command;
  const { status, isTimeout, output } = await runCommand(command, parameters, {
    ...options,
    timeoutMs: INSTALL_TIMEOUT_MS,
  });
  if (isTimeout) throw new MissingToolError(`${name} was not installed within ${INSTALL_TIMEOUT_MS} ms`);
  if (status !== 0) throw new Error(`${name} cannot be installed: ${output}`);
}

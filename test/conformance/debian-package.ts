import { getuid } from 'node:process';
import { mustSucceed, succeeds } from './command.ts';
import { MissingToolError } from './suite.ts';

/** apt-get holds one lock for the whole system: our own installs take turns. */
let lastInstall: Promise<void> = Promise.resolve();

/**
 * Installs a Debian package if the command it brings is not there yet.
 *
 * @param probe  the command with parameters that make it end with status 0 at once.
 * @throws MissingToolError where we may not install packages; Error when the installation fails.
 */
export async function requireCommand(probe: readonly [string, ...string[]], debianPackage: string): Promise<void> {
  const [command, ...parameters] = probe;
  const isThere = (): Promise<boolean> => succeeds(command, parameters, { timeoutMs: 20_000 });
  if (await isThere()) return;
  const mayInstall = getuid?.() === 0 && (await succeeds('apt-get', ['--version'], { timeoutMs: 10_000 }));
  if (!mayInstall) throw new MissingToolError(`needs ${command} (Debian package ${debianPackage})`);
  const install = lastInstall.then(() => installPackage(debianPackage));
  lastInstall = install.catch(() => undefined);
  await install;
  if (!(await isThere())) throw new MissingToolError(`${debianPackage} brought no usable ${command}`);
}

async function installPackage(name: string): Promise<void> {
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  await mustSucceed('apt-get', ['update', '-qq'], { timeoutMs: 60_000, environment });
  const parameters = ['install', '-qq', '-y', '--no-install-recommends', name];
  await mustSucceed('apt-get', parameters, { timeoutMs: 90_000, environment });
}

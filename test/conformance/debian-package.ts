import { getuid } from 'node:process';
import { succeeds } from './command.ts';
import { install } from './install.ts';
import { MissingToolError } from './suite.ts';

/** apt-get holds one lock for the whole system: our own installs take turns. */
let lastInstall: Promise<void> = Promise.resolve();

/**
 * Installs a Debian package if the command it brings is not there yet.
 *
 * @param probe  the command with parameters that make it end with status 0 at once.
 * @throws MissingToolError where we may not install packages, and as install.
 */
export async function requireCommand(probe: readonly [string, ...string[]], debianPackage: string): Promise<void> {
  const [command, ...parameters] = probe;
  const isThere = (): Promise<boolean> => succeeds(command, parameters, { timeoutMs: 60_000 });
  if (await isThere()) return;
  const mayInstall = getuid?.() === 0 && (await succeeds('apt-get', ['--version'], { timeoutMs: 60_000 }));
  if (!mayInstall) throw new MissingToolError(`needs ${command} (Debian package ${debianPackage})`);
  const installing = lastInstall.then(() => installPackage(debianPackage));
  lastInstall = installing.catch(() => undefined);
  await installing;
  if (!(await isThere())) throw new MissingToolError(`${debianPackage} brought no usable ${command}`);
}

async function installPackage(name: string): Promise<void> {
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  // Somebody else may hold its lock for a while.
  const aptGet = ['apt-get', '-o', 'DPkg::Lock::Timeout=120', '-qq'] as const;
  await install('the list of Debian packages', [...aptGet, 'update'], { environment });
  await install(name, [...aptGet, 'install', '-y', '--no-install-recommends', name], { environment });
}

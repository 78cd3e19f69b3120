import { basename, dirname, join } from 'node:path';
import { mustSucceed, succeeds } from './command.ts';
import { requireCommand } from './debian-package.ts';
import { install } from './install.ts';
import { MissingToolError } from './suite.ts';

/** The walks use hashlib.file_digest. */
const IS_NEW_ENOUGH = 'import sys; sys.exit(sys.version_info < (3, 11))';

/**
 * Installs pinned packages from PyPI below `directory`, beside nothing that the machine has.
 *
 * @param requirements  the path of a requirements.txt.
 * @returns the directory of its commands, `python` among them.
 * @throws MissingToolError when this machine lacks a new enough python3 or venv, and as install.
 */
export async function makePythonEnvironment(directory: string, requirements: string): Promise<string> {
  const isThere = await succeeds('python3', ['-c', IS_NEW_ENOUGH], { timeoutMs: 60_000 });
  if (!isThere) throw new MissingToolError('needs python3, 3.11 or newer');
  // Debian's python3 has venv without the pip that goes into it.
  await requireCommand(['python3', '-c', 'import venv, ensurepip'], 'python3-venv');
  const environment = join(directory, 'venv');
  await mustSucceed('python3', ['-m', 'venv', environment], { timeoutMs: 300_000 });
  const commands = join(environment, 'bin');
  const pip = [join(commands, 'python'), '-m', 'pip'] as const;
  await install(basename(dirname(requirements)), [...pip, 'install', '--quiet', '--requirement', requirements]);
  return commands;
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustSucceed, succeeds } from './command.ts';
import { requireCommand } from './debian-package.ts';
import type { Report } from './report.ts';
import { MissingToolError, type Suite, type Workspace } from './suite.ts';
import { checkForeignServer } from './foreign-server.ts';
import { TransferGround } from './transfer-ground.ts';

const WALKS = ['./python/walk.py', './python/http_walk.py'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const REQUIREMENTS = fileURLToPath(new URL('./python/requirements.txt', import.meta.url));

/** The walk uses hashlib.file_digest. */
const IS_NEW_ENOUGH = 'import sys; sys.exit(sys.version_info < (3, 11))';

/** The public clients for Python, over gRPC and over HTTP, with the discovery documents that Google publishes; and our suite before a server made of Google's stubs for Python. */
export const pythonSuite: Suite = {
  name: 'python',

  async prepare({ directory }: Workspace) {
    const isThere = await succeeds('python3', ['-c', IS_NEW_ENOUGH], { timeoutMs: 10_000 });
    if (!isThere) throw new MissingToolError('needs python3, 3.11 or newer');
    // Debian's python3 has venv without the pip that goes into it.
    await requireCommand(['python3', '-c', 'import venv, ensurepip'], 'python3-venv');
    const environment = join(directory, 'venv');
    await mustSucceed('python3', ['-m', 'venv', environment], { timeoutMs: 60_000 });
    const python = join(environment, 'bin', 'python');
    await mustSucceed(python, ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS], {
      timeoutMs: 120_000,
    });
    const ground = join(directory, 'ground');
    mkdirSync(ground);
    return async (report: Report) => {
      const sidecar = await TransferGround.open(ground);
      try {
        for (const walk of WALKS) await sidecar.runClient([python, '-u', walk], { report, timeoutMs: 120_000 });
      } finally {
        await sidecar.close(report);
      }
      await checkForeignServer(python, report);
    };
  },
};

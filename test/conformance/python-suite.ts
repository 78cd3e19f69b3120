import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePythonEnvironment } from './python-environment.ts';
import type { Report } from './report.ts';
import type { Suite, Workspace } from './suite.ts';
import { checkForeignServer } from './foreign-server.ts';
import { TransferGround } from './transfer-ground.ts';

const WALKS = ['./python/walk.py', './python/http_walk.py'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const REQUIREMENTS = fileURLToPath(new URL('./python/requirements.txt', import.meta.url));

/** The public clients for Python, over gRPC and over HTTP, with the discovery documents that Google publishes; and our suite before a server made of Google's stubs for Python. */
export const pythonSuite: Suite = {
  name: 'python',

  async prepare({ directory }: Workspace) {
    const python = join(await makePythonEnvironment(directory, REQUIREMENTS), 'python');
    const ground = join(directory, 'ground');
    mkdirSync(ground);
    return async (report: Report) => {
      const sidecar = await TransferGround.open(ground);
      try {
        for (const walk of WALKS) await sidecar.runClient([python, '-u', walk], { report, timeoutMs: 600_000 });
      } finally {
        await sidecar.close(report);
      }
      await checkForeignServer(python, report);
    };
  },
};

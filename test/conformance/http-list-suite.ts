import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand, succeeds } from './command.ts';
import { install } from './install.ts';
import type { Report } from './report.ts';
import { runContract } from './stores/run-contract.ts';
import { withServer } from './stores/server-process.ts';
import { MissingToolError, type Suite, type Workspace } from './suite.ts';

const MODULE = fileURLToPath(new URL('./go', import.meta.url));

/** Lists of URLs on the file server of Go's library. */
export const httpListSuite: Suite = {
  name: 'http-list',

  async prepare({ directory }: Workspace) {
    if (!(await succeeds('go', ['version'], { timeoutMs: 60_000 }))) throw new MissingToolError('needs go');
    const version = await runCommand('go', ['version'], { timeoutMs: 200_000, directory: MODULE });
    if (version.status !== 0) throw new MissingToolError(`needs a newer go: ${version.output.trim()}`);
    const command = join(directory, 'fileserver');
    const build = ['go', 'build', '-mod=readonly', '-buildvcs=false', '-o', command, './fileserver'] as const;
    await install("Go's file server", build, { directory: MODULE });
    const root = join(directory, 'root');
    mkdirSync(root);
    return async (report: Report) => {
      const addressAt = (port: number): string => `127.0.0.1:${port}`;
      const originAt = (port: number): string => `http://${addressAt(port)}`;
      await withServer(
        (port) => ({ command, parameters: [addressAt(port), root], url: originAt(port) }),
        (port) => {
          const environment = { HTTP_ORIGIN: originAt(port), HTTP_ROOT: root };
          const server = "Go's file server";
          return runContract(report, { server, suite: 'http-list', environment, directory, differences: {} });
        },
      );
    };
  },
};

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustSucceed, runCommand, succeeds } from './command.ts';
import type { Report } from './report.ts';
import { runContract } from './stores/run-contract.ts';
import { freePort, withServer } from './stores/server-process.ts';
import { MissingToolError, type Suite, type Workspace } from './suite.ts';

const MODULE = fileURLToPath(new URL('./go', import.meta.url));

/** Lists of URLs on the file server of Go's library. */
export const httpListSuite: Suite = {
  name: 'http-list',

  async prepare({ directory }: Workspace) {
    if (!(await succeeds('go', ['version'], { timeoutMs: 20_000 }))) throw new MissingToolError('needs go');
    const version = await runCommand('go', ['version'], { timeoutMs: 90_000, directory: MODULE });
    if (version.status !== 0) throw new MissingToolError(`needs a newer go: ${version.output.trim()}`);
    const command = join(directory, 'fileserver');
    const parameters = ['build', '-mod=readonly', '-buildvcs=false', '-o', command, './fileserver'];
    await mustSucceed('go', parameters, { timeoutMs: 240_000, directory: MODULE });
    const root = join(directory, 'root');
    mkdirSync(root);
    return async (report: Report) => {
      const address = `127.0.0.1:${await freePort()}`;
      const origin = `http://${address}`;
      const environment = { HTTP_ORIGIN: origin, HTTP_ROOT: root };
      const run = { server: "Go's file server", suite: 'http-list', environment, directory, differences: {} };
      await withServer({ command, parameters: [address, root], url: origin }, () => runContract(report, run));
    };
  },
};

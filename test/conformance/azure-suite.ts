import { join } from 'node:path';
import type { Report } from './report.ts';
import { installServer } from './stores/install-server.ts';
import { runContract } from './stores/run-contract.ts';
import { freePort, withServer } from './stores/server-process.ts';
import type { Suite, Workspace } from './suite.ts';

/** 3.37.0 asks for a version of a package that the registry lacks. */
const SERVER = 'azurite@3.36.0';

const ACCOUNT = 'conformance';
const KEY = Buffer.from('a key that only this run knows').toString('base64');

/** The store of Azure Blob Storage on Azurite, Microsoft's emulator, which also checks our signatures. */
export const azureSuite: Suite = {
  name: 'azure',

  async prepare({ directory }: Workspace) {
    const parameters = [
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--prefix',
      directory,
      SERVER,
    ];
    await installServer('npm', parameters, { directory });
    return async (report: Report) => {
      const port = await freePort();
      const origin = `http://127.0.0.1:${port}`;
      const program = join(directory, 'node_modules/azurite/dist/src/blob/main.js');
      const options = ['--blobHost=127.0.0.1', `--blobPort=${port}`, '--inMemoryPersistence', '--silent'];
      const server = {
        command: process.execPath,
        parameters: [program, ...options, '--disableTelemetry', '--skipApiVersionCheck'],
        environment: { AZURITE_ACCOUNTS: `${ACCOUNT}:${KEY}` },
        url: origin,
      };
      const environment = { AZURE_ORIGIN: origin, AZURE_ACCOUNT: ACCOUNT, AZURE_KEY: KEY };
      const run = { server: 'Azurite', suite: 'azure', environment, directory, differences: {} };
      await withServer(server, () => runContract(report, run));
    };
  },
};

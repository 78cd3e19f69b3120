import { join } from 'node:path';
import { install } from './install.ts';
import type { Report } from './report.ts';
import { runContract } from './stores/run-contract.ts';
import { withServer, type ServerToStart } from './stores/server-process.ts';
import type { Suite, Workspace } from './suite.ts';

/** 3.37.0 asks for a version of a package that the registry lacks. */
const SERVER = 'azurite@3.36.0';

const ACCOUNT = 'conformance';
const KEY = Buffer.from('a key that only this run knows').toString('base64');

/** The store of Azure Blob Storage on Azurite, Microsoft's emulator, which also checks our signatures. */
export const azureSuite: Suite = {
  name: 'azure',

  async prepare({ directory }: Workspace) {
    const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', directory];
    await install('azurite', ['npm', 'install', ...options, SERVER], { directory });
    return async (report: Report) => {
      const originAt = (port: number): string => `http://127.0.0.1:${port}`;
      const program = join(directory, 'node_modules/azurite/dist/src/blob/main.js');
      const flags = ['--inMemoryPersistence', '--silent', '--disableTelemetry', '--skipApiVersionCheck'];
      const serverAt = (port: number): ServerToStart => ({
        command: process.execPath,
        parameters: [program, '--blobHost=127.0.0.1', `--blobPort=${port}`, ...flags],
        environment: { AZURITE_ACCOUNTS: `${ACCOUNT}:${KEY}` },
        url: originAt(port),
      });
      await withServer(serverAt, (port) => {
        const environment = { AZURE_ORIGIN: originAt(port), AZURE_ACCOUNT: ACCOUNT, AZURE_KEY: KEY };
        return runContract(report, { server: 'Azurite', suite: 'azure', environment, directory, differences: {} });
      });
    };
  },
};

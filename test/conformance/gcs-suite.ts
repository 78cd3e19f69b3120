import { join } from 'node:path';
import { succeeds } from './command.ts';
import { install } from './install.ts';
import type { Report } from './report.ts';
import { runContract } from './stores/run-contract.ts';
import { withServer, type ServerToStart } from './stores/server-process.ts';
import { MissingToolError, type Suite, type Workspace } from './suite.ts';

const SERVER = 'github.com/fsouza/fake-gcs-server@v1.56.1';

/** Where fake-gcs-server is not what Cloud Storage is; docs/object-stores.md tells what follows. */
const DIFFERENCES = {
  'deletes only the object that is expected, when that is asked': 'it ignores ifGenerationMatch of a delete',
  'leaves nothing of an upload that is aborted': 'a session that was cancelled can still be completed',
};

/** The store of Google Cloud Storage on fake-gcs-server, which others made. */
export const gcsSuite: Suite = {
  name: 'gcs',

  async prepare({ directory }: Workspace) {
    if (!(await succeeds('go', ['version'], { timeoutMs: 60_000 }))) throw new MissingToolError('needs go');
    await install('fake-gcs-server', ['go', 'install', SERVER], { directory, environment: { GOBIN: directory } });
    return async (report: Report) => {
      const endpointAt = (port: number): string => `http://127.0.0.1:${port}`;
      const serverAt = (port: number): ServerToStart => ({
        command: join(directory, 'fake-gcs-server'),
        parameters: ['-scheme=http', '-host=127.0.0.1', `-port=${port}`, '-backend=memory', '-log-level=error'],
        url: `${endpointAt(port)}/storage/v1/b?project=p`,
      });
      await withServer(serverAt, (port) => {
        const environment = { GCS_ENDPOINT: endpointAt(port) };
        const run = { server: 'fake-gcs-server', suite: 'gcs', environment, directory, differences: DIFFERENCES };
        return runContract(report, run);
      });
    };
  },
};

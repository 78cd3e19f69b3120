import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand, succeeds } from './command.ts';
import { install } from './install.ts';
import type { Report } from './report.ts';
import { MissingToolError, type Suite, type Workspace } from './suite.ts';
import { TransferGround } from './transfer-ground.ts';

const MODULE = fileURLToPath(new URL('./go', import.meta.url));

/** cloud.google.com/go/storagetransfer and longrunning, the public clients for Go, on grpc-go and over HTTP, and api/storagetransfer/v1. */
export const goSuite: Suite = {
  name: 'go',

  async prepare({ directory }: Workspace) {
    if (!(await succeeds('go', ['version'], { timeoutMs: 60_000 }))) throw new MissingToolError('needs go');
    // Inside the module an older go fetches the version that go.mod asks for, or says that it may not.
    const version = await runCommand('go', ['version'], { timeoutMs: 200_000, directory: MODULE });
    if (version.status !== 0) throw new MissingToolError(`needs a newer go: ${version.output.trim()}`);
    const program = join(directory, 'walk');
    const build = ['go', 'build', '-mod=readonly', '-buildvcs=false', '-o', program, '.'] as const;
    await install('the walk in Go', build, { directory: MODULE });
    const ground = join(directory, 'ground');
    mkdirSync(ground);
    return async (report: Report) => {
      const sidecar = await TransferGround.open(ground);
      try {
        await sidecar.runClient([program], { report, timeoutMs: 450_000 });
      } finally {
        await sidecar.close(report);
      }
    };
  },
};

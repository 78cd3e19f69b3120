import { mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustSucceed, runCommand, succeeds } from './command.ts';
import type { Report } from './report.ts';
import { MissingToolError, type Suite, type Workspace } from './suite.ts';
import { TransferGround } from './transfer-ground.ts';

const SOURCES = fileURLToPath(new URL('./java', import.meta.url));

/** Its programs have records. */
const RELEASE = 17;

/** google-api-services-storagetransfer, and google-cloud-storage-transfer over gRPC and over HTTP. */
export const javaSuite: Suite = {
  name: 'java',

  async prepare({ directory }: Workspace) {
    await requireTools();
    const libraries = join(directory, 'libraries');
    const classes = join(directory, 'classes');
    // A pinned plugin: without a version it is the newest of that day.
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy-dependencies';
    const parameters = ['--batch-mode', '--quiet', '--file', join(SOURCES, 'pom.xml'), goal];
    await mustSucceed('mvn', [...parameters, `-DoutputDirectory=${libraries}`], { timeoutMs: 240_000, directory });
    const classPath = [join(libraries, '*'), classes].join(delimiter);
    const sources = readdirSync(SOURCES).filter((name) => name.endsWith('.java'));
    const flags = ['--release', String(RELEASE), '-encoding', 'UTF-8', '-cp', classPath, '-d', classes];
    await mustSucceed('javac', [...flags, ...sources], { timeoutMs: 120_000, directory: SOURCES });
    const ground = join(directory, 'ground');
    mkdirSync(ground);
    return async (report: Report) => {
      const sidecar = await TransferGround.open(ground);
      try {
        await sidecar.runClient(['java', '-cp', classPath, 'Walk'], { report, timeoutMs: 120_000 });
      } finally {
        await sidecar.close(report);
      }
    };
  },
};

async function requireTools(): Promise<void> {
  for (const command of ['java', 'mvn']) {
    if (!(await succeeds(command, ['-version'], { timeoutMs: 20_000 }))) throw new MissingToolError(`needs ${command}`);
  }
  const { output } = await runCommand('javac', ['-version'], { timeoutMs: 20_000 }).catch(() => ({ output: '' }));
  const [, release = '0'] = /^javac (\d+)/.exec(output) ?? [];
  if (Number(release) < RELEASE) throw new MissingToolError(`needs javac, ${RELEASE} or newer`);
}

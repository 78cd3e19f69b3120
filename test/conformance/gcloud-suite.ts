import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportClient } from './client-checks.ts';
import { runCommand, succeeds } from './command.ts';
import type { Report } from './report.ts';
import { MissingToolError, type Suite, type Workspace } from './suite.ts';

const WALK = fileURLToPath(new URL('./gcloud/walk.ts', import.meta.url));

/** The oldest release that was tried. */
const RELEASE = 528;

/** A network of its own, in which there is nothing but loopback. */
const ALONE = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const;

/** `gcloud transfer` of the Google Cloud CLI, as this machine has it. */
export const gcloudSuite: Suite = {
  name: 'gcloud',

  async prepare({ directory }: Workspace) {
    await requireGcloud(directory);
    const alone = await startsAlone();
    const ground = join(directory, 'ground');
    mkdirSync(ground);
    return (report: Report) =>
      reportClient([...alone, process.execPath, WALK], {
        report,
        timeoutMs: 400_000,
        environment: { GROUND: ground },
      });
  },
};

/** What is put before a command so that nothing it does can leave this machine; nothing, where that takes rights we have not. */
async function startsAlone(): Promise<readonly [] | typeof ALONE> {
  const [command, ...parameters] = ALONE;
  return (await succeeds(command, [...parameters, 'true'], { timeoutMs: 20_000 })) ? ALONE : [];
}

async function requireGcloud(directory: string): Promise<void> {
  const environment = { CLOUDSDK_CONFIG: directory, CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true' };
  const options = { timeoutMs: 60_000, environment };
  const { output } = await runCommand('gcloud', ['version'], options).catch(() => ({ output: '' }));
  const [, release = '0'] = /^Google Cloud SDK (\d+)/m.exec(output) ?? [];
  if (Number(release) < RELEASE) throw new MissingToolError(`needs gcloud, ${String(RELEASE)} or newer`);
}

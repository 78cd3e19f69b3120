import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';
import { makePythonEnvironment } from './python-environment.ts';
import type { Report } from './report.ts';
import type { Suite, Workspace } from './suite.ts';
import { TransferGround } from './transfer-ground.ts';

const REQUIREMENTS = fileURLToPath(new URL('./schemathesis/requirements.txt', import.meta.url));
const CONFIGURATION = fileURLToPath(new URL('./schemathesis/schemathesis.toml', import.meta.url));

/** Requests for each method of each path: 700 in all, which took 50 s on two busy cores. */
const EXAMPLE_COUNT = 15;

const RUN_TIMEOUT_MS = 600_000;

/** What has no answer in this time hangs, seconds. */
const REQUEST_TIMEOUT_S = 60;

/** Streams of events go on until somebody leaves. */
const STREAMS = ':watch(All)?$';

/** Requests that schemathesis makes up from /openapi.json, right ones and wrong ones. */
export const schemathesisSuite: Suite = {
  name: 'schemathesis',

  async prepare({ directory }: Workspace) {
    const commands = await makePythonEnvironment(directory, REQUIREMENTS);
    const ground = join(directory, 'ground');
    mkdirSync(ground);
    return async (report: Report) => {
      const sidecar = await TransferGround.open(ground);
      const address = `http://${sidecar.httpAddress}/openapi.json`;
      const sentence = 'no request made up from /openapi.json is answered with a server error, and none hangs';
      try {
        const { status, isTimeout, output } = await runCommand(join(commands, 'schemathesis'), parametersOf(address), {
          timeoutMs: RUN_TIMEOUT_MS,
          // It keeps what it has found where it runs.
          directory,
        });
        if (status === 0 && isEachTested(output)) report.passed(sentence);
        else report.failed(sentence, isTimeout ? `not done after ${RUN_TIMEOUT_MS} ms\n${output}` : output);
      } finally {
        await sidecar.close(report);
      }
    };
  },
};

/** Without a seed: every run asks something else, and tells the seed of what fails. */
function parametersOf(address: string): readonly string[] {
  return [
    ...['--config-file', CONFIGURATION, '--no-color', 'run', address],
    // Its phase `coverage` overflows Python 3.11's stack on messages that contain themselves.
    ...['--checks', 'not_a_server_error', '--phases', 'fuzzing', '--exclude-path-regex', STREAMS],
    ...['--max-examples', String(EXAMPLE_COUNT), '--request-timeout', String(REQUEST_TIMEOUT_S)],
    ...['--no-shrink', '--workers', '1', '--warnings', 'off'],
    // They tell how hard its requests were to make up, by chance and on a busy machine, and nothing of the answers.
    ...['--suppress-health-check', 'all'],
  ];
}

/** Whether requests were made up for each of the methods that it selected, by its summary. */
function isEachTested(output: string): boolean {
  const [, selected] = /^ *Selected: (\d+)\//m.exec(output) ?? [];
  const [, tested] = /^ *Tested: (\d+)$/m.exec(output) ?? [];
  return selected !== undefined && Number(selected) > 0 && tested === selected;
}

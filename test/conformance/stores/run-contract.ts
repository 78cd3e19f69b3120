import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../command.ts';
import type { Report } from '../report.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const RUN_TIMEOUT_MS = 600_000;

export interface ContractRun {
  /** Name of the server, for messages. */
  readonly server: string;
  /** Of the file beside this one: `gcs` for gcs.on-server.ts. */
  readonly suite: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /**
   * Where the server is known to differ from the service it stands for, by test: why. Such a test is skipped by name, but must fail:
   * once it does not, the entry is to go.
   */
  readonly differences: Readonly<Record<string, string>>;
}

interface JestReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** The contract suite of stores against a server that is running; each test is a check. */
export async function runContract(report: Report, run: ContractRun): Promise<void> {
  const { server, suite, environment, directory, differences } = run;
  const results = join(directory, `${suite}.json`);
  const parameters = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    `--config=${join(ROOT, 'test/conformance/stores/jest.config.js')}`,
    '--ci',
    '--json',
    `--outputFile=${results}`,
    `stores/${suite}.on-server`,
  ];
  await runCommand(process.execPath, parameters, { timeoutMs: RUN_TIMEOUT_MS, directory: ROOT, environment });
  const { testResults } = JSON.parse(readFileSync(results, 'utf8')) as JestReport;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  if (tests.length === 0) throw new Error(testResults.map(({ message }) => message).join('\n') || 'no test ran');
  for (const { title, status, failureMessages } of tests) {
    const difference = differences[title];
    const check = `${server}: ${title}`;
    if (status === 'passed' && difference === undefined) report.passed(check);
    else if (status === 'passed') report.failed(check, `the server is not different any more: ${difference ?? ''}`);
    else if (difference !== undefined) report.skipped(check, difference);
    else report.failed(check, failureMessages.join('\n').slice(0, 1000));
  }
}

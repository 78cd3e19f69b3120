/**
 * Conformance: the real sidecar, driven by public clients in other languages and compared by other people's tools, all unmodified.
 *
 * `npm run conformance [-- --outputFile=PATH] [SUITE...]`; all suites unless some are named. Each suite installs what it needs outside this tree, with the machine's own
 * configuration of pip, go and apt-get. A suite is skipped only where a tool is missing, or
 * cannot be downloaded. The last line counts the checks; the status is 1
 * when one failed. PATH gets the counts as JSON.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { azureSuite } from './azure-suite.ts';
import { gcloudSuite } from './gcloud-suite.ts';
import { gcsSuite } from './gcs-suite.ts';
import { goSuite } from './go-suite.ts';
import { googleapisSuite } from './googleapis-suite.ts';
import { grpcurlSuite } from './grpcurl-suite.ts';
import { httpListSuite } from './http-list-suite.ts';
import { javaSuite } from './java-suite.ts';
import { pythonSuite } from './python-suite.ts';
import { Report } from './report.ts';
import { rsyncSuite } from './rsync-suite.ts';
import { s3Suite } from './s3-suite.ts';
import { schemathesisSuite } from './schemathesis-suite.ts';
import { MissingToolError, type Suite } from './suite.ts';

/** Half a minute for most suites; on a machine that has built none of the servers in Go before, minutes for each of them. */
const WATCHDOG_MS = 1_800_000;

const SUITES: readonly Suite[] = [
  rsyncSuite,
  grpcurlSuite,
  pythonSuite,
  goSuite,
  javaSuite,
  gcloudSuite,
  googleapisSuite,
  s3Suite,
  gcsSuite,
  azureSuite,
  httpListSuite,
  schemathesisSuite,
];

const { values, positionals } = parseArgs({ options: { outputFile: { type: 'string' } }, allowPositionals: true });
const unknown = positionals.find((name) => !SUITES.some((suite) => suite.name === name));
if (unknown !== undefined) {
  console.error(`no suite is named ${unknown}; there are ${SUITES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const chosen = SUITES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const report = new Report();
const directory = mkdtempSync(join(tmpdir(), 'conformance-'));

const finish = (): never => {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  if (values.outputFile !== undefined) report.write(values.outputFile);
  console.log(report.summary);
  process.exit(report.hasFailed ? 1 : 0);
};

const watchdog = setTimeout(() => {
  report.failed('conformance ends in time', `not done after ${WATCHDOG_MS} ms`);
  finish();
}, WATCHDOG_MS);
watchdog.unref();
// Ending in order, not by the signal, ends with us what we started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    report.failed('conformance is let run to its end', signal);
    finish();
  });
}

const prepared = chosen.map((suite) => {
  const own = join(directory, suite.name);
  mkdirSync(own);
  const preparing = suite.prepare({ directory: own });
  // Looked at when its turn comes; until then a rejection is not unhandled.
  preparing.catch(() => undefined);
  return { suite, preparing };
});

for (const { suite, preparing } of prepared) {
  console.log(suite.name);
  const startMs = performance.now();
  try {
    const run = await preparing;
    await run(report);
  } catch (error) {
    if (error instanceof MissingToolError) report.skipped(suite.name, error.message);
    else report.failed(`${suite.name} can be run`, error instanceof Error ? error.message : String(error));
  }
  console.log(`  ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}
finish();

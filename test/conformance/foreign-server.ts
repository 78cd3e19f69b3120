import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { casesOf, runSuite, type ReportedCase } from '../conformance-suite/suite-run.ts';
import { check } from './check.ts';
import type { Report } from './report.ts';

const SERVER = fileURLToPath(new URL('./python/foreign_server.py', import.meta.url));
/** What it says of itself that it has not, as Google's stubs for Python have it. */
const KNOWN_FAULTS = ['error-has-status', 'error-has-error-info'];
const LEAST_HELD = 25;
const RUN_TIMEOUT_S = 120;

/** `longrunning conformance` before a server that nobody here has made right: what it has is held, what it lacks is named. */
export async function checkForeignServer(python: string, report: Report): Promise<void> {
  const server = spawn(python, ['-u', SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const kill = (): boolean => server.kill('SIGKILL');
  process.once('exit', kill);
  try {
    const cases = await runAgainst(`127.0.0.1:${await firstLine(server.stdout)}`);
    await check(report, 'conformance finds of a foreign server what it does wrong, and nothing else', async () => {
      mustBe(idsOf(cases, 'failed'), KNOWN_FAULTS);
    });
    await check(report, 'conformance holds what a foreign server does right', async () => {
      const held = idsOf(cases, 'held');
      if (held.length < LEAST_HELD) throw new Error(`only ${held.length} cases are held: ${held.join(', ')}`);
    });
    await check(report, 'conformance skips what a foreign server has not, and says why', async () => {
      const skipped = cases.filter(({ id, outcome }) => outcome === 'skipped' && /^(wait|filter)-/.test(id));
      const odd = skipped.filter(({ reason = '' }) => !/WaitOperation|filter|--profile|given/.test(reason));
      mustBe(idsOf(odd, 'skipped'), []);
    });
  } finally {
    process.off('exit', kill);
    kill();
  }
}

async function runAgainst(address: string): Promise<readonly ReportedCase[]> {
  const running = Array.from({ length: 7 }, (_, index) => `--expendable=operations/running-${index + 1}`);
  const names = ['--operation=operations/done-0', '--operation=operations/running-0', '--expendable=operations/done-1'];
  return casesOf(await runSuite([address, '--json', `--run-timeout=${RUN_TIMEOUT_S}`, ...names, ...running]));
}

async function firstLine(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) return line;
  throw new Error('the foreign server ended before it was listening');
}

function idsOf(cases: readonly ReportedCase[], outcome: string): readonly string[] {
  return cases.filter((each) => each.outcome === outcome).map(({ id }) => id);
}

function mustBe(found: readonly string[], expected: readonly string[]): void {
  if (found.join() !== expected.join()) throw new Error(`${found.join(', ')} are not ${expected.join(', ')}`);
}

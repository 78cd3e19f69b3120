import { systemClock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import { ALL_CASES } from './all-cases.ts';
import { parseConformanceOptions, WrongOption, type ConformanceOptions } from './conformance-options.ts';
import { groundsOf } from './grounds.ts';
import { conformanceLimits } from './limits.ts';
import { OperationsProbe } from './operations-probe.ts';
import { caseLines, reportJson, summaryLine, summaryOf } from './report.ts';
import { RUN_OVER, runCases, selectCases, type CaseResult } from './run-cases.ts';
import { WireChannel } from './wire-channel.ts';

/** Where the command writes. */
export interface ConformanceOutput {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** Aborts to end the run after the case under way; what the run has made is removed then too. */
  readonly stop: AbortSignal;
}

const HELD = 0;
const FAILED = 1;
const NOT_RUN = 2;
/** 128 + SIGINT. */
const STOPPED = 130;

/** `longrunning conformance`. @returns the exit status: 0 nothing failed, 1 a case failed or the run's time was over before its end, 2 wrong use or no server, 130 it was stopped. */
export async function runConformance(args: readonly string[], output: ConformanceOutput): Promise<number> {
  try {
    return await runOn(parseConformanceOptions(args), output);
  } catch (error) {
    if (!(error instanceof WrongOption)) throw error;
    output.stderr.write(`longrunning conformance: ${error.message}; see longrunning conformance --help\n`);
    return NOT_RUN;
  }
}

/** @throws WrongOption when there is nothing to run, or nobody to run it against. */
async function runOn(options: ConformanceOptions, output: ConformanceOutput): Promise<number> {
  const limits = conformanceLimits(options.timeoutMs);
  const channel = new WireChannel(options.address, limits.receiveSizeMaxBytes);
  try {
    const probe = new OperationsProbe(channel, { timeoutMs: limits.callTimeoutMs });
    await assertReachable(probe, options.address);
    const results: CaseResult[] = [];
    for await (const result of resultsOf(options, probe, output.stop)) {
      results.push(result);
      if (!options.json) output.stdout.write(`${caseLines(result).join('\n')}\n`);
    }
    const summary = summaryOf(results);
    output.stdout.write(`${options.json ? reportJson(options.address, results) : summaryLine(summary)}\n`);
    if (output.stop.aborted) return STOPPED;
    return summary.failed === 0 && !results.some(isUnrun) ? HELD : FAILED;
  } finally {
    channel.close();
  }
}

function isUnrun({ outcome }: CaseResult): boolean {
  return outcome.kind === 'skipped' && outcome.reason === RUN_OVER;
}

async function* resultsOf(
  options: ConformanceOptions,
  probe: OperationsProbe,
  signal: AbortSignal,
): AsyncGenerator<CaseResult> {
  const cases = selectCases(ALL_CASES, options);
  if (cases.length === 0) throw new WrongOption('no case has such an id');
  const parts = { probe, limits: conformanceLimits(options.timeoutMs), clock: systemClock };
  const endMs = systemClock.monotonic() + options.runTimeoutMs;
  const isOver = (): boolean => systemClock.monotonic() >= endMs;
  for (const ground of groundsOf(options, parts)) {
    try {
      yield* runCases(cases, ground, { profile: options.profile, signal, isOver });
    } finally {
      await ground.source.close();
    }
  }
}

async function assertReachable(probe: OperationsProbe, address: string): Promise<void> {
  const { code, message, status } = await probe.get('operations/conformance');
  // A server that drains says so with a status; nobody at all says nothing.
  if (status === undefined && (code === Code.UNAVAILABLE || code === Code.DEADLINE_EXCEEDED)) {
    throw new WrongOption(`no server answers at ${address}: ${message}`);
  }
}

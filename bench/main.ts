/** `npm run bench`: measures what DESIGN.md §8 promises, against whom it names. See docs/benchmarks.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCHMARKS } from './catalogue.ts';
import { BenchContext } from './frame/bench-context.ts';
import { withoutTargets, type Benchmark, type Result } from './frame/benchmark.ts';
import { readConditions } from './frame/conditions.ts';
import { parseOptions, USAGE, type Options } from './frame/options.ts';
import { conditionsLine, jsonReport, tableOf, type Outcome } from './frame/report.ts';

/** @returns the exit status: 0 all worked, whatever the figures; 1 something did not; 2 the command line is wrong. */
async function main(args: readonly string[]): Promise<number> {
  let options: Options | 'help' | 'list';
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  if (options === 'help') console.log(USAGE);
  else if (options === 'list') console.log(BENCHMARKS.map(({ name, target }) => `${name}\n  ${target}`).join('\n'));
  else return runAll(options);
  return 0;
}

async function runAll(options: Options): Promise<number> {
  const unknown = options.names.filter((name) => BENCHMARKS.every((benchmark) => benchmark.name !== name));
  if (unknown.length > 0) {
    console.error(`bench: no ${unknown.join(', ')}; known are ${BENCHMARKS.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const chosen = BENCHMARKS.filter(({ name }) => options.names.length === 0 || options.names.includes(name));
  const directory = mkdtempSync(join(options.directory, 'longrunning-bench-'));
  process.once('exit', () => {
    // Processes that were ended a moment ago may still write.
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  const conditions = readConditions(directory);
  console.log(`${conditionsLine(conditions)}\n`);
  const outcomes: Outcome[] = [];
  for (const benchmark of chosen) {
    const outcome = await runOne(benchmark, new BenchContext(options, join(directory, benchmark.name)));
    outcomes.push(outcome);
    console.log(tableOf(outcome));
  }
  writeFileSync(options.jsonPath, jsonReport(conditions, outcomes));
  console.log(`as JSON: ${options.jsonPath}`);
  return outcomes.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

async function runOne(benchmark: Benchmark, context: BenchContext): Promise<Outcome> {
  const start = performance.now();
  let results: readonly Result[] = [];
  let failure: { readonly failure: string } | undefined;
  try {
    results = await benchmark.run(context);
    if (context.options.quick) results = results.map(withoutTargets);
  } catch (error) {
    failure = { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  await context.close();
  return { benchmark, results, ...failure, durationMs: performance.now() - start };
}

// So that processes and directories go too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exit(await main(process.argv.slice(2)));

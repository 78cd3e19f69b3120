import { isSkipped, type Benchmark, type Result, type Row, type Target } from './benchmark.ts';
import type { Conditions } from './conditions.ts';
import { ratios, summarize, type Summary } from './statistics.ts';

/** What one benchmark came to. */
export interface Outcome {
  readonly benchmark: Benchmark;
  readonly results: readonly Result[];
  /** Why it did not work. */
  readonly failure?: string;
  readonly durationMs: number;
}

interface Verdict {
  readonly summary: Summary;
  readonly reference?: { readonly name: string; readonly summary: Summary };
  readonly ratio?: Summary;
  readonly met?: boolean;
}

function judge(row: Row): Verdict {
  const summary = summarize(row.runs);
  const { reference, target } = row;
  const compared =
    reference === undefined
      ? {}
      : {
          reference: { name: reference.name, summary: summarize(reference.runs) },
          ratio: summarize(ratios(row.runs, reference.runs)),
        };
  const judged = target?.of === 'ratio' ? compared.ratio : summary;
  return {
    summary,
    ...compared,
    ...(target === undefined || judged === undefined ? {} : { met: isMet(judged.median, target) }),
  };
}

function isMet(value: number, { atMost, atLeast }: Target): boolean {
  return value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity);
}

/** Everything, for programs. */
export function jsonReport(conditions: Conditions, outcomes: readonly Outcome[]): string {
  const benchmarks = outcomes.map(({ benchmark, results, failure, durationMs }) => ({
    name: benchmark.name,
    target: benchmark.target,
    durationMs: Math.round(durationMs),
    ...(failure === undefined ? {} : { failure }),
    results: results.map((result) => (isSkipped(result) ? result : { ...result, ...judge(result), runs: result.runs })),
  }));
  return `${JSON.stringify({ conditions, benchmarks }, undefined, 2)}\n`;
}

/** One benchmark as a table, for people. */
export function tableOf({ benchmark, results, failure, durationMs }: Outcome): string {
  const seconds = `${(durationMs / 1000).toFixed(0)} s`;
  const lines = [`${benchmark.name}  (${seconds})`, ...wrap(`target: ${benchmark.target}`, '  ')];
  for (const result of results) lines.push(...linesOf(result));
  if (failure !== undefined) lines.push(`  DID NOT WORK: ${failure}`);
  return `${lines.join('\n')}\n`;
}

export function conditionsLine(conditions: Conditions): string {
  const { node, kernel, cpu, cpuCount, memoryGiB, fileSystem, load, commit } = conditions;
  return wrap(
    `${commit}, Node ${node}, Linux ${kernel}, ${String(cpuCount)} x ${cpu}, ${String(memoryGiB)} GiB, ${fileSystem}, load ${load.toFixed(2)}; median (min..max) of n runs, ratios run by run`,
    '',
  ).join('\n');
}

function linesOf(result: Result): readonly string[] {
  if (isSkipped(result)) return [`  ${result.name}`, ...wrap(`skipped: ${result.skipped}`, '      ')];
  const { summary, reference, ratio, met } = judge(result);
  const { unit, target, note } = result;
  const verdict = met === undefined ? '' : `  ${met ? 'met' : 'MISSED'} (${boundOf(target)})`;
  const lines = [`  ${result.name.padEnd(45)}${figure(summary, unit)}${ratio === undefined ? verdict : ''}`];
  if (reference !== undefined && ratio !== undefined) {
    lines.push(`      ${`vs ${reference.name}`.padEnd(41)}${figure(reference.summary, unit)}`);
    lines.push(`      ${'ratio'.padEnd(41)}${figure(ratio, 'x')}${verdict}`);
  }
  if (note !== undefined) lines.push(...wrap(note, '      '));
  return lines;
}

function figure({ median, min, max, count }: Summary, unit: string): string {
  const value = `${readable(median)}${unit}`.padStart(12);
  return count === 1 ? value : `${value}  (${readable(min)}..${readable(max)})`;
}

function boundOf(target: Target | undefined): string {
  const { atMost, atLeast } = target ?? {};
  return atMost === undefined ? `>= ${readable(atLeast ?? 0)}` : `<= ${readable(atMost)}`;
}

/** Three digits that count, and no more. */
export function readable(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toFixed(size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

/** Lines of at most 80 characters. */
function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > 79 && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

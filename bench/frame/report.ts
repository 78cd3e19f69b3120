import { isSkipped, type Benchmark, type Bound, type Result, type Row } from './benchmark.ts';
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

/** A figure, and whether it is what was asked for; undefined when nothing was. */
interface Judged {
  readonly summary: Summary;
  readonly target?: Bound;
  readonly met?: boolean;
}

interface JudgedReference {
  readonly name: string;
  readonly runs: readonly number[];
  readonly summary: Summary;
  /** Of the row's figure to this one, run by run. */
  readonly ratio: Judged;
}

function judge(values: readonly number[], target: Bound | undefined): Judged {
  const summary = summarize(values);
  if (target === undefined) return { summary };
  const { atMost = Infinity, atLeast = -Infinity } = target;
  return { summary, target, met: summary.median <= atMost && summary.median >= atLeast };
}

function judgeReferences({ runs, references = [] }: Row): readonly JudgedReference[] {
  return references.map((reference) => ({
    name: reference.name,
    runs: reference.runs,
    summary: summarize(reference.runs),
    ratio: judge(ratios(runs, reference.runs), reference.target),
  }));
}

/** Everything, for programs. */
export function jsonReport(conditions: Conditions, outcomes: readonly Outcome[]): string {
  const benchmarks = outcomes.map(({ benchmark, results, failure, durationMs }) => ({
    name: benchmark.name,
    target: benchmark.target,
    durationMs: Math.round(durationMs),
    ...(failure === undefined ? {} : { failure }),
    results: results.map((result) =>
      isSkipped(result)
        ? result
        : { ...result, ...judge(result.runs, result.target), references: judgeReferences(result) },
    ),
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

/** What all figures were measured under, and how they are written. */
export function conditionsLine(conditions: Conditions): string {
  const { node, kernel, cpu, cpuCount, memoryGiB, fileSystem, load, commit } = conditions;
  const lines = wrap(
    `${commit}, Node ${node}, Linux ${kernel}, ${String(cpuCount)} x ${cpu}, ${String(memoryGiB)} GiB, ${fileSystem}, load ${load.toFixed(2)}; median (min..max) of all runs, ratios run by run`,
    '',
  );
  if (fileSystem !== 'tmpfs') return lines.join('\n');
  const warning = 'Files are kept in memory here, so that what is written says nothing of a disk: give --directory.';
  return [...lines, ...wrap(warning, '')].join('\n');
}

function linesOf(result: Result): readonly string[] {
  if (isSkipped(result)) return [`  ${result.name}`, ...wrap(`skipped: ${result.skipped}`, '    ')];
  const judged = judge(result.runs, result.target);
  const { unit, note } = result;
  const lines = [`  ${result.name.padEnd(46)}${figure(judged.summary, unit)}${verdict(judged)}`];
  for (const { name, summary, ratio } of judgeReferences(result)) {
    const theirs = (readable(summary.median) + unit).padStart(11);
    lines.push(`    vs ${name.padEnd(24)}${theirs}${figure(ratio.summary, 'x', 8)}${verdict(ratio)}`);
  }
  if (note !== undefined) lines.push(...wrap(note, '    '));
  return lines;
}

function figure({ median, min, max, count }: Summary, unit: string, width = 11): string {
  const value = (readable(median) + unit).padStart(width);
  return count === 1 ? value : `${value} (${readable(min)}..${readable(max)})`;
}

function verdict({ met, target }: Judged): string {
  if (met === undefined || target === undefined) return '';
  const { atMost, atLeast = 0 } = target;
  return ` ${met ? 'met' : 'MISSED'} ${atMost === undefined ? `>= ${String(atLeast)}` : `<= ${String(atMost)}`}`;
}

/** Three digits that count, and no more. */
export function readable(value: number): string {
  if (!Number.isFinite(value)) return '∞';
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

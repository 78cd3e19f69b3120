/** A run's results as people and programs read them. Pure. */
import { ALL_CASES } from './all-cases.ts';
import { RULES, sourceOf, type RuleId } from './rules/rule.ts';
import type { CaseResult } from './run-cases.ts';

/** How many cases had which outcome. */
export interface Summary {
  readonly held: number;
  readonly failed: number;
  readonly skipped: number;
}

export function summaryOf(results: readonly CaseResult[]): Summary {
  const count = (kind: string): number => results.filter(({ outcome }) => outcome.kind === kind).length;
  return { held: count('held'), failed: count('failed'), skipped: count('skipped') };
}

/** Of a failed case also what was found, and the sentences that it breaks. */
export function caseLines({ id, collection, outcome }: CaseResult): readonly string[] {
  const head = `${outcome.kind.padEnd(7)} ${id}  (${collection})`;
  if (outcome.kind === 'held') return [head];
  if (outcome.kind === 'skipped') return [`${head}: ${outcome.reason}`];
  return [
    head,
    `        found: ${outcome.finding}`,
    ...rulesOf(id).map((rule) => `        ${sourceOf(rule)}: "${RULES[rule]}"`),
  ];
}

export function summaryLine({ held, failed, skipped }: Summary): string {
  return `${held} held, ${failed} failed, ${skipped} skipped`;
}

/** One object: the summary, and each case with its outcome and its sentences. */
export function reportJson(address: string, results: readonly CaseResult[]): string {
  const cases = results.map(({ id, collection, outcome }) => {
    const { kind, ...rest } = outcome;
    const rules = rulesOf(id).map((rule) => ({ source: sourceOf(rule), sentence: RULES[rule] }));
    return { id, collection, outcome: kind, ...rest, rules };
  });
  return JSON.stringify({ address, summary: summaryOf(results), cases }, undefined, 2);
}

function rulesOf(id: string): readonly RuleId[] {
  return ALL_CASES.find((each) => each.id === id)?.rules ?? [];
}

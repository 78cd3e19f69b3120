import { ALL_CASES } from '../../src/conformance/all-cases.ts';
import { NEEDS } from '../../src/conformance/operation-source.ts';
import type { ConformanceCase } from '../../src/conformance/conformance-case.ts';
import { RULES, sourceOf, type RuleId } from '../../src/conformance/rules/rule.ts';
import { FAULTS } from './faults.ts';
import { HELD_ELSEWHERE } from './held-elsewhere.ts';

const HEAD = `# Conformance

Which sentence of the specifications is held by which test. This page is made from the cases by
\`node test/conformance-suite/write-table.ts\`, and a test compares it with them.

\`longrunning conformance ADDRESS\` runs the cases from outside against any server of \`google.longrunning.Operations\`, over gRPC without
TLS; \`--help\` has its flags. Without more it looks at the list \`operations\`.

\`\`\`
longrunning conformance 127.0.0.1:50051 --profile longrunning --posix-directory /srv/transfers
longrunning conformance 127.0.0.1:9000 --collection projects/p/locations/l --operation projects/p/locations/l/operations/1
\`\`\`

- **Operations.** Where the server has \`longrunning.control.v1.OperationControl\`, the suite makes those that it needs, does their owner's
  part, and removes them. With \`--posix-directory\` it makes transfers of \`google.storagetransfer.v1\`. Of any other server, name some with
  \`--operation\`, which are only looked at, and \`--expendable\`, which are cancelled and deleted.
- **Skipped.** A case without what it needs is skipped by name, with what it would take. So is a case of a method that the server says it
  has not (UNIMPLEMENTED), as it may, one that the run's time was over for, and one that no specification asks for unless \`--profile longrunning\` does.
- **Result.** A line for each case, of a failed one with what was found and the sentences that it breaks; with \`--json\` one object. The exit status
  is 0 when nothing failed, 1 when a case did or the run took longer than \`--run-timeout\`, 2 for wrong use or when no server answers, 130
  when it was stopped. Whatever a run has made it removes, stopped or not.
- **Of the suite itself** it is tested that it finds faults: servers stand before it that are right in everything but one thing, and the
  case named below finds it. \`npm run conformance\` also puts a foreign server before it, of Google's stubs for Python.
`;

const GROUPS: readonly { readonly title: string; readonly prefix: string }[] = [
  { title: 'google/longrunning/operations.proto', prefix: 'proto.' },
  { title: 'AIP-151, long-running operations', prefix: 'aip-151.' },
  { title: 'AIP-158, pagination', prefix: 'aip-158.' },
  { title: 'AIP-160, filtering', prefix: 'aip-160.' },
  { title: 'AIP-193, errors', prefix: 'aip-193.' },
  { title: 'What Longrunning promises where the specifications leave it open', prefix: 'promise.' },
];

/** The text of docs/conformance.md. */
export function conformancePage(): string {
  const groups = GROUPS.map(({ title, prefix }) => {
    const rules = ruleIds().filter((rule) => rule.startsWith(prefix));
    return `## ${title}\n\n| Sentence | Held by |\n|---|---|\n${rules.map(ruleRow).join('\n')}\n`;
  });
  return [HEAD, ...groups, casesSection()].join('\n');
}

/** Every rule, in the order of its source. */
export function ruleIds(): readonly RuleId[] {
  return Object.keys(RULES) as RuleId[];
}

/** The cases that hold a rule. */
export function casesOfRule(rule: RuleId): readonly ConformanceCase[] {
  return ALL_CASES.filter(({ rules }) => rules.includes(rule));
}

function ruleRow(rule: RuleId): string {
  const cases = casesOfRule(rule).map(({ id }) => `\`${id}\``);
  const other = HELD_ELSEWHERE[rule];
  const elsewhere = other === undefined ? [] : ['note' in other ? other.note : `[${other.test}](../${other.file})`];
  return `| ${cell(RULES[rule])} | ${[...cases, ...elsewhere].join(', ')} |`;
}

function casesSection(): string {
  const rows = ALL_CASES.map((each) => {
    const { id, needs, profile, language, rules } = each;
    const needed = [
      ...needs.map((need) => NEEDS[need]),
      ...(language === undefined ? [] : [`filters in ${language}`]),
      ...(profile === undefined ? [] : ['`--profile longrunning`']),
    ];
    const sources = [...new Set(rules.map(sourceShort))];
    const faults = FAULTS.filter(({ foundBy }) => foundBy === id).map(({ does }) => does);
    return `| \`${id}\` | ${sources.join(', ')} | ${needed.join(', ')} | ${faults.join('; ')} |`;
  });
  const head = '| Case | Holds sentences of | Needs | Shown to find a server that |\n|---|---|---|---|';
  return `## The cases\n\n${head}\n${rows.join('\n')}\n`;
}

function sourceShort(rule: RuleId): string {
  if (rule.startsWith('promise.')) return 'Longrunning';
  return sourceOf(rule).replace('google/longrunning/', '');
}

/** Bars end cells. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

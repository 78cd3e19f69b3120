/** AIP-160: what filters list. */
import { assertFilters } from '../assert-filters.ts';
import { conformanceCase, type ConformanceCase, type Finding } from '../conformance-case.ts';
import { pagesOf } from '../ground.ts';
import type { SeenPage } from '../operations-probe.ts';
import { Unmet } from '../operation-source.ts';
import type { RuleId } from '../rules/rule.ts';

/** Operations that filters tell apart. */
type Kind = 'done' | 'unfinished' | 'succeeded' | 'cancelled';

/** Their names; empty of a kind that a row is not about. */
type Named = Readonly<Record<Kind, string>>;

interface MatchRow {
  readonly id: string;
  readonly rules: readonly RuleId[];
  readonly profile?: 'longrunning';
  /** The kinds that it is about; a done and an unfinished one unless given. */
  readonly of?: readonly Kind[];
  readonly filter: (named: Named) => string;
  /** Which of them it lists. */
  readonly lists: readonly Kind[];
}

/** All but its last character, so that a pattern has something to stand for. */
function shortened(name: string): string {
  return name.slice(0, -1);
}

/** What stands behind the last slash. */
function idOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

const MATCHES: readonly MatchRow[] = [
  { id: 'boolean', rules: ['aip-160.boolean'], filter: () => 'done = true', lists: ['done'] },
  { id: 'boolean-false', rules: ['aip-160.boolean'], filter: () => 'done = false', lists: ['unfinished'] },
  {
    id: 'and',
    rules: ['aip-160.and'],
    filter: ({ done }) => `name = "${done}" AND done = false`,
    lists: [],
  },
  {
    id: 'or',
    rules: ['aip-160.or'],
    filter: ({ done, unfinished }) => `name = "${done}" OR name = "${unfinished}"`,
    lists: ['done', 'unfinished'],
  },
  {
    id: 'or-before-and',
    rules: ['aip-160.precedence', 'aip-160.no-parentheses'],
    // Read as (name AND ...) OR ..., it would list the done one too.
    filter: ({ done, unfinished }) => `name = "${done}" OR name = "${unfinished}" AND done = false`,
    lists: ['unfinished'],
  },
  {
    id: 'parentheses',
    rules: ['aip-160.precedence'],
    filter: ({ done, unfinished }) => `name = "${done}" OR (name = "${unfinished}" AND done = false)`,
    lists: ['done', 'unfinished'],
  },
  { id: 'not', rules: ['aip-160.negation'], filter: () => 'NOT done = true', lists: ['unfinished'] },
  { id: 'minus', rules: ['aip-160.negation'], filter: () => '-done = true', lists: ['unfinished'] },
  {
    id: 'equal',
    rules: ['aip-160.comparison', 'proto.list-request.filter'],
    filter: ({ unfinished }) => `name = "${unfinished}"`,
    lists: ['unfinished'],
  },
  {
    id: 'not-equal',
    rules: ['aip-160.comparison'],
    filter: ({ unfinished }) => `name != "${unfinished}"`,
    lists: ['done'],
  },
  {
    id: 'order',
    rules: ['aip-160.comparison'],
    filter: ({ done, unfinished }) =>
      `name <= "${done}" AND name >= "${done}" OR name > "${unfinished}" AND done = true`,
    lists: ['done'],
  },
  {
    id: 'wildcard',
    rules: ['aip-160.wildcard'],
    filter: ({ done }) => `name = "${shortened(done)}*"`,
    lists: ['done'],
  },
  {
    id: 'wildcard-start',
    rules: ['aip-160.wildcard'],
    filter: ({ done }) => `name = "*${done.slice(1)}"`,
    lists: ['done'],
  },
  {
    id: 'traversal',
    rules: ['aip-160.traversal', 'aip-160.number', 'aip-160.field-names'],
    of: ['succeeded', 'cancelled'],
    filter: () => 'error.code = 1',
    lists: ['cancelled'],
  },
  {
    id: 'number-order',
    rules: ['aip-160.comparison', 'aip-160.number'],
    of: ['succeeded', 'cancelled'],
    filter: () => 'error.code >= 1 AND error.code < 2 AND NOT error.code > 1',
    lists: ['cancelled'],
  },
  { id: 'has', rules: ['aip-160.has', 'aip-160.present'], filter: () => 'done:*', lists: ['done'] },
  {
    id: 'has-message',
    rules: ['aip-160.has', 'aip-160.present'],
    of: ['succeeded', 'cancelled'],
    filter: () => 'error:*',
    lists: ['cancelled'],
  },
  {
    id: 'has-value',
    rules: ['aip-160.has'],
    of: ['succeeded', 'cancelled'],
    filter: () => 'error.code:1',
    lists: ['cancelled'],
  },
  {
    id: 'literal',
    rules: ['aip-160.literal'],
    profile: 'longrunning',
    filter: ({ done }) => `"${idOf(done)}"`,
    lists: ['done'],
  },
  {
    id: 'sequence',
    rules: ['aip-160.sequence'],
    profile: 'longrunning',
    of: ['succeeded', 'unfinished', 'cancelled'],
    // Each of the two alone lists one more.
    filter: ({ cancelled }) => `done = true name != "${cancelled}"`,
    lists: ['succeeded'],
  },
];

/** Skipped where two names are alike but for their ends, as a pattern could not tell them apart. */
function matchCase(row: MatchRow): ConformanceCase {
  const { id, rules, profile, of = ['done', 'unfinished'], filter, lists } = row;
  return conformanceCase({
    id: `filter-${id}`,
    rules: [...rules, 'proto.list'],
    language: 'aip-160',
    ...(profile === undefined ? {} : { profile }),
    needs: of,
    ask: async (ground, ...found) => {
      const named = Object.fromEntries(of.map((kind, index) => [kind, found[index]?.[0] ?? ''])) as Partial<Named>;
      assertUnlike(Object.values(named));
      const text = filter({ done: '', unfinished: '', succeeded: '', cancelled: '', ...named });
      await assertFilters(ground);
      return { named, text, pages: await pagesOf(ground, { name: ground.collection, filter: text }) };
    },
    check: ({ named, text, pages }) => listedFinding(text, named, { lists, pages }),
  });
}

/** @throws Unmet */
function assertUnlike([first = '', ...others]: readonly string[]): void {
  const like = others.find((name) => name.startsWith(shortened(first)) || name.endsWith(first.slice(1)));
  if (like !== undefined) throw new Unmet(`${first} and ${like} are too much alike`);
}

function listedFinding(
  filter: string,
  named: Partial<Named>,
  { lists, pages }: { readonly lists: readonly Kind[]; readonly pages: readonly SeenPage[] },
): Finding {
  const seen = new Set(pages.flatMap(({ operations }) => operations.map(({ name }) => name)));
  const hasEnded = pages.at(-1)?.nextPageToken === '';
  for (const [kind, name] of Object.entries(named) as readonly [Kind, string][]) {
    const isWanted = lists.includes(kind);
    if (seen.has(name) && !isWanted) return `${filter} lists ${name}, which is ${kind}`;
    if (!seen.has(name) && isWanted && hasEnded) return `${filter} does not list ${name}, which is ${kind}`;
  }
  return undefined;
}

export const FILTER_CASES: readonly ConformanceCase[] = MATCHES.map(matchCase);

/** AIP-160 on collections that have its filters, and the JSON filters of Storage Transfer. */
import { Code } from '../../core/code.ts';
import { codeFinding } from '../answer-checks.ts';
import { conformanceCase, type ConformanceCase, type Finding } from '../conformance-case.ts';
import { pagesOf, served, type Ground, type FilterLanguage } from '../ground.ts';
import { Unmet } from '../operation-source.ts';
import type { RuleId } from '../rules/rule.ts';

/** Two operations of the collection that filters tell apart. */
interface Pair {
  readonly done: string;
  readonly unfinished: string;
}

interface MatchRow {
  readonly id: string;
  readonly rules: readonly RuleId[];
  readonly filter: (pair: Pair) => string;
  /** Which of the two it lists. */
  readonly lists: readonly (keyof Pair)[];
}

/** All but its last character, so that a pattern has something to stand for. */
function shortened(name: string): string {
  return name.slice(0, -1);
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
    rules: ['aip-160.precedence'],
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
    id: 'traversal',
    rules: ['aip-160.traversal'],
    // No code of google.rpc.Code, so that no operation has it.
    filter: () => 'error.code = 99',
    lists: [],
  },
  { id: 'has', rules: ['aip-160.has', 'aip-160.present'], filter: () => 'done:*', lists: ['done'] },
];

/** Skipped where the two names are alike but for their ends, as a pattern could not tell them apart. */
function matchCase({ id, rules, filter, lists }: MatchRow): ConformanceCase {
  return conformanceCase({
    id: `filter-${id}`,
    rules: [...rules, 'proto.list'],
    language: 'aip-160',
    needs: ['done', 'unfinished'],
    ask: async (ground, [done], [unfinished]) => {
      if (unfinished.startsWith(shortened(done))) throw new Unmet(`${done} and ${unfinished} are too much alike`);
      const pair = { done, unfinished };
      const text = filter(pair);
      await assertFilters(ground);
      const pages = await pagesOf(ground, { name: ground.collection, filter: text });
      return { pair, text, pages };
    },
    check: ({ pair, text, pages }) => {
      const seen = new Set(pages.flatMap(({ operations }) => operations.map(({ name }) => name)));
      const hasEnded = pages.at(-1)?.nextPageToken === '';
      return listedFinding(text, pair, { lists, seen, hasEnded });
    },
  });
}

function listedFinding(
  filter: string,
  pair: Pair,
  { lists, seen, hasEnded }: { lists: MatchRow['lists']; seen: ReadonlySet<string | undefined>; hasEnded: boolean },
): Finding {
  for (const which of ['done', 'unfinished'] as const) {
    const isWanted = lists.includes(which);
    if (seen.has(pair[which]) && !isWanted) return `${filter} lists ${pair[which]}`;
    if (!seen.has(pair[which]) && isWanted && hasEnded) return `${filter} does not list ${pair[which]}`;
  }
  return undefined;
}

/** A service may have no filters (AIP-160: "APIs may provide filtering"). @throws Unmet then. */
async function assertFilters(ground: Ground): Promise<void> {
  const reply = served(await ground.probe.list({ name: ground.collection, filter: 'done = true' }), 'ListOperations');
  if (reply.code === Code.INVALID_ARGUMENT) throw new Unmet(`the server has no filter "done = true": ${reply.message}`);
}

interface RefusedRow {
  readonly id: string;
  readonly rules: readonly RuleId[];
  readonly filter: string;
}

const REFUSED: readonly RefusedRow[] = [
  { id: 'unknown-field', rules: ['aip-160.undefined-field'], filter: 'conformance_thing = 1' },
  { id: 'unknown-field-within', rules: ['aip-160.undefined-field'], filter: 'error.conformance_thing = 1' },
  { id: 'boolean-type', rules: ['aip-160.boolean', 'aip-160.invalid'], filter: 'done = 7' },
  { id: 'number-type', rules: ['aip-160.number', 'aip-160.invalid'], filter: 'error.code = "many"' },
  { id: 'no-value', rules: ['aip-160.invalid'], filter: 'done =' },
  { id: 'no-field', rules: ['aip-160.left-hand', 'aip-160.invalid'], filter: '= true' },
  { id: 'open-parenthesis', rules: ['aip-160.invalid'], filter: '(done = true' },
  { id: 'open-quote', rules: ['aip-160.invalid'], filter: 'name = "x' },
  { id: 'open-and', rules: ['aip-160.invalid'], filter: 'done = true AND' },
  { id: 'unknown-function', rules: ['aip-160.function', 'aip-160.invalid'], filter: 'conformance(1)' },
  { id: 'repeated-element', rules: ['aip-160.repeated'], filter: 'error.details.0 = 1' },
];

const TRANSFER_REFUSED: readonly RefusedRow[] = [
  { id: 'transfer-none', rules: ['promise.transfer-list'], filter: '' },
  { id: 'transfer-no-project', rules: ['promise.transfer-list'], filter: '{}' },
  { id: 'transfer-no-json', rules: ['promise.transfer-list'], filter: 'projectId = "p"' },
  { id: 'transfer-unknown-member', rules: ['promise.transfer-list'], filter: '{"projectId":"p","conformance":1}' },
];

function refusedCase(row: RefusedRow, language: FilterLanguage): ConformanceCase {
  return conformanceCase({
    id: `filter-${row.id}-invalid`,
    rules: row.rules,
    language,
    ask: async (ground) => {
      if (language === 'aip-160') await assertFilters(ground);
      return served(await ground.probe.list({ name: ground.collection, filter: row.filter }), 'ListOperations');
    },
    check: (reply) => codeFinding(`List with the filter ${JSON.stringify(row.filter)}`, reply, Code.INVALID_ARGUMENT),
  });
}

const TRANSFER_OTHER_NAME = conformanceCase({
  id: 'list-transfer-other-name-invalid',
  rules: ['promise.transfer-list'],
  language: 'transfer-json',
  ask: (ground) => ground.probe.list({ name: 'transferOperations/1', filter: ground.filter }),
  check: (reply) => codeFinding('List of transferOperations/1', reply, Code.INVALID_ARGUMENT),
});

export const FILTER_CASES: readonly ConformanceCase[] = [
  ...MATCHES.map(matchCase),
  ...REFUSED.map((row) => refusedCase(row, 'aip-160')),
  ...TRANSFER_REFUSED.map((row) => refusedCase(row, 'transfer-json')),
  TRANSFER_OTHER_NAME,
];

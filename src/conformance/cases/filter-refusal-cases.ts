/** Filters that are refused: those that break AIP-160, and those of Storage Transfer that its API does not take. */
import { Code } from '../../core/code.ts';
import { codeFinding } from '../answer-checks.ts';
import { assertFilters } from '../assert-filters.ts';
import { conformanceCase, type ConformanceCase } from '../conformance-case.ts';
import { served, type FilterLanguage } from '../ground.ts';
import type { RuleId } from '../rules/rule.ts';

interface RefusedRow {
  readonly id: string;
  readonly rules: readonly RuleId[];
  readonly filter: string;
}

const REFUSED: readonly RefusedRow[] = [
  { id: 'unknown-field', rules: ['aip-160.undefined-field'], filter: 'conformance_thing = 1' },
  { id: 'unknown-field-within', rules: ['aip-160.undefined-field'], filter: 'error.conformance_thing = 1' },
  { id: 'boolean-type', rules: ['aip-160.boolean', 'aip-160.invalid'], filter: 'done = 7' },
  { id: 'boolean-order', rules: ['aip-160.comparison'], filter: 'done < true' },
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

export const FILTER_REFUSAL_CASES: readonly ConformanceCase[] = [
  ...REFUSED.map((row) => refusedCase(row, 'aip-160')),
  ...TRANSFER_REFUSED.map((row) => refusedCase(row, 'transfer-json')),
  TRANSFER_OTHER_NAME,
];

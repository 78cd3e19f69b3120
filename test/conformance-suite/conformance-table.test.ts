import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ALL_CASES } from '../../src/conformance/all-cases.ts';
import { RULES } from '../../src/conformance/rules/rule.ts';
import { protoPath } from '../../src/schema/proto-files.ts';
import { casesOfRule, conformancePage, ruleIds } from './conformance-table.ts';
import { FAULTS } from './faults.ts';
import { HELD_ELSEWHERE } from './held-elsewhere.ts';

const ROOT = new URL('../../', import.meta.url);

/** The comments of a .proto behind its license, as running text: links by their text, examples of code left out. */
function commentsOf(path: string): string {
  const source = readFileSync(path, 'utf8');
  return source
    .slice(source.indexOf('syntax ='))
    .split('\n')
    .map((line) => /^\s*\/\/(?<text>.*)$/.exec(line)?.groups?.['text'] ?? '')
    .filter((text) => !text.startsWith('     ') && text !== ' Example:')
    .join(' ')
    .replaceAll(/\[([\w.]+)\]\s*\[[\w.]+\]/g, '$1')
    .replaceAll(/\s+/g, ' ');
}

describe('the table of conformance', () => {
  test('is what the cases say: node test/conformance-suite/write-table.ts writes it', () => {
    expect(readFileSync(new URL('docs/conformance.md', ROOT), 'utf8')).toBe(conformancePage());
  });

  test('has every sentence of the comments of operations.proto, in their order, and none that is not there', () => {
    const sentences = ruleIds().flatMap((rule) => (rule.startsWith('proto.') ? [RULES[rule]] : []));

    expect(sentences.join(' ')).toBe(commentsOf(protoPath('google/longrunning/operations.proto')).trim());
  });

  test('has a case, a test or a reason for every sentence', () => {
    const bare = ruleIds().filter((rule) => casesOfRule(rule).length === 0 && HELD_ELSEWHERE[rule] === undefined);

    expect(bare).toEqual([]);
  });

  test('names tests that are there', () => {
    const missing = Object.values(HELD_ELSEWHERE).filter((other) => {
      if ('note' in other) return false;
      const url = new URL(other.file, ROOT);
      return !existsSync(url) || !readFileSync(url, 'utf8').includes(`'${other.test}'`);
    });

    expect(missing).toEqual([]);
  });

  test('has each case once, in kebab case, and no fault of a case that is not there', () => {
    const ids = ALL_CASES.map(({ id }) => id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
    expect(FAULTS.filter(({ foundBy }) => !ids.includes(foundBy))).toEqual([]);
  });

  test('has for each case a server that is wrong, and that it finds', () => {
    const found = FAULTS.map(({ foundBy }) => foundBy);

    expect(ALL_CASES.map(({ id }) => id).filter((id) => !found.includes(id))).toEqual([]);
  });
});

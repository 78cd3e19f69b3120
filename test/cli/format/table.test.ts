import { describe, expect, test } from '@jest/globals';
import { tableLines, type Column } from '../../../src/cli/format/table.ts';
import { textWidth } from '../../../src/cli/format/text-width.ts';

const COLUMNS: readonly Column[] = [
  { title: 'NAME', cut: 'middle' },
  { title: 'STATE' },
  { title: 'DETAIL', cut: 'end' },
];
const LONG = `operations/${'abcdefghij'.repeat(6)}`;

describe('a table', () => {
  test('aligns its columns under their titles, without trailing blanks', () => {
    expect(
      tableLines(
        COLUMNS,
        [
          ['a', 'RUNNING', ''],
          ['bbbbbb', 'FAILED', 'x'],
        ],
        80,
      ),
    ).toEqual(['NAME    STATE    DETAIL', 'a       RUNNING', 'bbbbbb  FAILED   x']);
  });

  test('of 80 columns cuts what is too long: names in their middle, details at their end', () => {
    const lines = tableLines(COLUMNS, [[LONG, 'RUNNING', 'a detail that is so long that it has to give way too']], 80);

    expect(lines.map(textWidth).every((width) => width <= 80)).toBe(true);
    expect(lines[1]).toMatch(/^operations\/\S+…\S*ij {2}RUNNING {2}a detail.*…$/);
  });

  test('cuts details alone where that leaves names whole', () => {
    const lines = tableLines(COLUMNS, [[LONG.slice(0, 50), 'RUNNING', 'a detail that gives way first']], 80);

    expect(lines[1]).toBe(`${LONG.slice(0, 50)}  RUNNING  a detail that give…`);
  });

  test('is as wide as the terminal', () => {
    const lines = tableLines(COLUMNS, [[LONG, 'RUNNING', 'detail']], 100);

    expect(lines[1]).toBe(`${LONG}  RUNNING  detail`);
  });

  test('that a program reads is cut nowhere', () => {
    expect(tableLines(COLUMNS, [[LONG, 'S', 'd'.repeat(500)]], Number.POSITIVE_INFINITY)[1]).toContain('d'.repeat(500));
  });

  test('keeps columns apart that count wide characters', () => {
    expect(
      tableLines(
        [{ title: 'NAME' }, { title: 'STATE' }],
        [
          ['日本', 'X'],
          ['abcd', 'Y'],
        ],
        80,
      ),
    ).toEqual(['NAME  STATE', '日本  X', 'abcd  Y']);
  });

  test('shows what would move the cursor instead of sending it', () => {
    expect(tableLines([{ title: 'NAME' }], [['a\u001B[2Jb\nc']], 80)[1]).toBe('a\\x1b[2Jb\\x0ac');
  });
});

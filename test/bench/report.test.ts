import { expect, test } from '@jest/globals';
import { withoutTargets, type Result, type Row } from '../../bench/frame/benchmark.ts';
import { jsonReport, readable, tableOf } from '../../bench/frame/report.ts';

const CONDITIONS = {
  time: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  node: 'v24',
  kernel: '6',
  cpu: 'cpu',
  cpuCount: 2,
  memoryGiB: 4,
  fileSystem: 'xfs',
  load: 0,
};

const ROW: Row = {
  name: 'calls',
  unit: '/s',
  runs: [90, 110, 100],
  references: [{ name: 'a constant', runs: [100, 100, 100], target: { atLeast: 0.95 } }],
};

function outcomeOf(results: readonly Result[], failure?: string) {
  const benchmark = { name: 'sample', target: 'as fast as a constant', run: async () => results };
  return { benchmark, results, durationMs: 2000, ...(failure === undefined ? {} : { failure }) };
}

test('a table tells the median with its spread, each reference, the ratio and the verdict, in 80 columns', () => {
  const table = tableOf(outcomeOf([ROW]));

  expect(table).toMatch(/calls +100\/s \(90\.\.110\)\n/);
  expect(table).toMatch(/vs a constant +100\/s +1x \(0\.90\.\.1\.10\) met >= 0\.95\n/);
  expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('a figure beyond its bound is told as missed', () => {
  const table = tableOf(outcomeOf([{ name: 'stall', unit: ' ms', runs: [21], target: { atMost: 20 } }]));

  expect(table).toContain('21 ms MISSED <= 20');
});

test('what was skipped stands with its reason, and what did not work with its failure', () => {
  const table = tableOf(outcomeOf([{ name: 'rclone copy', skipped: 'is not installed' }], 'Error: torn'));

  expect(table).toContain('skipped: is not installed');
  expect(table).toContain('DID NOT WORK: Error: torn');
});

test('the JSON holds every run, the ratios and the verdicts', () => {
  const report = JSON.parse(jsonReport(CONDITIONS, [outcomeOf([ROW])])) as unknown;

  expect(report).toMatchObject({
    conditions: CONDITIONS,
    benchmarks: [
      {
        name: 'sample',
        results: [
          {
            name: 'calls',
            runs: [90, 110, 100],
            summary: { median: 100, min: 90, max: 110, count: 3 },
            references: [{ name: 'a constant', ratio: { summary: { median: 1 }, met: true } }],
          },
        ],
      },
    ],
  });
});

test('figures of a quick run have no verdict', () => {
  expect(tableOf(outcomeOf([withoutTargets(ROW)]))).not.toMatch(/met|MISSED/);
});

test.each([
  [12_345.6, '12346'],
  [12.34, '12.3'],
  [1.234, '1.23'],
  [0.01234, '0.012'],
  [3, '3'],
])('%d is written with the digits that count', (value, text) => {
  expect(readable(value)).toBe(text);
});

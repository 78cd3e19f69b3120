import { expect, test } from '@jest/globals';
import { bytesText, durationText, filesText, rateText } from '../../../src/cli/format/amounts.ts';
import { localTimeText } from '../../../src/cli/format/local-time.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.00 KiB'],
  [1536, '1.50 KiB'],
  [10 * 1024, '10.0 KiB'],
  [999 * 1024, '999 KiB'],
  [1024 * 1024 - 1, '1.00 MiB'],
  [1.25 * 1024 ** 3, '1.25 GiB'],
  [2 ** 63, '8.00 EiB'],
])('%d bytes read %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, '0:00'],
  [999, '0:01'],
  [61_000, '1:01'],
  [3_723_000, '1:02:03'],
  [90_061_000, '1d 01:01:01'],
  [-5, '0:00'],
])('%d ms read %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test('counts have their thousands apart, and one file is one file', () => {
  expect([filesText(1), filesText(12_345), rateText(2048)]).toEqual(['1 file', '12,345 files', '2.00 KiB/s']);
});

test('a time is told as a clock on the wall shows it', () => {
  expect(localTimeText(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('2026-01-02 03:04:05');
});

test.each([undefined, Number.NaN, 1e300])('the time %s is no time', (ms) => {
  expect(localTimeText(ms)).toBe('-');
});

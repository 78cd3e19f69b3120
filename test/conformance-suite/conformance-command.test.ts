import { Command } from 'commander';
import { expect, test } from '@jest/globals';
import { addConformanceCommand } from '../../src/cli/program/conformance.ts';
import { CONFORMANCE_FLAGS, parseConformanceOptions, WrongOption } from '../../src/conformance/conformance-options.ts';

test('the help and the completion of the command tell of the flags that it reads', () => {
  const program = new Command();
  addConformanceCommand(program);

  const told = program.commands[0]?.options.map((option) => option.long?.slice('--'.length));
  expect(told).toEqual([...CONFORMANCE_FLAGS]);
});

test.each([
  ['90s', 90_000],
  ['1m30s', 90_000],
  ['2', 2_000],
  ['0.5', 500],
])('a timeout of %s is a duration as every command takes it, or seconds', (timeout, timeoutMs) => {
  expect(parseConformanceOptions(['127.0.0.1:1', '--timeout', timeout])).toMatchObject({ timeoutMs });
});

test.each(['0', 'soon', '-1', '99d'])('a timeout of %s is refused', (timeout) => {
  expect(() => parseConformanceOptions(['127.0.0.1:1', `--timeout=${timeout}`])).toThrow(WrongOption);
});

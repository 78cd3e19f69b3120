import { Command } from 'commander';
import { expect, test } from '@jest/globals';
import { addConformanceCommand } from '../../src/cli/program/conformance.ts';
import { CONFORMANCE_FLAGS } from '../../src/conformance/conformance-options.ts';

test('the help and the completion of the command tell of the flags that it reads', () => {
  const program = new Command();
  addConformanceCommand(program);

  const told = program.commands[0]?.options.map((option) => option.long?.slice('--'.length));
  expect(told).toEqual([...CONFORMANCE_FLAGS]);
});

import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { checkPosixSpec, resolvePosixRoots } from '../../src/stores/posix/roots.ts';

function refusal(directory: string): StatusError {
  const roots = resolvePosixRoots([tmpdir()]);
  const locations = [directory, `${tmpdir()}/from`].map((rootDirectory) => ({ kind: 'posix', rootDirectory }) as const);
  const [sink, source] = locations as [(typeof locations)[0], (typeof locations)[0]];
  try {
    checkPosixSpec({ source, sink }, roots);
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

// Megabytes of it fit into one request: they are refused before a call of the system sees them, one for each part of the path.
test.each([
  ['a path of a million directories', `${tmpdir()}${'/a'.repeat(1_000_000)}`],
  ['a path one byte too long', `/${'a/'.repeat(2047)}ab`],
  ['a name that is too long', `${tmpdir()}/${'\u00fc'.repeat(128)}`],
])('%s is INVALID_ARGUMENT', (_title, directory) => {
  expect(refusal(directory).code).toBe(Code.INVALID_ARGUMENT);
});

test('the longest name is taken', () => {
  expect(() => refusal(`${tmpdir()}/${'n'.repeat(255)}`)).toThrow('it was accepted');
});

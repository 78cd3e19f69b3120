import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runCommandProcess } from '../support/command-process.ts';

let script: string;

beforeAll(async () => {
  script = (await runCommandProcess(['completion', 'bash'])).stdout;
});

/** What bash would offer after these words. */
function offered(...words: readonly string[]): readonly string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(longrunning ${quoted}); COMP_CWORD=${String(words.length)}; _longrunning; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `${script}\n${ask}`], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

describe('bash is offered', () => {
  test('the commands', () => {
    expect(offered('')).toEqual(
      expect.arrayContaining(['serve', 'transfer', 'operations', 'jobs', 'completion', '--help']),
    );
  });

  test('those that begin so', () => {
    expect(offered('op')).toEqual(['operations']);
  });

  test('the commands of a group, and the flags of each', () => {
    expect(offered('operations', 'wa')).toEqual(['watch', 'wait']);
    expect(offered('operations', 'list', '--p')).toEqual(['--page-size', '--project']);
  });

  test('the values of a flag, and the words of an argument', () => {
    expect(offered('transfer', '--overwrite', '')).toEqual(['different', 'never', 'always']);
    expect(offered('completion', 'z')).toEqual(['zsh']);
  });

  test('directories where those are meant', () => {
    expect(offered('transfer', '/us')).toContain('/usr');
  });
});

test.each([
  ['zsh', /^#compdef longrunning\n/],
  ['fish', /complete -c longrunning -f -n '__fish_use_subcommand' -a operations -d /],
])('%s gets a script of its own', async (shell, pattern) => {
  expect((await runCommandProcess(['completion', shell])).stdout).toMatch(pattern);
});

test('another shell is refused', async () => {
  expect(await runCommandProcess(['completion', 'csh'])).toMatchObject({ status: 2, stdout: '' });
});

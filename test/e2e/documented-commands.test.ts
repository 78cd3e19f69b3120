/** The curl commands of the documentation, as they stand there, against a real sidecar. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workspace } from './support/workspace.ts';

const run = promisify(execFile);
const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** An answer that is an error is one of curl's, too. Streams have no end, and are left when they have begun. */
const CURL = `curl() {
  case " $* " in
    *" -N "*) command curl --silent --show-error --fail --max-time 1 "$@" 2>/dev/null || test $? -eq 28 ;;
    *) command curl --silent --show-error --fail --max-time 60 "$@" ;;
  esac
}
`;

/** What stands between fences and is commands of curl alone; each with its first line. */
function commandsOf(page: string): readonly (readonly [firstLine: string, block: string])[] {
  const text = readFileSync(fileURLToPath(new URL(`../../docs/${page}`, import.meta.url)), 'utf8');
  const blocks = [...text.matchAll(/^```(?<language>\w*)\n(?<block>[^]*?)^```$/gm)];
  return blocks
    .filter(({ groups }) => groups?.['language'] === '' && groups['block']?.startsWith('curl ') === true)
    .map(({ groups }) => [groups?.['block']?.split('\n', 1)[0] ?? '', groups?.['block'] ?? '']);
}

let workspace: Workspace;
let address: string;

beforeAll(async () => {
  workspace = new Workspace();
  mkdirSync(join(workspace.files, 'from'));
  writeFileSync(join(workspace.files, 'from', 'file'), 'text');
  writeFileSync(workspace.path('app.apk'), 'PK');
  address = (await workspace.start()).http ?? '';
  const body = JSON.stringify({ operationId: '1', kind: 'demo' });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`http://${address}/v1/operations`, { method: 'POST', headers, body })).status).toBe(200);
});

afterAll(() => workspace.remove());

describe.each(['http.md', 'checks.md'])('in docs/%s', (page) => {
  const commands = commandsOf(page);

  test('there are some', () => {
    expect(commands.length).toBeGreaterThan(1);
  });

  (hasCurl ? test : test.skip).each(commands)('%s', async (_firstLine, block) => {
    const script = block
      .replaceAll(/(?:localhost|127\.0\.0\.1):8080/g, address)
      .replaceAll('/data/', `${workspace.files}/`);
    await expect(run('sh', ['-ec', CURL + script], { cwd: workspace.root })).resolves.toHaveProperty('stderr', '');
  });
});

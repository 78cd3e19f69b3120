import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Told to Node before the command: writes what is loaded to stderr. */
const HOOK = `import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => { process.stderr.write(url + '\\n'); return next(url, context); } });`;

/** The modules that a command line loads. */
function loadedBy(...args: readonly string[]): readonly string[] {
  const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`;
  const { stderr } = spawnSync(process.execPath, ['--import', hook, MAIN, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return stderr.split('\n');
}

test.each([['--help'], ['--version'], ['operations', 'list', '--help'], ['completion', 'bash']])(
  '%s %s loads neither gRPC nor protos, and no command',
  (...args) => {
    const loaded = loadedBy(...args);

    expect(loaded.some((url) => url.endsWith('/cli/program.ts'))).toBe(true);
    expect(
      loaded.filter((url) =>
        /@grpc|protobufjs|google-proto-files|pino|\/client\/|\/schema\/|\/cli\/commands\/|error-text/.test(url),
      ),
    ).toEqual([]);
  },
);

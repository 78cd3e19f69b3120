import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { S3Abilities } from '../../src/stores/s3/s3-abilities.ts';
import { check } from './check.ts';
import { mustSucceed, succeeds } from './command.ts';
import { requireCommand } from './debian-package.ts';
import { install } from './install.ts';
import type { Report } from './report.ts';
import { columnFound, columnOf } from './stores/abilities-table.ts';
import { runContract } from './stores/run-contract.ts';
import { withServer, type ServerToStart } from './stores/server-process.ts';
import { MissingToolError, type Suite, type Workspace } from './suite.ts';

const PAGE = fileURLToPath(new URL('../../docs/object-stores.md', import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL('./stores/requirements.txt', import.meta.url));

const VERSITYGW = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';

const ACCESS_KEY = 'testkey';
const SECRET_KEY = 'testsecret';
const BUCKET = 'bucket';

interface S3Server {
  readonly name: string;
  /** Where it is not what S3 is, by test. */
  readonly differences: Readonly<Record<string, string>>;
  /** Installs it in the directory. */
  prepare(directory: string): Promise<void>;
  command(directory: string, port: number): readonly [string, ...string[]];
  /** Makes the bucket, once the server runs. */
  begin(endpoint: string): Promise<void>;
}

const versitygw: S3Server = {
  name: 'versitygw',
  differences: {},
  async prepare(directory) {
    if (!(await succeeds('go', ['version'], { timeoutMs: 60_000 }))) throw new MissingToolError('needs go');
    await install('versitygw', ['go', 'install', VERSITYGW], { directory, environment: { GOBIN: directory } });
    mkdirSync(join(directory, 'objects', BUCKET), { recursive: true });
  },
  command(directory, port) {
    const objects = join(directory, 'objects');
    return [join(directory, 'versitygw'), '--port', `127.0.0.1:${port}`, '--keep-alive', '--quiet', 'posix', objects];
  },
  begin: () => Promise.resolve(),
};

const moto: S3Server = {
  name: 'moto',
  differences: {
    'leaves nothing of an upload that is aborted':
      'it answers 500 to the completion of an upload that it does not know',
  },
  async prepare(directory) {
    await requireCommand(['python3', '-c', 'import venv, ensurepip'], 'python3-venv');
    const environment = join(directory, 'venv');
    await mustSucceed('python3', ['-m', 'venv', environment], { timeoutMs: 300_000 });
    const pip = [join(environment, 'bin', 'python'), '-m', 'pip'] as const;
    await install('moto', [...pip, 'install', '--quiet', '--requirement', REQUIREMENTS]);
  },
  command(directory, port) {
    return [join(directory, 'venv', 'bin', 'moto_server'), '-H', '127.0.0.1', '-p', String(port)];
  },
  async begin(endpoint) {
    await fetch(`${endpoint}/${BUCKET}`, { method: 'PUT' });
  },
};

/** The S3 store on servers of others, and the table of how they differ. */
export const s3Suite: Suite = {
  name: 's3',

  async prepare({ directory }: Workspace) {
    const prepared = [versitygw, moto].map((server) => {
      const own = join(directory, server.name);
      mkdirSync(own);
      return {
        server,
        own,
        outcome: server.prepare(own).then(
          () => undefined,
          (error: unknown) => ({ error }),
        ),
      };
    });
    await Promise.all(prepared.map(({ outcome }) => outcome));
    return async (report: Report) => {
      for (const { server, own, outcome } of prepared) {
        const failure = await outcome;
        if (failure === undefined) await runOn(server, own, report);
        else if (failure.error instanceof MissingToolError) report.skipped(server.name, failure.error.message);
        else throw failure.error;
      }
    };
  },
};

async function runOn(server: S3Server, directory: string, report: Report): Promise<void> {
  const { name, differences } = server;
  const endpointAt = (port: number): string => `http://127.0.0.1:${port}`;
  const serverAt = (port: number): ServerToStart => {
    const [command, ...parameters] = server.command(directory, port);
    const environment = { ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY };
    return { command, parameters, environment, url: endpointAt(port) };
  };
  await withServer(serverAt, async (port) => {
    const endpoint = endpointAt(port);
    await server.begin(endpoint);
    const abilitiesPath = join(directory, 'abilities.json');
    const environment = {
      S3_ENDPOINT: endpoint,
      S3_BUCKET: BUCKET,
      S3_ACCESS_KEY: ACCESS_KEY,
      S3_SECRET_KEY: SECRET_KEY,
      S3_ABILITIES_PATH: abilitiesPath,
    };
    await runContract(report, { server: name, suite: 's3', environment, directory, differences });
    await check(report, `docs/object-stores.md tells what ${name} does`, () => {
      const told = columnOf(readFileSync(PAGE, 'utf8'), name).join(' ');
      const found = columnFound(JSON.parse(readFileSync(abilitiesPath, 'utf8')) as S3Abilities).join(' ');
      return told === found ? Promise.resolve() : Promise.reject(new Error(`found ${found}, the page has ${told}`));
    });
  });
}

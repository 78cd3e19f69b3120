import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { isLocal, parseAddress } from '../../src/core/address.ts';
import { parseDurationMs } from '../../src/core/duration.ts';
import { ConfigError } from '../../src/config/sources.ts';
import { formatAddress } from '../../src/core/address.ts';
import { readConfig } from '../../src/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'config-'));
let fileCount = 0;

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function fileOf(text: string): string {
  const path = join(directory, `${String((fileCount += 1))}.yaml`);
  writeFileSync(path, text);
  return path;
}

test('without settings the sidecar binds loopback and keeps its database in ./data', () => {
  expect(readConfig([], {}).settings).toEqual({
    grpc: [{ host: '127.0.0.1', port: 50_051 }],
    http: { host: '127.0.0.1', port: 8080 },
    database: { kind: 'sqlite', path: './data/longrunning.db' },
    posixRoots: [],
    agentPools: [undefined],
    activityLog: 'data/activity',
    credentialsKey: './data/longrunning.db.credentials-key',
    uploads: 'data/uploads',
    sortDirectory: undefined,
    drainTimeoutMs: 25_000,
  });
});

describe('a setting', () => {
  test.each([
    [['--http', 'off'], 'http', undefined],
    [['--http=127.0.0.1:0'], 'http', { host: '127.0.0.1', port: 0 }],
    [['--grpc', 'unix:/tmp/a b.sock', '--grpc=[::1]:0'], 'grpc', [{ path: '/tmp/a b.sock' }, { host: '::1', port: 0 }]],
    [['--posix-root', '/a', '--posix-root=/b,c'], 'posixRoots', ['/a', '/b,c']],
    [
      ['--agent-pool=projects/p/agentPools/a', '--agent-pool', 'default'],
      'agentPools',
      ['projects/p/agentPools/a', undefined],
    ],
    [['--agent-pool=projects/p/agentPools/a'], 'agentPools', ['projects/p/agentPools/a']],
    [['--database', 'memory:'], 'database', { kind: 'memory' }],
    [['--database', 'memory:'], 'credentialsKey', undefined],
    [['--database', 'memory:', '--credentials-key=/etc/key'], 'credentialsKey', '/etc/key'],
    [['--database=sqlite:/srv/a.db'], 'credentialsKey', '/srv/a.db.credentials-key'],
    [['--database', 'memory:'], 'activityLog', undefined],
    [['--database', 'memory:', '--activity-log=/logs'], 'activityLog', '/logs'],
    [['--activity-log', 'off'], 'activityLog', undefined],
    [['--database=sqlite:/srv/a.db'], 'activityLog', '/srv/activity'],
    [['--database', 'memory:'], 'uploads', undefined],
    [['--database', 'memory:', '--uploads=/spool'], 'uploads', '/spool'],
    [['--uploads', 'off'], 'uploads', undefined],
    [['--database=sqlite:/srv/a.db'], 'uploads', '/srv/uploads'],
    [['--sort-directory=/scratch'], 'sortDirectory', '/scratch'],
    [['--drain-timeout=1m30s'], 'drainTimeoutMs', 90_000],
    [['--insecure', '--grpc=0.0.0.0:1'], 'grpc', [{ host: '0.0.0.0', port: 1 }]],
    [['--insecure=true', '--http=[::]:1'], 'http', { host: '::', port: 1 }],
  ] as const)('%j sets %s', (args, name, value) => {
    expect(readConfig(args, {}).settings[name]).toEqual(value);
  });

  test('comes from a flag before an environment variable before the file', () => {
    const config = fileOf('http: 127.0.0.1:3\ndrain-timeout: 3s\nposix-root: [/c, /d]\n');
    const environment = {
      LONGRUNNING_CONFIG: config,
      LONGRUNNING_HTTP: '127.0.0.1:2',
      LONGRUNNING_DRAIN_TIMEOUT: '2s',
    };
    expect(readConfig(['--http=127.0.0.1:1'], environment).settings).toMatchObject({
      http: { port: 1 },
      drainTimeoutMs: 2000,
      posixRoots: ['/c', '/d'],
    });
  });

  test('that repeats is split at commas in its environment variable', () => {
    expect(readConfig([], { LONGRUNNING_POSIX_ROOT: '/a, /b' }).settings.posixRoots).toEqual(['/a', '/b']);
  });
});

test('variables that look like settings and are none are told of; those of clients, and of a Service in Kubernetes, are not', () => {
  const environment = {
    LONGRUNNING_GPRC: '127.0.0.1:1',
    LONGRUNNING_POSIX_ROOTS: '/a',
    LONGRUNNING_GRPC: '127.0.0.1:2',
    LONGRUNNING_ADDRESS: '127.0.0.1:2',
    LONGRUNNING_SERVICE_PORT_GRPC: '50051',
    LONGRUNNING_PORT_50051_TCP_ADDR: '10.0.0.1',
  };
  expect(readConfig([], environment).unknownVariables).toEqual(['LONGRUNNING_GPRC', 'LONGRUNNING_POSIX_ROOTS']);
});

describe('a bad setting is one clear line', () => {
  test.each([
    [['--grcp=1'], /unknown flag --grcp; known are --grpc/],
    [['serve'], /unexpected argument "serve"/],
    [['--grpc'], /--grpc needs a value/],
    [['--http', '--grpc=127.0.0.1:1'], /--http/],
    [['--http=127.0.0.1:1', '--http=127.0.0.1:2'], /--http is given twice/],
    [['--grpc=127.0.0.1'], /--grpc 127.0.0.1: is not HOST:PORT/],
    [['--grpc=127.0.0.1:99999'], /is not HOST:PORT/],
    [['--grpc=0.0.0.0:50051'], /--grpc 0.0.0.0:50051: can be reached from other machines.*--insecure/],
    [['--http=example.com:80'], /--insecure/],
    [['--insecure=maybe'], /--insecure maybe: is neither on nor off/],
    [['--database=mysql:x'], /--database mysql:x: is not sqlite:PATH or memory:/],
    [['--database=sqlite:'], /--database/],
    [['--database=postgers://me:secret@host/db'], /^--database postgers:\/\/…@host\/db: is not/],
    [['--drain-timeout=soon'], /--drain-timeout soon: is not a duration/],
    [['--posix-root='], /--posix-root/],
    [['--config=/does/not/exist'], /--config \/does\/not\/exist: ENOENT/],
  ])('%j', (args, message) => {
    expect(() => readConfig(args, {})).toThrow(ConfigError);
    expect(() => readConfig(args, {})).toThrow(message);
    expect(() => readConfig(args, {})).toThrow(/^[^\n]*$/);
  });

  test.each([
    ['nonsense: 1', /unknown member nonsense/],
    ['- a', /must be a mapping/],
    ['grpc: {a: 1}', /grpc: must be a text or a list/],
    ['grpc: []', /empty list/],
    ['a: [', /--config/],
    ['database: !secret sqlite:a.db', /--config .*: Unresolved tag/],
    ['surfaces: 3', /surfaces: must be a list/],
    ['topics: 3', /topics: must be a list/],
    ['topics: [{topic: t, file: /a}]', /topics\[0\].topic: must be projects/],
    ['topics: [{topic: projects/p/topics/t}]', /topics\[0\]: must have either webhook or file/],
    ['topics: [{topic: projects/p/topics/t, file: a}]', /topics\[0\].file: must be an absolute path/],
    ['topics: [{topic: projects/p/topics/t, webhook: "ftp://a"}]', /topics\[0\].webhook: must be a URL/],
    ['topics: [{topic: projects/p/topics/t, webhook: "https://u:p@a/"}]', /topics\[0\].webhook: must be a URL/],
    ['topics: [{topic: projects/p/topics/t, file: /a, secret: 1}]', /topics\[0\]: there is no secret/],
    ['surfaces: [{id: a}]', /surfaces\[0\].domain: must be a text/],
    ['surfaces: [{id: a, domain: b, names: [c/*], list: c, nmaes: 1}]', /surfaces\[0\]: there is no nmaes/],
    ['surfaces: [{id: a, domain: b, names: [], list: c}]', /surfaces\[0\].names: must be a list of texts/],
    [
      'surfaces: [{id: a, domain: b, names: [c/*], list: c, methods: [pause]}]',
      /methods: must be a list of some of get/,
    ],
    ['surfaces: [{id: a, domain: b, names: [c/*], list: c, maxPageSize: 0}]', /maxPageSize: must be a whole number/],
    ['limits: 3', /limits: must be a mapping/],
    ['limits: {nonsense: {}}', /limits: there is no nonsense/],
    ['limits: {operations: {nonsense: 1}}', /limits.operations: there is no nonsense/],
    [
      'limits: {operations: {waitMaxMs: -1}}',
      /limits.operations.waitMaxMs: must be a whole number from 1 to 2147483647/,
    ],
    ['limits: {operations: {waitMaxMs: soon}}', /limits.operations.waitMaxMs/],
    ['limits: {operations: {waitMaxMs: 3000000000}}', /from 1 to 2147483647/],
    ['limits: {grpc: {streamCountMax: 4294967296}}', /from 1 to 4294967295/],
    ['limits: {operations: {filterDepthMax: 1001}}', /from 1 to 1000/],
    ['limits: {operations: {releaseSliceSize: 0}}', /from 1 to/],
    ['limits: {operations: {releaseSliceSize: 1.5}}', /whole number/],
    ['limits: {transfers: {durability: bacth}}', /limits.transfers.durability: must be one of none, batch, file/],
  ])('in the file: %s', (text, message) => {
    expect(() => readConfig([`--config=${fileOf(text)}`], {})).toThrow(message);
  });
});

test('a limit of the file replaces its default, and nothing else', () => {
  const { limits } = readConfig([`--config=${fileOf('limits: {operations: {waitMaxMs: 1234}}')}`], {});
  expect(limits.operations).toEqual({ ...readConfig([], {}).limits.operations, waitMaxMs: 1234 });
});

test.each([
  ['limits: {transfers: {durability: file, bytesPerSecondMax: 1000}}', { durability: 'file', bytesPerSecondMax: 1000 }],
  ['limits: {sqlite: {filePagesMax: 0}}', {}],
])('%s is taken', (text, transfers) => {
  expect(readConfig([`--config=${fileOf(text)}`], {}).limits.transfers).toMatchObject(transfers);
});

test('the file binds topics to webhooks and files; private addresses are not allowed unless it says so', () => {
  const file = `topics:
    - { topic: projects/p/topics/t, webhook: "https://hooks.example.com/a?b" }
    - { topic: projects/p/topics/u, webhook: "http://10.0.0.1/", allowPrivate: true }
    - { topic: projects/*, file: /var/log/topics.ndjson }`;

  expect(readConfig([`--config=${fileOf(file)}`], {}).topics).toEqual([
    { topic: 'projects/p/topics/t', webhook: new URL('https://hooks.example.com/a?b'), allowPrivate: false },
    { topic: 'projects/p/topics/u', webhook: new URL('http://10.0.0.1/'), allowPrivate: true },
    { topic: 'projects/*', file: '/var/log/topics.ndjson' },
  ]);
});

test('the file adds surfaces, with all five methods and the page sizes of others unless it says so', () => {
  const file =
    'surfaces: [{id: reports, domain: reports.example.com, names: [reports/*/operations/*], list: reports/*}]';
  expect(readConfig([`--config=${fileOf(file)}`], {}).surfaces).toEqual([
    {
      id: 'reports',
      domain: 'reports.example.com',
      names: [{ pattern: 'reports/*/operations/*', methods: ['get', 'list', 'wait', 'cancel', 'delete'] }],
      listName: 'reports/*',
      filter: 'aip-160',
      defaultPageSize: 100,
      maxPageSize: 1000,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    },
  ]);
});

test('the configuration is frozen', () => {
  const config = readConfig([], {});
  expect(Object.isFrozen(config.limits.operations)).toBe(true);
  expect(Object.isFrozen(config.settings)).toBe(true);
});

test.each([
  ['25s', 25_000],
  ['500ms', 500],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['2d', 172_800_000],
  ['0s', 0],
  ['25', undefined],
  ['', undefined],
  ['-1s', undefined],
  ['1s ', undefined],
  ['9'.repeat(400) + 's', undefined],
])('duration %j is %s ms', (text, durationMs) => {
  expect(parseDurationMs(text)).toBe(durationMs);
});

test.each(['127.0.0.1:0', '[::1]:50051', 'localhost:1', 'unix:/run/a.sock'])(
  '%s is an address of this machine alone',
  (text) => {
    const address = parseAddress(text);
    expect(address !== undefined && isLocal(address) && formatAddress(address)).toBe(text);
  },
);

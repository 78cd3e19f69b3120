/**
 * The arrows of the sources, as ARCHITECTURE.md draws them: a folder may import its own files and those named here.
 * What a folder needs from elsewhere is handed to it, by sidecar.ts or by a thread's entry.
 */
const ALLOWED = {
  core: [],
  operations: ['core'],
  transfers: ['core', 'operations'],
  batch: ['core', 'operations', 'transfers'],
  checks: ['core', 'operations'],
  spool: ['core', 'checks'],
  workers: ['core', 'operations'],
  repositories: ['core', 'operations'],
  stores: ['core', 'operations', 'transfers'],
  schema: ['core', 'operations', 'transfers', 'checks'],
  api: ['core', 'operations', 'transfers', 'batch', 'checks', 'workers', 'schema'],
  grpc: ['core', 'schema', 'api'],
  http: ['core', 'schema', 'api'],
  client: ['core', 'schema'],
  cli: ['core', 'client'],
  // Looks at servers from outside, by bytes: it knows the messages, and nothing of how ours is made.
  conformance: ['core', 'schema'],
};

/** A thread's entry builds its own parts, as sidecar.ts does for the process. */
const THREAD_ENTRY = '\\.thread\\.ts$';

/** The places that may import a package which speaks to the world outside in a way that only they should know. */
const PACKAGE_HOMES = {
  // conformance sends and sees bytes, headers and trailers that a client hides.
  '@grpc/grpc-js': ['grpc', 'client', 'conformance'],
  'grpc-health-check': ['grpc'],
  '@grpc/proto-loader': ['schema', 'grpc'],
  protobufjs: ['schema'],
  'google-proto-files': ['schema'],
  pg: ['repositories'],
  undici: ['stores'],
};

const folders = (names) => `^src/(${names.join('|')})/`;

const folderRules = Object.entries(ALLOWED).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `${folder}/ may import ${allowed.length === 0 ? 'nothing of ours' : allowed.join(', ')}`,
  severity: 'error',
  from: { path: folders([folder]), pathNot: THREAD_ENTRY },
  to: { path: '^src/', pathNot: folders([folder, ...allowed]) },
}));

const packageRules = Object.entries(PACKAGE_HOMES).map(([name, homes]) => ({
  name: `${name}-home`,
  comment: `${name} is known in ${homes.join(', ')} only`,
  severity: 'error',
  from: { path: '^src/', pathNot: folders(homes) },
  to: { path: `^node_modules/${name}/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...folderRules,
    ...packageRules,
    {
      name: 'sqlite-home',
      comment: 'SQL is spoken in repositories only',
      severity: 'error',
      from: { path: '^src/', pathNot: folders(['repositories']) },
      to: { path: '^(node:)?sqlite$' },
    },
    {
      name: 'core-is-pure',
      comment: 'core/ uses no package and nothing of Node',
      severity: 'error',
      from: { path: folders(['core']) },
      to: { pathNot: '^src/core/' },
    },
    {
      name: 'operations-is-pure',
      comment: 'operations/ uses no package, and of Node only the hashing of page tokens and ids',
      severity: 'error',
      from: { path: folders(['operations']) },
      to: { pathNot: ['^src/', '^(node:)?crypto$'] },
    },
    {
      name: 'config-imports',
      comment:
        'config reads flags, environment and YAML (loaded by node:module when there is a file), and of each part knows only its limits',
      severity: 'error',
      from: { path: ['^src/config\\.ts$', '^src/config/'] },
      to: {
        pathNot: [
          '^src/config/',
          folders(['core']),
          '/limits\\.ts$',
          '-limits\\.ts$',
          '^node_modules/yaml/',
          '^(node:)?(fs|module|net|path|os|util|process)(/|$)',
        ],
      },
    },
    {
      name: 'config-is-handed-over',
      comment: 'limits are passed in: only the wiring reads config.ts',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/(main|command|serve|sidecar|operations-core|embedded-operations|embedded-sidecar|config)\\.ts$',
          '^src/config/',
          THREAD_ENTRY,
        ],
      },
      to: { path: ['^src/config\\.ts$', '^src/config/'] },
    },
    {
      name: 'thread-entries-are-started',
      comment: "a thread's entry is started by its URL, never imported",
      severity: 'error',
      from: { path: '^src/' },
      to: { path: THREAD_ENTRY },
    },
    {
      name: 'sources-stand-alone',
      comment: 'src/ needs neither tests nor benchmarks',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-development-package',
      comment: 'what is shipped imports only what is installed with it',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types count: an import that Node strips is still knowledge of the other folder.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};

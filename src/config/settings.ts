import { dirname, join } from 'node:path';
import { formatAddress, isLocal, parseAddress, type Address } from '../core/address.ts';
import { parseDurationMs } from '../core/duration.ts';
import { ConfigError, type RawSettings, type SettingName } from './sources.ts';

/** Which database to open. */
export type DatabaseSetting = { readonly kind: 'memory' } | { readonly kind: 'sqlite'; readonly path: string };

/** What the person who starts the sidecar decides. */
export interface Settings {
  /** At least one. */
  readonly grpc: readonly Address[];
  /** Undefined when it is off. */
  readonly http: Address | undefined;
  readonly database: DatabaseSetting;
  /** Directories that transfers may touch, as given. */
  readonly posixRoots: readonly string[];
  /** Agent pools whose transfers this process carries out, each once: full names, and undefined for the default pool. */
  readonly agentPools: readonly (string | undefined)[];
  /** Where logs of transfers' activities are written; undefined when they are off. */
  readonly activityLog: string | undefined;
  /** The file of the keys that seal credentials of requests; undefined with a database in memory, as nothing is at rest then. */
  readonly credentialsKey: string | undefined;
  /** Where sorted runs are kept that do not fit into memory; undefined: beside the database, or where temporary files are. */
  readonly sortDirectory: string | undefined;
  /** Where files that are uploaded rest; undefined when uploads are off. */
  readonly uploads: string | undefined;
  /** How long a drain may take before what is left is ended by force, milliseconds. */
  readonly drainTimeoutMs: number;
}

const DEFAULTS = {
  grpc: ['127.0.0.1:50051'],
  http: '127.0.0.1:8080',
  database: 'sqlite:./data/longrunning.db',
  // Below the 30 s that orchestrators give a process by default.
  'drain-timeout': '25s',
} as const;

/** Stands for the pool of transfers that name none. */
const DEFAULT_POOL = 'default';

/** Seconds in a day: a longer drain is a typing error. */
const DRAIN_TIMEOUT_MAX_MS = 86_400_000;

/** @throws ConfigError naming the setting that is wrong, and what would be right. */
export function parseSettings({ values }: RawSettings): Settings {
  const insecure = parseSwitch('insecure', values.insecure?.[0]);
  const grpc = (values.grpc ?? DEFAULTS.grpc).map((text) => parseServerAddress('grpc', text, insecure));
  const http = values.http?.[0] ?? DEFAULTS.http;
  const database = parseDatabase(values.database?.[0] ?? DEFAULTS.database);
  return {
    grpc,
    http: http === 'off' ? undefined : parseServerAddress('http', http, insecure),
    database,
    posixRoots: (values['posix-root'] ?? []).map(parsePosixRoot),
    agentPools: [...new Set((values['agent-pool'] ?? [DEFAULT_POOL]).map(parseAgentPool))],
    activityLog: parseActivityLog(values['activity-log']?.[0], database),
    credentialsKey: parseCredentialsKey(values['credentials-key']?.[0], database),
    uploads: parseUploads(values.uploads?.[0], database),
    sortDirectory: parseSortDirectory(values['sort-directory']?.[0]),
    drainTimeoutMs: parseDrainTimeout(values['drain-timeout']?.[0] ?? DEFAULTS['drain-timeout']),
  };
}

function parseServerAddress(name: SettingName, text: string, insecure: boolean): Address {
  const address = parseAddress(text);
  const forms = name === 'http' ? 'HOST:PORT, unix:PATH or off' : 'HOST:PORT or unix:PATH';
  if (address === undefined) throw new ConfigError(`--${name} ${text}: is not ${forms}`);
  if (insecure || isLocal(address)) return address;
  throw new ConfigError(
    `--${name} ${formatAddress(address)}: can be reached from other machines, without TLS and authentication; listen on loopback or a unix socket, or give --insecure`,
  );
}

function parseSwitch(name: SettingName, text: string | undefined): boolean {
  if (text === undefined || text === 'off' || text === 'false') return false;
  if (text === 'on' || text === 'true') return true;
  throw new ConfigError(`--${name} ${text}: is neither on nor off`);
}

function parseDatabase(text: string): DatabaseSetting {
  if (text === 'memory:') return { kind: 'memory' };
  if (text.startsWith('sqlite:') && text.length > 'sqlite:'.length)
    return { kind: 'sqlite', path: text.slice('sqlite:'.length) };
  if (text.startsWith('postgres:') || text.startsWith('postgresql:')) {
    throw new ConfigError('--database: PostgreSQL is not implemented yet; use sqlite:PATH or memory:');
  }
  // Such a URL may hold a password, and this line goes into logs.
  const shown = text.replace(/\/\/[^/@]*@/, '//…@');
  throw new ConfigError(`--database ${shown}: is not sqlite:PATH or memory:`);
}

function parsePosixRoot(text: string): string {
  if (text === '') throw new ConfigError('--posix-root: must not be empty');
  return text;
}

/** Beside the database unless it is told otherwise; a database in memory has no such place. */
function parseActivityLog(text: string | undefined, database: DatabaseSetting): string | undefined {
  if (text === '') throw new ConfigError('--activity-log: must be a directory, or off');
  if (text === 'off') return undefined;
  if (text !== undefined) return text;
  return database.kind === 'sqlite' ? join(dirname(database.path), 'activity') : undefined;
}

/** As with the activity log. */
function parseUploads(text: string | undefined, database: DatabaseSetting): string | undefined {
  if (text === '') throw new ConfigError('--uploads: must be a directory, or off');
  if (text === 'off') return undefined;
  if (text !== undefined) return text;
  return database.kind === 'sqlite' ? join(dirname(database.path), 'uploads') : undefined;
}

/** Beside the database unless it is told otherwise. */
function parseCredentialsKey(text: string | undefined, database: DatabaseSetting): string | undefined {
  if (text === '') throw new ConfigError('--credentials-key: must be a file');
  if (text !== undefined) return text;
  return database.kind === 'sqlite' ? `${database.path}.credentials-key` : undefined;
}

function parseSortDirectory(text: string | undefined): string | undefined {
  if (text === '') throw new ConfigError('--sort-directory: must be a directory');
  return text;
}

function parseAgentPool(text: string): string | undefined {
  if (text === DEFAULT_POOL) return undefined;
  if (/^projects\/[^/\s]+\/agentPools\/[^/\s]+$/.test(text)) return text;
  throw new ConfigError(`--agent-pool ${text}: is neither ${DEFAULT_POOL} nor projects/PROJECT/agentPools/ID`);
}

function parseDrainTimeout(text: string): number {
  const timeoutMs = parseDurationMs(text);
  if (timeoutMs === undefined || timeoutMs > DRAIN_TIMEOUT_MAX_MS) {
    throw new ConfigError(`--drain-timeout ${text}: is not a duration of at most a day, such as 25s or 1m30s`);
  }
  return timeoutMs;
}

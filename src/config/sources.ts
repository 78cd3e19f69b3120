import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import type * as Yaml from 'yaml';

/** A setting nobody can start with: its message is one line for the person who gave it. Exit status 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The settings of `longrunning serve`, as flag names. `many` may repeat. */
export const SETTINGS = {
  grpc: 'many',
  http: 'one',
  database: 'one',
  'posix-root': 'many',
  'agent-pool': 'many',
  'activity-log': 'one',
  'credentials-key': 'one',
  'sort-directory': 'one',
  uploads: 'one',
  'drain-timeout': 'one',
  insecure: 'switch',
  config: 'one',
} as const;

export type SettingName = keyof typeof SETTINGS;

/** What was given for each setting, from the strongest source that names it. Values are never empty lists. */
export interface RawSettings {
  readonly values: Partial<Record<SettingName, readonly string[]>>;
  /** The sections of the file that are no settings, unparsed. */
  readonly limits: unknown;
  readonly surfaces: unknown;
  readonly topics: unknown;
  readonly buckets: unknown;
  readonly egress: unknown;
  readonly cors: unknown;
  /** Environment variables that look like settings and are none. */
  readonly unknownVariables: readonly string[];
}

/** What the commands for clients read. */
const CLIENT_VARIABLES: readonly string[] = ['LONGRUNNING_ADDRESS', 'LONGRUNNING_PROJECT'];

/** What Kubernetes sets in every pod beside a Service named `longrunning`. */
const SERVICE_VARIABLE = /^LONGRUNNING_(?:SERVICE_HOST$|SERVICE_PORT(?:_|$)|PORT(?:_\d+_|$))/;

/** Members of the file beside the settings. */
const SECTIONS: readonly string[] = ['limits', 'surfaces', 'topics', 'buckets', 'egress', 'cors'];

/**
 * Collects settings: flags before environment variables (`LONGRUNNING_POSIX_ROOT`, lists split at commas) before the YAML file.
 *
 * @throws ConfigError naming the flag, variable or member that is wrong.
 */
export function readSources(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): RawSettings {
  const flags = readFlags(args);
  const variables = readVariables(environment);
  const path = (flags.config ?? variables.config)?.at(-1);
  const file = path === undefined ? { values: {}, ...sectionsOf({}) } : readFile(path);
  const unknownVariables = unknownOf(environment);
  return { ...file, values: { ...file.values, ...variables, ...flags }, unknownVariables };
}

type Values = Partial<Record<SettingName, readonly string[]>>;

function isSetting(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

function readFlags(args: readonly string[]): Values {
  const options = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, form]) => [
      name,
      { type: form === 'switch' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const values: Record<string, string[]> = {};
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional')
      throw new ConfigError(`unexpected argument ${JSON.stringify(token.value)}; flags begin with --`);
    const { name, value } = token;
    if (!isSetting(name) || token.rawName !== `--${name}`)
      throw new ConfigError(`unknown flag ${token.rawName}; known are ${known('--')}`);
    if (value === undefined && SETTINGS[name] !== 'switch') throw new ConfigError(`--${name} needs a value`);
    const given = (values[name] ??= []);
    if (given.length > 0 && SETTINGS[name] !== 'many') throw new ConfigError(`--${name} is given twice`);
    given.push(value ?? 'on');
  }
  return values;
}

function readVariables(environment: Readonly<Record<string, string | undefined>>): Values {
  const values: Values = {};
  for (const name of Object.keys(SETTINGS).filter(isSetting)) {
    const value = environment[variableName(name)];
    if (value === undefined || value === '') continue;
    values[name] = SETTINGS[name] === 'many' ? value.split(',').map((part) => part.trim()) : [value];
  }
  return values;
}

function unknownOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const known = new Set([...Object.keys(SETTINGS).filter(isSetting).map(variableName), ...CLIENT_VARIABLES]);
  const isUnknown = (name: string): boolean => !known.has(name) && !SERVICE_VARIABLE.test(name);
  return Object.keys(environment).filter((name) => name.startsWith('LONGRUNNING_') && isUnknown(name));
}

/** `posix-root` → `LONGRUNNING_POSIX_ROOT`. */
function variableName(name: SettingName): string {
  return `LONGRUNNING_${name.toUpperCase().replaceAll('-', '_')}`;
}

function readFile(path: string): Omit<RawSettings, 'unknownVariables'> {
  const members = parseFile(path);
  const values: Values = {};
  for (const [member, value] of Object.entries(members)) {
    if (SECTIONS.includes(member)) continue;
    if (!isSetting(member) || member === 'config')
      throw new ConfigError(`${path}: unknown member ${member}; known are ${known('')}, ${SECTIONS.join(', ')}`);
    values[member] = textsOf(value, `${path}: ${member}`, SETTINGS[member] === 'many');
  }
  return { values, ...sectionsOf(members) };
}

/** Unparsed; undefined where the file has none. */
function sectionsOf(members: Readonly<Record<string, unknown>>): Omit<RawSettings, 'values' | 'unknownVariables'> {
  const { limits, surfaces, topics, buckets, egress, cors } = members;
  return { limits, surfaces, topics, buckets, egress, cors };
}

/** Loaded when there is a file to read, and at once, as settings are read before anything can wait: it costs a start some 30 ms. */
function yaml(): typeof Yaml {
  return createRequire(import.meta.url)('yaml') as typeof Yaml;
}

function parseFile(path: string): Record<string, unknown> {
  let document: unknown;
  try {
    const parsed = yaml().parseDocument(readFileSync(path, 'utf8'));
    // A tag that nobody knows is a warning to the parser, and would be printed by it.
    const problem = parsed.errors[0] ?? parsed.warnings[0];
    if (problem !== undefined) throw problem;
    document = parsed.toJS();
  } catch (error) {
    throw new ConfigError(`--config ${path}: ${firstLine(error)}`, { cause: error });
  }
  if (document === null || document === undefined) return {};
  if (typeof document !== 'object' || Array.isArray(document))
    throw new ConfigError(`--config ${path}: must be a mapping of settings`);
  return document as Record<string, unknown>;
}

function textsOf(value: unknown, where: string, many: boolean): readonly string[] {
  const items = many && Array.isArray(value) ? (value as unknown[]) : [value];
  if (items.length === 0) throw new ConfigError(`${where}: must not be an empty list; leave it out`);
  return items.map((item) => {
    // YAML reads `off` and `on` as text and `true` as a boolean: both spellings of a switch are meant.
    if (typeof item === 'boolean') return item ? 'on' : 'off';
    if (typeof item === 'string' || typeof item === 'number') return String(item);
    throw new ConfigError(`${where}: must be ${many ? 'a text or a list of texts' : 'a text'}`);
  });
}

function known(prefix: string): string {
  return Object.keys(SETTINGS)
    .map((name) => prefix + name)
    .join(', ');
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}

import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { BucketBinding, BucketBindings, GcsBinding, S3Binding, SecretReference } from '../core/bucket-binding.ts';
import { ConfigError } from './sources.ts';

type Members = Readonly<Record<string, unknown>>;

const KINDS = ['directory', 'gcs', 's3'] as const;
const MEMBERS: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  directory: ['kind', 'path'],
  gcs: ['kind', 'bucket', 'prefix', 'endpoint', 'credentials'],
  s3: [
    'kind',
    'bucket',
    'prefix',
    'endpoint',
    'region',
    'style',
    'access-key-id',
    'secret-access-key',
    'session-token',
  ],
};

/**
 * The `buckets` section of the file: what stands behind each bucket's name.
 *
 * @throws ConfigError naming the member that is wrong, or the secret that is not there. Never holds a secret.
 */
export function parseBuckets(
  given: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): BucketBindings {
  if (given === undefined) return {};
  const section = membersOf(given, 'buckets');
  const bindings = Object.entries(section).map(([name, value]) => {
    const where = `buckets.${name}`;
    return [name, parseBinding(membersOf(value, where), where, environment)] as const;
  });
  return Object.freeze(Object.fromEntries(bindings));
}

function parseBinding(
  members: Members,
  where: string,
  environment: Readonly<Record<string, string | undefined>>,
): BucketBinding {
  const kind = choiceOf(members['kind'], KINDS, `${where}.kind`);
  for (const name of Object.keys(members)) {
    if (!MEMBERS[kind].includes(name))
      throw new ConfigError(`${where}: there is no ${name}; of kind ${kind} known are ${MEMBERS[kind].join(', ')}`);
  }
  if (kind === 'directory') return { kind, path: absolutePathOf(members['path'], `${where}.path`) };
  return kind === 'gcs' ? parseGcs(members, where, environment) : parseS3(members, where, environment);
}

function parseGcs(
  members: Members,
  where: string,
  environment: Readonly<Record<string, string | undefined>>,
): GcsBinding {
  const { endpoint } = members;
  return {
    kind: 'gcs',
    ...remoteOf(members, where),
    ...(endpoint === undefined ? {} : { endpoint: endpointOf(endpoint, `${where}.endpoint`) }),
    credentials: gcsCredentialsOf(members['credentials'], `${where}.credentials`, environment),
  };
}

function gcsCredentialsOf(
  given: unknown,
  where: string,
  environment: Readonly<Record<string, string | undefined>>,
): GcsBinding['credentials'] {
  if (given === 'none' || given === 'metadata-server') return { kind: given };
  if (given === undefined || typeof given === 'string')
    throw new ConfigError(`${where}: must be none, metadata-server, or the file or env of a service account's key`);
  return { kind: 'service-account', key: secretOf(given, where, environment) };
}

function parseS3(
  members: Members,
  where: string,
  environment: Readonly<Record<string, string | undefined>>,
): S3Binding {
  const style = members['style'] ?? 'path';
  const secret = (name: string): SecretReference => secretOf(members[name], `${where}.${name}`, environment);
  return {
    kind: 's3',
    ...remoteOf(members, where),
    endpoint: endpointOf(members['endpoint'], `${where}.endpoint`),
    region: textOf(members['region'] ?? 'us-east-1', `${where}.region`),
    isVirtualHosted: choiceOf(style, ['path', 'virtual-hosted'], `${where}.style`) === 'virtual-hosted',
    accessKeyId: secret('access-key-id'),
    secretAccessKey: secret('secret-access-key'),
    ...(members['session-token'] === undefined ? {} : { sessionToken: secret('session-token') }),
  };
}

function remoteOf(
  { bucket, prefix = '' }: Members,
  where: string,
): { readonly bucket?: string; readonly prefix: string } {
  const text = prefix === '' ? '' : textOf(prefix, `${where}.prefix`);
  if (text !== '' && (!text.endsWith('/') || text.startsWith('/')))
    throw new ConfigError(`${where}.prefix: must end with / and not begin with it`);
  return { ...(bucket === undefined ? {} : { bucket: textOf(bucket, `${where}.bucket`) }), prefix: text };
}

/** A secret itself never stands in the file: it would be read, copied and committed with the rest of it. */
function secretOf(
  given: unknown,
  where: string,
  environment: Readonly<Record<string, string | undefined>>,
): SecretReference {
  const form = `${where}: must be {env: NAME} or {file: PATH}`;
  if (typeof given !== 'object' || given === null) throw new ConfigError(form);
  const { env, file, ...others } = given as Members;
  if (Object.keys(others).length > 0 || (env === undefined) === (file === undefined)) throw new ConfigError(form);
  if (env !== undefined) {
    const name = textOf(env, `${where}.env`);
    if ((environment[name] ?? '') === '') throw new ConfigError(`${where}.env: ${name} is not set`);
    return { env: name };
  }
  const path = textOf(file, `${where}.file`);
  try {
    if (readFileSync(path, 'utf8').trim() === '') throw new Error('it is empty');
  } catch (error) {
    throw new ConfigError(`${where}.file: ${path} cannot be used: ${(error as Error).message}`, { cause: error });
  }
  return { file: path };
}

function endpointOf(given: unknown, where: string): string {
  const text = textOf(given, where);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '';
  if (isOrigin && url.username === '' && url.password === '') return url.origin;
  throw new ConfigError(`${where}: must be http:// or https:// with a host, and nothing behind it`);
}

function absolutePathOf(given: unknown, where: string): string {
  const path = textOf(given, where);
  if (!isAbsolute(path)) throw new ConfigError(`${where}: must be an absolute path`);
  return path;
}

function textOf(given: unknown, where: string): string {
  if (typeof given === 'string' && given !== '') return given;
  throw new ConfigError(`${where}: must be a text`);
}

function choiceOf<Choice extends string>(given: unknown, choices: readonly Choice[], where: string): Choice {
  const choice = choices.find((each) => each === given);
  if (choice !== undefined) return choice;
  throw new ConfigError(`${where}: must be one of ${choices.join(', ')}`);
}

function membersOf(given: unknown, where: string): Members {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Members;
  throw new ConfigError(`${where}: must be a mapping`);
}

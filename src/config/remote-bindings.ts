/** Bindings of what is reached over the network, each from its members. All throw ConfigError naming the member. */
import type { AzureBinding, GcsBinding, S3Binding, S3KeyBinding, StoredSecret } from '../core/bucket-binding.ts';
import {
  choiceOf,
  endpointOf,
  endpointWithPathOf,
  flagOf,
  secretOf,
  textOf,
  type Environment,
  type Members,
} from './binding-members.ts';
import { ConfigError } from './sources.ts';

/** What a binding is read with. */
export interface BindingPlace {
  /** The name that is bound. */
  readonly name: string;
  /** Its place in the file, for messages. */
  readonly where: string;
  readonly environment: Environment;
}

export function parseGcs(members: Members, { where, environment }: BindingPlace): GcsBinding {
  const { endpoint } = members;
  return {
    kind: 'gcs',
    ...remoteOf(members, where),
    ...(endpoint === undefined ? {} : { endpoint: endpointOf(endpoint, `${where}.endpoint`) }),
    credentials: gcsCredentialsOf(members['credentials'], `${where}.credentials`, environment),
  };
}

function gcsCredentialsOf(given: unknown, where: string, environment: Environment): GcsBinding['credentials'] {
  if (given === 'none' || given === 'metadata-server') return { kind: given };
  if (given === undefined || typeof given === 'string')
    throw new ConfigError(`${where}: must be none, metadata-server, or the file or env of a service account's key`);
  return { kind: 'service-account', key: secretOf(given, where, environment) };
}

/** A name of the form `HOST/BUCKET` says the endpoint, unless that is given. */
export function parseS3(members: Members, place: BindingPlace): S3Binding | S3KeyBinding {
  const { name, where } = place;
  const { endpoint, region, style, insecure } = members;
  const shared = { ...remoteOf(members, where), ...s3KeyOf(members, place) };
  const isVirtualHosted = (given: unknown): boolean =>
    choiceOf(given, ['path', 'virtual-hosted'], `${where}.style`) === 'virtual-hosted';
  if (endpoint === undefined && name.includes('/')) {
    return {
      kind: 's3-key',
      ...shared,
      ...(region === undefined ? {} : { region: textOf(region, `${where}.region`) }),
      ...(style === undefined ? {} : { isVirtualHosted: isVirtualHosted(style) }),
      ...(insecure === undefined ? {} : { isInsecure: flagOf(insecure, `${where}.insecure`) }),
    };
  }
  if (insecure !== undefined) throw new ConfigError(`${where}.insecure: is only for a key without an endpoint`);
  const binding: S3Binding = {
    kind: 's3',
    ...shared,
    endpoint: endpointOf(endpoint, `${where}.endpoint`),
    region: textOf(region ?? 'us-east-1', `${where}.region`),
    isVirtualHosted: isVirtualHosted(style ?? 'path'),
  };
  checkHosts(binding, where);
  return binding;
}

/** The bucket of a binding of all buckets is any name. */
function checkHosts({ endpoint, isVirtualHosted }: S3Binding, where: string): void {
  if (!isVirtualHosted || URL.canParse(endpoint.replace('://', '://bucket.'))) return;
  throw new ConfigError(`${where}.style: must be path, as an address has no hosts below it`);
}

function s3KeyOf(
  members: Members,
  { where, environment }: BindingPlace,
): Pick<S3Binding, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'> {
  const secret = (name: string): StoredSecret => secretOf(members[name], `${where}.${name}`, environment);
  return {
    accessKeyId: secret('access-key-id'),
    secretAccessKey: secret('secret-access-key'),
    ...(members['session-token'] === undefined ? {} : { sessionToken: secret('session-token') }),
  };
}

/** The name says the account where it has the form `ACCOUNT/CONTAINER`. */
export function parseAzure(members: Members, place: BindingPlace): AzureBinding {
  const { name, where } = place;
  const account = accountOf(members['account'] ?? (name.includes('/') ? name.split('/', 1)[0] : undefined), where);
  const endpoint = members['endpoint'] ?? `https://${account}.blob.core.windows.net`;
  return {
    kind: 'azure',
    ...remoteOf(members, where, 'container'),
    account,
    endpoint: endpointWithPathOf(endpoint, `${where}.endpoint`),
    credentials: azureCredentialsOf(members, place),
  };
}

/** "Storage account names must be between 3 and 24 characters in length and may contain numbers and lowercase letters only." */
function accountOf(given: unknown, where: string): string {
  if (given === undefined) throw new ConfigError(`${where}.account: is needed, as the name does not say which it is`);
  const account = textOf(given, `${where}.account`);
  if (/^[a-z0-9]{3,24}$/.test(account)) return account;
  throw new ConfigError(`${where}.account: must be 3 to 24 of a-z and 0-9`);
}

function azureCredentialsOf(members: Members, { where, environment }: BindingPlace): AzureBinding['credentials'] {
  const given = ['account-key', 'sas-token', 'credentials'].filter((member) => members[member] !== undefined);
  const [only] = given;
  if (only === 'account-key' && given.length === 1)
    return { kind: only, key: secretOf(members[only], `${where}.${only}`, environment) };
  if (only === 'sas-token' && given.length === 1)
    return { kind: 'sas', token: secretOf(members[only], `${where}.${only}`, environment) };
  if (given.length === 1 && members['credentials'] === 'none') return { kind: 'none' };
  throw new ConfigError(`${where}: must have one of account-key, sas-token and "credentials: none"`);
}

/** @param member  that says what the service calls the bucket. */
function remoteOf(
  members: Members,
  where: string,
  member = 'bucket',
): { readonly bucket?: string; readonly prefix: string } {
  const { [member]: bucket, prefix = '' } = members;
  const text = prefix === '' ? '' : textOf(prefix, `${where}.prefix`);
  if (text !== '' && (!text.endsWith('/') || text.startsWith('/')))
    throw new ConfigError(`${where}.prefix: must end with / and not begin with it`);
  return { ...(bucket === undefined ? {} : { bucket: textOf(bucket, `${where}.${member}`) }), prefix: text };
}

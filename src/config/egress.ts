import { ConfigError } from './sources.ts';

/** A host that callers may name: a HostRule of stores/web. */
export interface AllowedHost {
  readonly host: string;
  readonly isPrivateAllowed: boolean;
}

/** A host name or address, `*.example.com` for all below it, or `*`. */
const HOST = /^(\*|(\*\.)?[a-z0-9:[\]]([a-z0-9.:\-[\]]*[a-z0-9:\]])?)$/;

/**
 * The `egress` section of the file: `egress: {allowed-hosts: [files.example.com, {host: intranet.example.com, private: true}]}`. Without it
 * no host is allowed. `private` lets a name lead to private addresses.
 *
 * @throws ConfigError naming what is wrong.
 */
export function parseEgress(given: unknown): readonly AllowedHost[] {
  if (given === undefined) return [];
  const { 'allowed-hosts': hosts, ...others } = membersOf(given, 'egress');
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new ConfigError(`egress: there is no ${unknown}; known is allowed-hosts`);
  if (!Array.isArray(hosts)) throw new ConfigError('egress.allowed-hosts: must be a list');
  return Object.freeze(hosts.map((each: unknown, index) => hostOf(each, `egress.allowed-hosts[${String(index)}]`)));
}

function hostOf(given: unknown, where: string): AllowedHost {
  const members = typeof given === 'string' ? { host: given } : membersOf(given, where);
  const { host, private: isPrivateAllowed = false, ...others } = members;
  const isKnown = Object.keys(others).length === 0 && typeof isPrivateAllowed === 'boolean';
  if (isKnown && typeof host === 'string' && HOST.test(host)) return { host, isPrivateAllowed };
  throw new ConfigError(
    `${where}: must be a host, *.DOMAIN, or {host: HOST, private: true}; lower case, without a port`,
  );
}

function membersOf(given: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given))
    return given as Readonly<Record<string, unknown>>;
  throw new ConfigError(`${where}: must be a mapping`);
}

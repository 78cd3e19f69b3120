/**
 * Whom the process may connect to on behalf of callers who name endpoints and URLs.
 *
 * Names are checked when they are given; addresses when a socket is about to connect to them, so that a name which resolves to
 * something else a moment later (DNS rebinding) gains nothing.
 */
import { BlockList, isIP } from 'node:net';

/** Hosts that may be reached. */
export interface HostRule {
  /** A host name or an address; `*.example.com` for all below it; `*` for any. Lower case. */
  readonly host: string;
  /** Also where it resolves to a loopback, private, link-local or metadata address: for what the operator runs inside. */
  readonly isPrivateAllowed: boolean;
}

/** What no rule allows is refused. */
export type EgressPolicy = readonly HostRule[];

/** Why a host or an address may not be reached. */
export type EgressRefusal = 'HOST_NOT_ALLOWED' | 'ADDRESS_NOT_PUBLIC';

/** Of the IANA special-purpose registries, IPv4: all that is not globally reachable, and multicast. */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** Within 2000::/3, the only part of IPv6 that is globally reachable: tunnels (which hold IPv4 addresses) and documentation. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const special = blockList([...SPECIAL_IPV4, ...SPECIAL_IPV6]);
const global6 = blockList(['2000::/3']);

/** Whether the address belongs to the public internet. Text that is no address does not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, 'ipv4');
  return family === 6 && global6.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** Whether a name may be asked for at all; its addresses are checked later. */
export function hostRefusal(host: string, policy: EgressPolicy): EgressRefusal | undefined {
  return policy.some((rule) => isMatch(host, rule.host)) ? undefined : 'HOST_NOT_ALLOWED';
}

/** Whether a socket for that host may connect to the address; the host itself is looked at again. */
export function addressRefusal(host: string, address: string, policy: EgressPolicy): EgressRefusal | undefined {
  const rules = policy.filter((rule) => isMatch(host, rule.host));
  if (rules.length === 0) return 'HOST_NOT_ALLOWED';
  if (rules.some(({ isPrivateAllowed }) => isPrivateAllowed) || isPublicAddress(address)) return undefined;
  return 'ADDRESS_NOT_PUBLIC';
}

function isMatch(host: string, pattern: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$|\.$/g, '');
  if (pattern === '*' || name === pattern) return true;
  return pattern.startsWith('*.') && name.endsWith(pattern.slice(1));
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits] = range.split('/');
    list.addSubnet(network, Number(bits), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

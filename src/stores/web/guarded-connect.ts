import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { addressRefusal, hostRefusal, type EgressPolicy, type EgressRefusal } from './egress.ts';

export interface ConnectOptions {
  readonly policy: EgressPolicy;
  readonly connectTimeoutMs: number;
  /** Certificates in PEM to trust besides those that Node trusts, for endpoints of one's own. */
  readonly certificates?: readonly string[];
  /** Asked for addresses; default is the system's resolver. */
  readonly lookup?: Lookup;
  /** Takes what one socket reads, in place of its stream: net.connect's `onread`. */
  readonly reader?: SocketReader;
}

/** Memory to read into, and who is told of it. */
export interface SocketReader {
  readonly buffer: () => Uint8Array;
  /** @returns false when nothing more is to be read until the socket is resumed. */
  readonly callback: (countBytes: number, buffer: Uint8Array) => boolean;
}

/** dns.lookup with `all`. */
export type Lookup = (
  host: string,
  options: { readonly all: true; readonly family?: number; readonly hints?: number },
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Opens sockets only to addresses that the policy allows, looked at after the name was resolved and before the connection.
 *
 * What fails for the policy is a StatusError, PERMISSION_DENIED with the reason EGRESS_REFUSED.
 */
export function guardedConnect(options: ConnectOptions): buildConnector.connector {
  const { policy, connectTimeoutMs, certificates, reader } = options;
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    allowH2: false,
    lookup: guardedLookup(policy, options.lookup ?? systemLookup),
    ...(certificates === undefined ? {} : { ca: [...certificates] }),
    ...(reader === undefined ? {} : { onread: reader }),
  });
  return (target, callback) => {
    // As URLs write IPv6 addresses; sockets want them bare.
    const host = target.hostname.replace(/^\[|\]$/g, '');
    // An address is connected to without a look-up.
    const refusal = isIP(host) === 0 ? hostRefusal(host, policy) : addressRefusal(host, host, policy);
    if (refusal === undefined) connect({ ...target, hostname: host }, callback);
    else
      queueMicrotask(() => {
        callback(egressError(host, refusal), null);
      });
  };
}

function guardedLookup(policy: EgressPolicy, lookup: Lookup): LookupFunction {
  return (host, { all = false, family, hints }, callback) => {
    const number = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : family;
    const wanted = {
      all: true as const,
      ...(number === undefined ? {} : { family: number }),
      ...(hints === undefined ? {} : { hints }),
    };
    lookup(host, wanted, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = addresses.filter(({ address }) => addressRefusal(host, address, policy) === undefined);
      const [first] = allowed;
      if (first === undefined) callback(egressError(host, 'ADDRESS_NOT_PUBLIC') as Error, []);
      else if (all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/** What a refused host is answered with; also for names that are refused before anything connects. */
export function egressError(host: string, refusal: EgressRefusal): StatusError {
  const why =
    refusal === 'HOST_NOT_ALLOWED'
      ? 'the configuration does not allow this host'
      : 'it is at an address that is not public, which the configuration must allow for this host by name';
  return new StatusError(Code.PERMISSION_DENIED, `${host}: ${why}`, {
    reason: 'EGRESS_REFUSED',
    metadata: { host, refusal },
    isFinal: true,
  });
}

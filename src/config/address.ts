import { isIP } from 'node:net';
import type { Address } from '../core/address.ts';

/** The address of `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`; undefined when the text is none of them. */
export function parseAddress(text: string): Address | undefined {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    return path === '' ? undefined : { path };
  }
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, ipv6, name, digits] = match;
  const port = Number(digits);
  if (port > 65_535 || (ipv6 !== undefined && isIP(ipv6) !== 6)) return undefined;
  return { host: ipv6 ?? name ?? '', port };
}

/** Whether only this machine can reach it. */
export function isLocal(address: Address): boolean {
  if ('path' in address) return true;
  return (
    address.host === 'localhost' ||
    address.host === '::1' ||
    (isIP(address.host) === 4 && address.host.startsWith('127.'))
  );
}

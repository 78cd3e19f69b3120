import { isIP } from 'node:net';

/** Where a server listens: a TCP host and port (0 = any free one), or a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

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

/** `HOST:PORT` or `unix:PATH`, as parseAddress reads it. */
export function formatAddress(address: Address): string {
  if ('path' in address) return `unix:${address.path}`;
  return address.host.includes(':')
    ? `[${address.host}]:${String(address.port)}`
    : `${address.host}:${String(address.port)}`;
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

/** Where a server listens: a TCP host and port (0 = any free one), or a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`. */
export function formatAddress(address: Address): string {
  if ('path' in address) return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${String(address.port)}`;
}

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
  if (port > 65_535 || (ipv6 !== undefined && !URL.canParse(`http://[${ipv6}]`))) return undefined;
  return { host: ipv6 ?? name ?? '', port };
}

/** Whether only this machine can reach it. */
export function isLocal(address: Address): boolean {
  if ('path' in address) return true;
  return address.host === 'localhost' || address.host === '::1' || /^127(\.\d{1,3}){3}$/.test(address.host);
}

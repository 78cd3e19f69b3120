/** Where a server listens: a TCP host and port (0 = any free one), or a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`. */
export function formatAddress(address: Address): string {
  if ('path' in address) return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${String(address.port)}`;
}

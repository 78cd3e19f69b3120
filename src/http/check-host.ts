import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { AllowedOrigins } from './cors.ts';
import { isBrowser } from './is-browser.ts';

const HOST = /^(?:\[(?<address>[^\]]*)\]|(?<name>[^:]*))(?::\d*)?$/;
/** Names that nobody can own: of one label, and of top-level domains that are never delegated (RFC 6761, RFC 6762, ICANN's `internal`, Kubernetes). */
const LOCAL_NAME = /^[^.]*$|\.(?:localhost|local|internal|svc)$/;

/**
 * Refuses browsers that came by a public name which is not known to be this server's. Whoever owns a name may let it point here once their
 * page is loaded: to the browser the page then has this server's origin, and no other rule holds it back ("DNS rebinding").
 *
 * Programs may use any name: a page can neither leave away nor feign all by which browsers are told.
 * @param allowed  names of these origins are known.
 * @throws StatusError PERMISSION_DENIED (reason HOST_NOT_ALLOWED).
 */
export function checkHost(headers: IncomingHttpHeaders, allowed: AllowedOrigins): void {
  const host = headers.host?.toLowerCase();
  if (host === undefined || isLocal(host) || !isBrowser(headers)) return;
  if (['*', `http://${host}`, `https://${host}`].some((origin) => allowed.has(origin))) return;
  const shown = host.slice(0, 256);
  const message = `browsers may not call by the name ${shown}; add its origin to the config file's cors, if it is this server's`;
  throw new StatusError(Code.PERMISSION_DENIED, message, { reason: 'HOST_NOT_ALLOWED', metadata: { host: shown } });
}

/** An address, or a name that is nobody's. */
function isLocal(host: string): boolean {
  const { address, name = '' } = HOST.exec(host)?.groups ?? {};
  if (address !== undefined) return isIP(address) === 6;
  return isIP(name) === 4 || (HOST.test(host) && LOCAL_NAME.test(name.replace(/\.$/, '')));
}

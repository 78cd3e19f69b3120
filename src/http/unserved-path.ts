import { HTTP_RULE_METHODS } from '../schema/http-rules.ts';
import { HttpRefusal } from './http-refusal.ts';

/** Of a path that a message shows, characters. */
const SHOWN_LENGTH_MAX = 256;

/** Methods that something is served by at a path. */
export interface ServedMethods {
  methodsOf(path: string): readonly string[];
}

/** Methods that a rule can have; a path without a rule for one of them is one that is not there. */
const KNOWN_METHODS: ReadonlySet<string> = new Set<string>([...HTTP_RULE_METHODS, 'HEAD', 'OPTIONS']);

/** The value of `Allow` for a path, `*` being all of them; '' where nothing is served. */
export function allowedMethods(path: string, served: ServedMethods): string {
  const methods = path === '*' ? HTTP_RULE_METHODS : served.methodsOf(path);
  if (methods.length === 0) return '';
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

/**
 * What a path without a route is answered: 404, as Google's transcoder does, also where other methods are served, which `Allow` then
 * names. A method that no rule can have is 405 there.
 */
export function notServed(method: string, path: string, served: ServedMethods): HttpRefusal {
  const shown = path.slice(0, SHOWN_LENGTH_MAX);
  const allow = allowedMethods(path, served);
  if (allow === '') {
    const message = `nothing is served at ${shown}; see docs/http.md for the paths`;
    return new HttpRefusal(404, message, { reason: 'PATH_NOT_FOUND', metadata: { path: shown } });
  }
  return new HttpRefusal(
    KNOWN_METHODS.has(method) ? 404 : 405,
    `${shown} is not served by ${method}, but by ${allow}`,
    {
      reason: 'METHOD_NOT_ALLOWED',
      metadata: { path: shown, method, allow },
      headers: { allow },
    },
  );
}

import { OPENAPI_PATH } from './openapi/kept-document.ts';

const OWN_PATHS: ReadonlySet<string> = new Set(['/livez', '/readyz', OPENAPI_PATH]);
const READ: readonly string[] = ['GET'];

/** Methods at a path that no rule of an API serves, but this server itself. */
export function ownMethods(path: string): readonly string[] {
  return OWN_PATHS.has(path) ? READ : [];
}

import { Code } from '../core/code.ts';
import { DEFAULT_DOMAIN, invalidArgument, StatusError } from '../core/status-error.ts';

/** What a surface may let clients do to its operations. */
export type SurfaceMethod = 'get' | 'list' | 'wait' | 'cancel' | 'delete' | 'pause' | 'resume';

/** One form of operation name with the methods it is served by. */
export interface NameForm {
  /** Segments of literals, `*` (one segment) and a final `**` (one or more), such as `transferOperations/**`. */
  readonly pattern: string;
  readonly methods: readonly SurfaceMethod[];
}

/**
 * A name space of operations and its rules: data, so that a deployment can add its own. DESIGN.md §5 has the table.
 *
 * A surface is chosen by an operation's name alone, never by headers or the host called (SURFACE.md §0.1).
 */
export interface Surface {
  readonly id: string;
  /** The ErrorInfo domain of its errors. */
  readonly domain: string;
  readonly names: readonly NameForm[];
  /** The form of ListOperationsRequest.name, same grammar. */
  readonly listName: string;
  readonly filter: 'aip-160' | 'transfer-json';
  readonly defaultPageSize: number;
  readonly maxPageSize: number;
  /** The one location that exists, where names have one; `-` then reads across all. */
  readonly location?: string;
  /** OAuth scope that callers need, where authentication is on. */
  readonly scope: string;
}

const ALL_FIVE: readonly SurfaceMethod[] = ['get', 'list', 'wait', 'cancel', 'delete'];
const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform';

/** The surfaces every deployment has. */
export const SURFACES: readonly Surface[] = [
  {
    id: 'longrunning',
    domain: DEFAULT_DOMAIN,
    names: [{ pattern: 'operations/**', methods: ALL_FIVE }],
    listName: 'operations',
    filter: 'aip-160',
    defaultPageSize: 100,
    maxPageSize: 1000,
    scope: CLOUD_PLATFORM,
  },
  {
    id: 'storagetransfer',
    domain: 'storagetransfer.googleapis.com',
    // The API binds no delete. Wait has no binding either, and harms no client over gRPC (SURFACE.md §1.5).
    names: [{ pattern: 'transferOperations/**', methods: ['get', 'list', 'wait', 'cancel', 'pause', 'resume'] }],
    listName: 'transferOperations',
    filter: 'transfer-json',
    defaultPageSize: 256,
    maxPageSize: 256,
    scope: CLOUD_PLATFORM,
  },
  {
    id: 'storagebatchoperations',
    domain: 'storagebatchoperations.googleapis.com',
    names: [{ pattern: 'projects/*/locations/*/operations/*', methods: ALL_FIVE }],
    listName: 'projects/*/locations/*',
    filter: 'aip-160',
    defaultPageSize: 100,
    maxPageSize: 1000,
    location: 'global',
    scope: CLOUD_PLATFORM,
  },
  {
    id: 'checks',
    domain: 'checks.googleapis.com',
    names: [
      { pattern: 'accounts/*/apps/*/operations/*', methods: ALL_FIVE },
      { pattern: 'accounts/*/repos/*/operations/*', methods: ['get'] },
    ],
    listName: 'accounts/*/apps/*',
    filter: 'aip-160',
    defaultPageSize: 100,
    maxPageSize: 1000,
    scope: 'https://www.googleapis.com/auth/checks',
  },
];

/** Bytes of a resource name; longer ones are refused before they are looked at. */
const NAME_BYTES_MAX = 1024;

// Control characters (C0, DEL, C1) and lone surrogates never stand in a name.
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Finds the surface of names. Pure. */
export class SurfaceTable {
  readonly #surfaces: readonly Surface[];
  readonly #byId: ReadonlyMap<string, Surface>;

  constructor(surfaces: readonly Surface[] = SURFACES) {
    this.#surfaces = surfaces;
    this.#byId = new Map(surfaces.map((surface) => [surface.id, surface]));
  }

  /** @throws StatusError INVALID_ARGUMENT when no surface has this id. */
  byId(id: string): Surface {
    const surface = this.#byId.get(id);
    if (surface === undefined) throw invalidArgument('surface', `there is no surface ${JSON.stringify(id)}`);
    return surface;
  }

  /** The ErrorInfo domain for errors about a name, well formed or not: its first segment tells. */
  domainOf(name: string): string {
    const first = name.split('/', 1)[0];
    const isOfIt = (pattern: string): boolean => pattern.split('/', 1)[0] === first;
    return (
      this.#surfaces.find((surface) => surface.names.some((form) => isOfIt(form.pattern)))?.domain ?? DEFAULT_DOMAIN
    );
  }

  /**
   * The surface of an operation's name.
   *
   * @throws StatusError INVALID_ARGUMENT for a name of no form; UNIMPLEMENTED when its form is not served by the method.
   */
  ofOperation(name: string, method: SurfaceMethod): Surface {
    assertWellFormed(name);
    for (const surface of this.#surfaces) {
      const form = surface.names.find((candidate) => matchesPattern(candidate.pattern, name));
      if (form === undefined) continue;
      if (form.methods.includes(method)) return surface;
      throw new StatusError(Code.UNIMPLEMENTED, `${name}: ${form.pattern} has no ${method} method`, {
        reason: 'METHOD_NOT_SERVED',
        domain: surface.domain,
        metadata: { name, method, pattern: form.pattern },
      });
    }
    throw this.#noSuchForm(name, 'an operation name', (surface) => surface.names.map((form) => form.pattern));
  }

  /**
   * The surface of ListOperationsRequest.name.
   *
   * @throws StatusError as ofOperation.
   */
  ofList(name: string): Surface {
    assertWellFormed(name);
    const surface = this.#surfaces.find((candidate) => matchesPattern(candidate.listName, name));
    if (surface !== undefined) return surface;
    throw this.#noSuchForm(name, 'the name of a collection of operations', (candidate) => [candidate.listName]);
  }

  #noSuchForm(name: string, what: string, formsOf: (surface: Surface) => readonly string[]): StatusError {
    const forms = this.#surfaces.flatMap(formsOf).join(', ');
    return invalidArgument('name', `${JSON.stringify(name)} is not ${what}; the forms are ${forms}`, {
      reason: 'INVALID_NAME',
      domain: this.domainOf(name),
      metadata: { name },
    });
  }
}

/** Whether a name is of the pattern: `*` is one segment, a final `**` one or more. Linear in the name. */
export function matchesPattern(pattern: string, name: string): boolean {
  const wanted = pattern.split('/');
  const given = name.split('/');
  const open = wanted.at(-1) === '**';
  if (open ? given.length < wanted.length : given.length !== wanted.length) return false;
  if (given.some((segment) => segment === '')) return false;
  return wanted.every((segment, index) => segment === '*' || segment === '**' || segment === given[index]);
}

function assertWellFormed(name: string): void {
  if (name === '')
    throw invalidArgument('name', 'must not be empty; give the name of the operation or its parent', {
      reason: 'INVALID_NAME',
    });
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) {
    throw invalidArgument('name', `is longer than ${String(NAME_BYTES_MAX)} bytes`, { reason: 'INVALID_NAME' });
  }
  if (FORBIDDEN.test(name))
    throw invalidArgument('name', 'holds a character that no name may hold', { reason: 'INVALID_NAME' });
}

import { Code } from '../core/code.ts';
import { DEFAULT_DOMAIN, invalidArgument, StatusError } from '../core/status-error.ts';
import { assertWellFormed, NamePattern } from './name-pattern.ts';

/** What a surface may let clients do to its operations. */
export type SurfaceMethod = 'get' | 'list' | 'wait' | 'cancel' | 'delete' | 'pause' | 'resume';

/** One form of operation name with the methods it is served by. */
export interface NameForm {
  /** See NamePattern; such as `transferOperations/**`. */
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
  /** Collections, same grammar, that its API does not list: OperationControl alone reads them. */
  readonly controlledNames?: readonly string[];
  /** Its operations are made by its own API alone. */
  readonly makesItsOwn?: true;
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
    makesItsOwn: true,
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
    controlledNames: ['accounts/*/repos/*'],
    filter: 'aip-160',
    defaultPageSize: 100,
    maxPageSize: 1000,
    scope: 'https://www.googleapis.com/auth/checks',
  },
];

/**
 * The name of a new operation in a collection: the first form that begins as the collection's name does and ends in the id.
 *
 * @returns undefined where the surface makes its own, or has no such form.
 */
export function newOperationName(surface: Surface, collection: string, id: string): string | undefined {
  if (surface.makesItsOwn === true) return undefined;
  const start = collection.split('/');
  for (const { pattern } of surface.names) {
    const rest = pattern.split('/').slice(start.length);
    const last = rest.pop();
    const isOpen = last === '*' || last === '**';
    if (isOpen && !rest.includes('*')) return [...start, ...rest, id].join('/');
  }
  return undefined;
}

/** A surface with its patterns ready to match. */
interface Entry {
  readonly surface: Surface;
  readonly forms: readonly { readonly pattern: NamePattern; readonly methods: ReadonlySet<SurfaceMethod> }[];
  readonly list: NamePattern;
  /** Those that are listed, and those that are not. */
  readonly collections: readonly NamePattern[];
}

/** Finds the surface of names. Pure. */
export class SurfaceTable {
  readonly #entries: readonly Entry[];
  readonly #byId: ReadonlyMap<string, Surface>;

  /** @throws StatusError INVALID_ARGUMENT (reason INVALID_SURFACE) for an id that is taken, or names that two surfaces would have. */
  constructor(surfaces: readonly Surface[] = SURFACES) {
    this.#entries = surfaces.map(entryOf);
    for (const [index, entry] of this.#entries.entries()) assertApart(entry, this.#entries.slice(0, index));
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
    const isOfIt = ({ forms }: Entry): boolean => forms.some(({ pattern }) => pattern.first === first);
    return this.#entries.find(isOfIt)?.surface.domain ?? DEFAULT_DOMAIN;
  }

  /**
   * The surface of an operation's name.
   *
   * @throws StatusError INVALID_ARGUMENT for a name of no form; UNIMPLEMENTED when its form is not served by the method.
   */
  ofOperation(name: string, method: SurfaceMethod): Surface {
    assertWellFormed(name);
    for (const { surface, forms } of this.#entries) {
      for (const { pattern, methods } of forms) {
        if (!pattern.matches(name)) continue;
        if (methods.has(method)) return surface;
        throw notServed(name, method, { surface, pattern });
      }
    }
    throw this.#noSuchForm(name, 'an operation name', ({ names }) => names.map((form) => form.pattern));
  }

  /**
   * The surface of ListOperationsRequest.name.
   *
   * @throws StatusError as ofOperation.
   */
  ofList(name: string): Surface {
    assertWellFormed(name);
    const entry = this.#entries.find(({ list }) => list.matches(name));
    if (entry !== undefined) return entry.surface;
    throw this.#noSuchForm(name, A_COLLECTION, ({ listName }) => [listName]);
  }

  /**
   * The surface of a collection that OperationControl reads: also of one that ListOperations does not.
   *
   * @throws StatusError as ofOperation.
   */
  ofCollection(name: string): Surface {
    assertWellFormed(name);
    const entry = this.#entries.find(({ collections }) => collections.some((collection) => collection.matches(name)));
    if (entry !== undefined) return entry.surface;
    throw this.#noSuchForm(name, A_COLLECTION, collectionsOf);
  }

  #noSuchForm(name: string, what: string, formsOf: (surface: Surface) => readonly string[]): StatusError {
    const forms = this.#entries.flatMap(({ surface }) => formsOf(surface)).join(', ');
    return invalidArgument('name', `${JSON.stringify(name)} is not ${what}; the forms are ${forms}`, {
      reason: 'INVALID_NAME',
      domain: this.domainOf(name),
      metadata: { name },
    });
  }
}

const A_COLLECTION = 'the name of a collection of operations';

function collectionsOf({ listName, controlledNames = [] }: Surface): readonly string[] {
  return [listName, ...controlledNames];
}

function entryOf(surface: Surface): Entry {
  return {
    surface,
    forms: surface.names.map(({ pattern, methods }) => ({
      pattern: new NamePattern(pattern),
      methods: new Set(methods),
    })),
    list: new NamePattern(surface.listName),
    collections: collectionsOf(surface).map((text) => new NamePattern(text)),
  };
}

function notServed(
  name: string,
  method: SurfaceMethod,
  { surface, pattern }: { readonly surface: Surface; readonly pattern: NamePattern },
): StatusError {
  return new StatusError(Code.UNIMPLEMENTED, `${name}: ${pattern.text} has no ${method} method`, {
    reason: 'METHOD_NOT_SERVED',
    domain: surface.domain,
    metadata: { name, method, pattern: pattern.text },
  });
}

/** A name must never have two surfaces, so no two may share one. */
function assertApart(entry: Entry, others: readonly Entry[]): void {
  const { id } = entry.surface;
  for (const other of others) {
    if (other.surface.id === id) throw notApart(id, other, 'the id');
    const shared =
      entry.forms.find(({ pattern }) => other.forms.some((form) => form.pattern.overlaps(pattern)))?.pattern ??
      entry.collections.find((pattern) => other.collections.some((each) => each.overlaps(pattern)));
    if (shared !== undefined) throw notApart(id, other, `names of the form ${shared.text}`);
  }
}

function notApart(id: string, { surface }: Entry, what: string): StatusError {
  return invalidArgument('surface', `${id} has ${what} that surface ${surface.id} has; each name has one surface`, {
    reason: 'INVALID_SURFACE',
    metadata: { surface: id, other: surface.id },
  });
}

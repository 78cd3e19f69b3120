import { ConfigError } from './sources.ts';

const METHODS = ['get', 'list', 'wait', 'cancel', 'delete'] as const;

/** A name space of operations that the deployment adds: a Surface of operations/. */
export interface OwnSurface {
  readonly id: string;
  readonly domain: string;
  readonly names: readonly { readonly pattern: string; readonly methods: readonly (typeof METHODS)[number][] }[];
  readonly listName: string;
  readonly filter: 'aip-160';
  readonly defaultPageSize: number;
  readonly maxPageSize: number;
  readonly scope: string;
}

const TEXTS = ['id', 'domain', 'list', 'scope'] as const;
const SIZES = ['defaultPageSize', 'maxPageSize'] as const;
const MEMBERS: readonly string[] = [...TEXTS, ...SIZES, 'names', 'methods'];

/** Operations on one page unless the caller asks for another number, and at most: as the surfaces that are built in. */
const PAGE_SIZES = { defaultPageSize: 100, maxPageSize: 1000 };
const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform';

type Members = Readonly<Record<string, unknown>>;

/**
 * The `surfaces` section of the config file:
 * `surfaces: [{id: reports, domain: reports.example.com, names: [reports/*\/operations/*], list: reports/*}]`, and optionally
 * `methods` (all five unless given), `defaultPageSize`, `maxPageSize` and `scope`.
 *
 * @throws ConfigError naming the member that is missing, unknown or wrong. Whether the names are free is for the table of surfaces.
 */
export function parseSurfaces(given: unknown): readonly OwnSurface[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new ConfigError('surfaces: must be a list');
  return given.map((item: unknown, index) => parseSurface(item, `surfaces[${String(index)}]`));
}

function parseSurface(given: unknown, where: string): OwnSurface {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigError(`${where}: must be a mapping with id, domain, names and list`);
  }
  const members = given as Members;
  const unknown = Object.keys(members).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw new ConfigError(`${where}: there is no ${unknown}; known are ${MEMBERS.join(', ')}`);
  const methods = parseMethods(members['methods'], where);
  return {
    id: textOf(members, 'id', where),
    domain: textOf(members, 'domain', where),
    names: textsOf(members, 'names', where).map((pattern) => ({ pattern, methods })),
    listName: textOf(members, 'list', where),
    filter: 'aip-160',
    defaultPageSize: sizeOf(members, 'defaultPageSize', where),
    maxPageSize: sizeOf(members, 'maxPageSize', where),
    scope: members['scope'] === undefined ? CLOUD_PLATFORM : textOf(members, 'scope', where),
  };
}

function parseMethods(given: unknown, where: string): OwnSurface['names'][number]['methods'] {
  if (given === undefined) return METHODS;
  const methods = METHODS.filter((method) => Array.isArray(given) && given.includes(method));
  if (Array.isArray(given) && methods.length === given.length && methods.length > 0) return methods;
  throw new ConfigError(`${where}.methods: must be a list of some of ${METHODS.join(', ')}`);
}

function textOf(members: Members, name: (typeof TEXTS)[number], where: string): string {
  const value = members[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new ConfigError(`${where}.${name}: must be a text`);
}

function textsOf(members: Members, name: string, where: string): readonly string[] {
  const values = members[name];
  if (Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === 'string')) return values;
  throw new ConfigError(`${where}.${name}: must be a list of texts`);
}

function sizeOf(members: Members, name: (typeof SIZES)[number], where: string): number {
  const value = members[name] ?? PAGE_SIZES[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= PAGE_SIZES.maxPageSize)
    return value;
  throw new ConfigError(`${where}.${name}: must be a whole number from 1 to ${String(PAGE_SIZES.maxPageSize)}`);
}

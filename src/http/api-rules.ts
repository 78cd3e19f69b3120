import type { HttpRule } from '../schema/http-rules.ts';

/** One binding of an RPC that overrides what its proto is annotated with. */
export interface ApiRule extends HttpRule {
  readonly service: string;
  readonly rpc: string;
  /** The ErrorInfo domain of errors that are found before the request is understood. */
  readonly domain: string;
  /** `Prefer: wait=N` makes of this Get a Wait (RFC 7240). */
  readonly prefersWait?: true;
}

/** Operations that a deployment adds: a Surface of operations/, as far as HTTP is concerned. */
export interface OwnOperations {
  readonly domain: string;
  /** Such as `reports/*\/operations/*`, each with what it is served by. */
  readonly names: readonly { readonly pattern: string; readonly methods: readonly OperationMethod[] }[];
  /** The form of ListOperationsRequest.name, such as `reports/*`. */
  readonly listName: string;
}

type OperationMethod = 'get' | 'list' | 'wait' | 'cancel' | 'delete';

/** One form of operations' names in one API. */
interface OperationForm {
  readonly domain: string;
  readonly version: 'v1' | 'v1alpha';
  readonly name: string;
  /** The path of the list, behind the version. */
  readonly list: string;
  readonly methods: readonly OperationMethod[];
  readonly prefersWait?: true;
}

const OPERATIONS = 'google.longrunning.Operations';
const LOCATIONS = 'google.cloud.location.Locations';
const BATCH_DOMAIN = 'storagebatchoperations.googleapis.com';
const CHECKS_DOMAIN = 'checks.googleapis.com';
const ALL_FIVE: readonly OperationMethod[] = ['get', 'list', 'wait', 'cancel', 'delete'];

/**
 * google.longrunning.Operations as each API's service configuration binds it. google/api/http.proto: "any transcoding specified in the
 * service config will override any matching transcoding in the proto", so that only what is listed here is served.
 */
const OPERATION_FORMS: readonly OperationForm[] = [
  {
    domain: 'longrunning.googleapis.com',
    version: 'v1',
    name: 'operations/**',
    list: '{name=operations}',
    methods: ALL_FIVE,
    prefersWait: true,
  },
  {
    domain: 'storagetransfer.googleapis.com',
    version: 'v1',
    name: 'transferOperations/**',
    list: '{name=transferOperations}',
    methods: ['get', 'list', 'cancel'],
  },
  {
    domain: BATCH_DOMAIN,
    version: 'v1',
    name: 'projects/*/locations/*/operations/*',
    list: '{name=projects/*/locations/*}/operations',
    methods: ['get', 'list', 'cancel', 'delete'],
  },
  {
    domain: CHECKS_DOMAIN,
    version: 'v1alpha',
    name: 'accounts/*/apps/*/operations/*',
    list: '{name=accounts/*/apps/*}/operations',
    methods: ALL_FIVE,
  },
  {
    domain: CHECKS_DOMAIN,
    version: 'v1alpha',
    name: 'accounts/*/repos/*/operations/*',
    list: '{name=accounts/*/repos/*}/operations',
    methods: ['get'],
  },
];

/** The mixin of locations, which its API binds too. */
const LOCATION_RULES: readonly ApiRule[] = [
  rule(LOCATIONS, 'GetLocation', { method: 'GET', path: '/v1/{name=projects/*/locations/*}' }, BATCH_DOMAIN),
  rule(LOCATIONS, 'ListLocations', { method: 'GET', path: '/v1/{name=projects/*}/locations' }, BATCH_DOMAIN),
];

/**
 * What RPCs answer whose callers name no `fields`, by full name. Checks: "By default, only the name and results_uri fields are returned. You
 * can include other fields by listing them in the `fields` URL query parameter."
 */
export const DEFAULT_FIELDS: ReadonlyMap<string, string> = new Map([
  ['google.checks.report.v1alpha.ReportService.GetReport', 'name,resultsUri'],
  ['google.checks.report.v1alpha.ReportService.ListReports', 'reports(name,resultsUri),nextPageToken'],
  ['google.checks.repo_scan.v1alpha.RepoScanService.GetRepoScan', 'name,resultsUri'],
  ['google.checks.repo_scan.v1alpha.RepoScanService.ListRepoScans', 'repoScans(name,resultsUri),nextPageToken'],
]);

/**
 * All rules that override annotations. An RPC that stands here has these bindings and none of its proto's; what nobody serves may
 * stand here too.
 */
export function apiRules(ownOperations: readonly OwnOperations[] = []): readonly ApiRule[] {
  const forms = [...OPERATION_FORMS, ...ownOperations.flatMap(formsOf)];
  return [...forms.flatMap(operationRules), ...LOCATION_RULES];
}

function operationRules({ domain, version, name, list, methods, prefersWait }: OperationForm): readonly ApiRule[] {
  const path = `/${version}/{name=${name}}`;
  const rules: Readonly<Record<OperationMethod, ApiRule>> = {
    get: { ...rule(OPERATIONS, 'GetOperation', { method: 'GET', path }, domain), ...(prefersWait && { prefersWait }) },
    list: rule(OPERATIONS, 'ListOperations', { method: 'GET', path: `/${version}/${list}` }, domain),
    wait: rule(OPERATIONS, 'WaitOperation', { method: 'POST', path: `${path}:wait`, body: '*' }, domain),
    cancel: rule(OPERATIONS, 'CancelOperation', { method: 'POST', path: `${path}:cancel`, body: '*' }, domain),
    delete: rule(OPERATIONS, 'DeleteOperation', { method: 'DELETE', path }, domain),
  };
  return methods.map((method) => rules[method]);
}

/** What lies between the name of the list and the operation's id is the collection: `reports/*\/operations/*` is listed by `reports/*`. */
function formsOf({ domain, names, listName }: OwnOperations): readonly OperationForm[] {
  return names.map(({ pattern, methods }) => {
    const collection = pattern.startsWith(`${listName}/`) ? pattern.slice(listName.length).replace(/\/\*\*?$/, '') : '';
    const list = `{name=${listName}}${collection.includes('*') ? '' : collection}`;
    return { domain, version: 'v1', name: pattern, list, methods, prefersWait: true };
  });
}

function rule(service: string, rpc: string, binding: HttpRule, domain: string): ApiRule {
  return { ...binding, service, rpc, domain };
}

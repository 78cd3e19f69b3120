/** Which RPC each path of Google's APIs is, one row a binding: those of the protos, and those of their service configurations. SURFACE.md §0, §2.1, §4.1 (its operations) and §5. */
import { describe, expect, test } from '@jest/globals';
import type { Method } from '../../src/api/method.ts';
import { apiRules } from '../../src/http/api-rules.ts';
import { bindRequest } from '../../src/http/bind-request.ts';
import { createRoutes } from '../../src/http/routes.ts';
import { DEFAULT_PROTO_JSON_LIMITS } from '../../src/schema/json/limits.ts';
import { rpcTypes } from '../../src/schema/rpc-types.ts';

const SERVICES = [
  'google.longrunning.Operations',
  'google.storagetransfer.v1.StorageTransferService',
  'google.checks.account.v1alpha.AccountService',
  'google.checks.report.v1alpha.ReportService',
  'google.checks.repo_scan.v1alpha.RepoScanService',
];

/** Of all RPCs, as if each were served. */
const METHODS: readonly Method[] = SERVICES.flatMap((service) =>
  [...rpcTypes(service).keys()].map((rpc) => ({
    ...{ service, rpc, domain: () => '' },
    handle: () => Promise.resolve({}),
  })),
);
const routes = createRoutes(METHODS, apiRules());

const OPERATION = 'projects/p/locations/global/operations/o';
const APP_OPERATION = 'accounts/1/apps/2/operations/o';
const POOL = 'projects/p/agentPools/a';

/** @param body  what the rule has for a body: `*`, a field, or '' for none. */
type Row = readonly [request: string, rpc: string, body: string, message: object];

const ROWS: readonly Row[] = [
  ['GET /v1/operations/a/b', 'GetOperation', '', { name: 'operations/a/b' }],
  ['GET /v1/operations', 'ListOperations', '', { name: 'operations' }],
  ['POST /v1/operations/a:wait', 'WaitOperation', '*', { name: 'operations/a' }],
  ['POST /v1/operations/a/b:cancel', 'CancelOperation', '*', { name: 'operations/a/b' }],
  ['DELETE /v1/operations/a', 'DeleteOperation', '', { name: 'operations/a' }],

  ['GET /v1/transferOperations/a/b', 'GetOperation', '', { name: 'transferOperations/a/b' }],
  ['GET /v1/transferOperations', 'ListOperations', '', { name: 'transferOperations' }],
  ['POST /v1/transferOperations/a:cancel', 'CancelOperation', '*', { name: 'transferOperations/a' }],
  ['POST /v1/transferOperations/a:pause', 'PauseTransferOperation', '*', { name: 'transferOperations/a' }],
  ['POST /v1/transferOperations/a:resume', 'ResumeTransferOperation', '*', { name: 'transferOperations/a' }],
  ['GET /v1/googleServiceAccounts/p', 'GetGoogleServiceAccount', '', { projectId: 'p' }],
  ['POST /v1/transferJobs', 'CreateTransferJob', 'transfer_job', {}],
  ['PATCH /v1/transferJobs/a/b', 'UpdateTransferJob', '*', { jobName: 'transferJobs/a/b' }],
  ['GET /v1/transferJobs/a/b', 'GetTransferJob', '', { jobName: 'transferJobs/a/b' }],
  ['GET /v1/transferJobs', 'ListTransferJobs', '', {}],
  ['POST /v1/transferJobs/a:run', 'RunTransferJob', '*', { jobName: 'transferJobs/a' }],
  ['DELETE /v1/transferJobs/a', 'DeleteTransferJob', '', { jobName: 'transferJobs/a' }],
  ['POST /v1/projects/p/agentPools', 'CreateAgentPool', 'agent_pool', { projectId: 'p' }],
  [`PATCH /v1/${POOL}`, 'UpdateAgentPool', 'agent_pool', { agentPool: { name: POOL } }],
  [`GET /v1/${POOL}`, 'GetAgentPool', '', { name: POOL }],
  ['GET /v1/projects/p/agentPools', 'ListAgentPools', '', { projectId: 'p' }],
  [`DELETE /v1/${POOL}`, 'DeleteAgentPool', '', { name: POOL }],

  [`GET /v1/${OPERATION}`, 'GetOperation', '', { name: OPERATION }],
  ['GET /v1/projects/p/locations/-/operations', 'ListOperations', '', { name: 'projects/p/locations/-' }],
  [`POST /v1/${OPERATION}:cancel`, 'CancelOperation', '*', { name: OPERATION }],
  [`DELETE /v1/${OPERATION}`, 'DeleteOperation', '', { name: OPERATION }],

  [`GET /v1alpha/${APP_OPERATION}`, 'GetOperation', '', { name: APP_OPERATION }],
  ['GET /v1alpha/accounts/1/apps/2/operations', 'ListOperations', '', { name: 'accounts/1/apps/2' }],
  [`POST /v1alpha/${APP_OPERATION}:wait`, 'WaitOperation', '*', { name: APP_OPERATION }],
  [`POST /v1alpha/${APP_OPERATION}:cancel`, 'CancelOperation', '*', { name: APP_OPERATION }],
  [`DELETE /v1alpha/${APP_OPERATION}`, 'DeleteOperation', '', { name: APP_OPERATION }],
  ['GET /v1alpha/accounts/1/repos/2/operations/o', 'GetOperation', '', { name: 'accounts/1/repos/2/operations/o' }],
  ['GET /v1alpha/accounts/1/apps/2', 'GetApp', '', { name: 'accounts/1/apps/2' }],
  ['GET /v1alpha/accounts/1/apps', 'ListApps', '', { parent: 'accounts/1' }],
  ['GET /v1alpha/accounts/1/apps/2/reports/3', 'GetReport', '', { name: 'accounts/1/apps/2/reports/3' }],
  ['GET /v1alpha/accounts/1/apps/2/reports', 'ListReports', '', { parent: 'accounts/1/apps/2' }],
  ['POST /v1alpha/accounts/1/repos/2/scans:generate', 'GenerateScan', '*', { parent: 'accounts/1/repos/2' }],
  ['GET /v1alpha/accounts/1/repos/2/scans/3', 'GetRepoScan', '', { name: 'accounts/1/repos/2/scans/3' }],
  ['GET /v1alpha/accounts/1/repos/2/scans', 'ListRepoScans', '', { parent: 'accounts/1/repos/2' }],
];

describe('a path is that of its RPC', () => {
  test.each(ROWS)('%s: %s, body %j', (request, rpc, body, message) => {
    const [method = '', path = ''] = request.split(' ');
    const match = routes.find(method, path);
    expect([match?.target.method.rpc, match?.target.rule.body ?? '']).toEqual([rpc, body]);
    if (match === undefined) return;
    const parts = { segments: match.segments, query: [], body: Buffer.alloc(0) };
    expect(bindRequest(match.target.binding, parts, DEFAULT_PROTO_JSON_LIMITS)).toEqual(message);
  });
});

test('all bindings stand in the table, and no others are made', () => {
  const inTable = ROWS.map(([request]) => {
    const [method = '', path = ''] = request.split(' ');
    return routes.find(method, path)?.target;
  });
  const left = routes.targets.filter((target) => !inTable.includes(target));
  expect(left.map(({ rule }) => `${rule.method} ${rule.path}`)).toEqual([]);
});

describe('what an API does not bind has no path', () => {
  test.each([
    'POST /v1/transferOperations/a:wait',
    'DELETE /v1/transferOperations/a',
    `POST /v1/${OPERATION}:wait`,
    'GET /v1alpha/accounts/1/repos/2/operations',
    'POST /v1alpha/accounts/1/repos/2/operations/o:cancel',
    'POST /v1alpha/accounts/1/repos/2/operations/o:wait',
    'DELETE /v1alpha/accounts/1/repos/2/operations/o',
    `GET /v1/${APP_OPERATION}`,
    'GET /v1alpha/operations/a',
    'GET /v1alpha/transferOperations/a',
    `PUT /v1/${POOL}`,
    'PUT /v1/transferJobs/a',
  ])('%s', (request) => {
    const [method = '', path = ''] = request.split(' ');
    expect(routes.find(method, path)?.target.rule.path).toBeUndefined();
  });
});

/** What the Checks API answers where nobody asks for more: discovery document, `reports` and `scans`. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Method } from '../../src/api/method.ts';
import { startHttp } from './http-server.ts';

const REPORT = { name: 'n', resultsUri: 'u', checks: [{ type: 'DATA_MONITORING_NEW_ENDPOINT' }] };
const SCAN = { name: 'n', resultsUri: 'u', cliVersion: '1' };
const REPORTS = 'google.checks.report.v1alpha.ReportService';
const SCANS = 'google.checks.repo_scan.v1alpha.RepoScanService';

const answering = (service: string, rpc: string, answer: object): Method => ({
  ...{ service, rpc, domain: () => '' },
  handle: () => Promise.resolve(answer),
});

let server: Awaited<ReturnType<typeof startHttp>>;

beforeAll(async () => {
  server = await startHttp({
    methods: [
      answering(REPORTS, 'GetReport', REPORT),
      answering(REPORTS, 'ListReports', { reports: [REPORT], nextPageToken: 't' }),
      answering(SCANS, 'GetRepoScan', SCAN),
      answering(SCANS, 'ListRepoScans', { repoScans: [SCAN], nextPageToken: 't' }),
    ],
  });
});

afterAll(() => server.close());

// "By default, only the name and results_uri fields are returned. You can include other fields by listing them in the `fields` URL query parameter."
describe.each([
  ['accounts/1/apps/2/reports/3', { name: 'n', resultsUri: 'u' }, 'checks/state', { checks: [{}] }],
  [
    'accounts/1/apps/2/reports',
    { reports: [{ name: 'n', resultsUri: 'u' }], nextPageToken: 't' },
    'reports/checks',
    { reports: [{ checks: REPORT.checks }] },
  ],
  ['accounts/1/repos/2/scans/3', { name: 'n', resultsUri: 'u' }, 'cliVersion', { cliVersion: '1' }],
  [
    'accounts/1/repos/2/scans',
    { repoScans: [{ name: 'n', resultsUri: 'u' }], nextPageToken: 't' },
    '*',
    { repoScans: [SCAN], nextPageToken: 't' },
  ],
])('a GET of %s', (path, byDefault, fields, asked) => {
  test('answers names and results alone', async () => {
    expect((await server.send(`/v1alpha/${path}`)).json).toEqual(byDefault);
  });

  test(`answers what is asked for: ${fields}`, async () => {
    expect((await server.send(`/v1alpha/${path}?fields=${fields}`)).json).toEqual(asked);
    const headers = { 'x-goog-fieldmask': fields };
    expect((await server.send(`/v1alpha/${path}`, { headers })).json).toEqual(asked);
  });
});

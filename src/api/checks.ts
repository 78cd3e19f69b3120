import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type {
  GetReportRequest,
  ListPublishedRequest,
  ListReportsRequest,
  PublishedResources,
} from '../checks/published-resources.ts';
import type { ScanGenerations } from '../checks/scan-generations.ts';
import type { GenerateScanRequest } from '../checks/scan-rules.ts';
import type { UploadAnalyses } from '../checks/upload-analyses.ts';
import type { AnalyzeUploadRequest } from '../checks/upload-rules.ts';
import type { Method, UploadMethod } from './method.ts';

const ACCOUNT_SERVICE = 'google.checks.account.v1alpha.AccountService';
const REPORT_SERVICE = 'google.checks.report.v1alpha.ReportService';
const REPO_SCAN_SERVICE = 'google.checks.repo_scan.v1alpha.RepoScanService';
const DOMAIN = 'checks.googleapis.com';

interface NamedRequest {
  readonly name?: string;
}

/** The methods of the Checks API that come without a file. They only convert: the rules are in PublishedResources and ScanGenerations. */
export function checksMethods(published: PublishedResources, scans: ScanGenerations): readonly Method[] {
  return [
    method<NamedRequest>(ACCOUNT_SERVICE, 'GetApp', ({ name }) => published.getApp(name)),
    method<ListPublishedRequest>(ACCOUNT_SERVICE, 'ListApps', async (request) => {
      const { messages, nextPageToken } = await published.listApps(request);
      return { apps: messages, nextPageToken };
    }),
    method<GetReportRequest>(REPORT_SERVICE, 'GetReport', (request) => published.getReport(request)),
    method<ListReportsRequest>(REPORT_SERVICE, 'ListReports', async (request) => {
      const { messages, nextPageToken } = await published.listReports(request);
      return { reports: messages, nextPageToken };
    }),
    method(REPORT_SERVICE, 'AnalyzeUpload', refuseUpload),
    method<GenerateScanRequest>(
      REPO_SCAN_SERVICE,
      'GenerateScan',
      async (request) => (await scans.start(request)).encoded,
    ),
    method<NamedRequest>(REPO_SCAN_SERVICE, 'GetRepoScan', ({ name }) => published.getRepoScan(name)),
    method<ListPublishedRequest>(REPO_SCAN_SERVICE, 'ListRepoScans', async (request) => {
      const { messages, nextPageToken } = await published.listRepoScans(request);
      return { repoScans: messages, nextPageToken };
    }),
  ];
}

/** The methods of the Checks API that come with a file. @param sizeMaxBytes  of a file. */
export function checksUploads(analyses: UploadAnalyses, sizeMaxBytes: number): readonly UploadMethod[] {
  const upload: UploadMethod<AnalyzeUploadRequest>['upload'] = async (request, file, { signal }) =>
    (await analyses.start(request, file, signal)).encoded;
  return [{ service: REPORT_SERVICE, rpc: 'AnalyzeUpload', domain: () => DOMAIN, sizeMaxBytes, upload }];
}

function method<Request>(service: string, rpc: string, handle: Method<Request>['handle']): Method {
  return { service, rpc, domain: () => DOMAIN, handle };
}

/** A message of gRPC is held in memory whole, and has 4 MiB: no app fits. */
function refuseUpload(): never {
  throw new StatusError(
    Code.UNIMPLEMENTED,
    'AnalyzeUpload takes its file over HTTP: POST it to /upload/v1alpha/accounts/ACCOUNT/apps/APP/reports:analyzeUpload',
    { reason: 'UPLOAD_NEEDS_HTTP', metadata: { service: REPORT_SERVICE, rpc: 'AnalyzeUpload' } },
  );
}

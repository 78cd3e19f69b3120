import type { Clock } from '../../core/clock.ts';
import type { ListCursor } from '../../operations/operation-repository.ts';
import { pageSizeOf } from '../../operations/page-size.ts';
import type { PageScope, PageTokens } from '../../operations/page-token.ts';
import type { Resource, ResourceRepository } from '../../operations/resource.ts';
import { isListedJob, parseTransferJobFilter, type TransferJobFilter } from './job-filter.ts';
import { storedJobOf } from './stored-job.ts';
import { resourceNameOf, TRANSFER_JOB_KIND, type TransferJob, type TransferJobCodec } from './transfer-job.ts';

/** ListTransferJobsRequest, as it came. */
export interface ListJobsRequest {
  readonly filter: string;
  readonly pageSize?: number;
  readonly pageToken: string;
}

export interface TransferJobPage {
  readonly jobs: readonly TransferJob[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

export interface JobListLimits {
  /** Jobs that one List may look at to fill a page; a page may then be short. */
  readonly listScanCountMax: number;
  /** Jobs that are read at a time. */
  readonly listReadSize: number;
  /** Bytes of the jobs on one page, as they are stored, which is at least what is sent; the first job comes whatever its size. */
  readonly listBytesMax: number;
}

export interface JobListDependencies {
  readonly resources: ResourceRepository;
  readonly codec: TransferJobCodec;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly limits: JobListLimits;
}

/** ListTransferJobsRequest.page_size: "The max allowed value is 256." */
const PAGE_SIZES = { defaultPageSize: 256, maxPageSize: 256 };

/** Reads the next records of the list, in its order. */
type Reader = (after: ListCursor | undefined, limit: number) => Promise<readonly Resource[]>;

/** @throws StatusError INVALID_ARGUMENT for a filter, page size or page token that is none. */
export async function listTransferJobs(
  request: ListJobsRequest,
  dependencies: JobListDependencies,
): Promise<TransferJobPage> {
  const { pageTokens, clock } = dependencies;
  const filter = parseTransferJobFilter(request.filter);
  const limit = pageSizeOf(request.pageSize, PAGE_SIZES);
  const scope: PageScope = { surface: 'transfer-jobs', collection: filter.projectId, filter: request.filter };
  const now = clock.now();
  const after = request.pageToken === '' ? undefined : pageTokens.verify(scope, request.pageToken, now);
  const { jobs, next } = await fillPage(filter, { limit, after }, dependencies);
  return { jobs, nextPageToken: next === undefined ? '' : pageTokens.sign(scope, next, now) };
}

/**
 * Reads on until the page is full, by jobs or by bytes, the list ends, or enough was looked at: a rare status must not hold the call.
 */
async function fillPage(
  filter: TransferJobFilter,
  page: { readonly limit: number; readonly after: ListCursor | undefined },
  { resources, codec, limits }: JobListDependencies,
): Promise<{ jobs: readonly TransferJob[]; next: ListCursor | undefined }> {
  const read = await readerOf(filter, resources);
  const jobs: TransferJob[] = [];
  let { after } = page;
  let bytes = 0;
  const readSize = Math.min(page.limit + 1, limits.listReadSize);
  for (let scanCount = 0; scanCount < limits.listScanCountMax; scanCount += readSize) {
    const records = await read(after, readSize);
    for (const record of records) {
      if (jobs.length === page.limit) return { jobs, next: after };
      const job = storedJobOf(record, codec);
      if (isListedJob(job, filter)) {
        bytes += record.value.length;
        if (jobs.length > 0 && bytes > limits.listBytesMax) return { jobs, next: after };
        jobs.push(job);
      }
      after = { createTimeMs: record.createTimeMs, name: record.name };
    }
    if (records.length < readSize) return { jobs, next: undefined };
  }
  return { jobs, next: after };
}

/** Jobs asked for by name are fetched one by one, whatever else the project has. */
async function readerOf({ projectId, names }: TransferJobFilter, resources: ResourceRepository): Promise<Reader> {
  if (names === undefined) {
    return (after, limit) =>
      resources.list({
        kind: TRANSFER_JOB_KIND,
        collection: projectId,
        ...(after === undefined ? {} : { after }),
        limit,
      });
  }
  const found = await Promise.all(
    names.map((name) => resources.get(TRANSFER_JOB_KIND, resourceNameOf({ projectId, name }))),
  );
  const ordered = found.filter((resource) => resource !== undefined).sort(newestFirst);
  return (after, limit) =>
    Promise.resolve(
      ordered.filter((resource) => after === undefined || newestFirst(after, resource) < 0).slice(0, limit),
    );
}

function newestFirst(a: ListCursor, b: ListCursor): number {
  if (a.createTimeMs !== b.createTimeMs) return b.createTimeMs - a.createTimeMs;
  if (a.name === b.name) return 0;
  return a.name > b.name ? -1 : 1;
}

import { JsonFilter } from '../../operations/json-filter.ts';
import type { Message } from './field-rules.ts';
import type { TransferJob, TransferJobStatus } from './transfer-job.ts';

/** What a ListTransferJobs call asks for. */
export interface TransferJobFilter {
  readonly projectId: string;
  /** Full job names. */
  readonly names?: readonly string[];
  readonly statuses?: readonly TransferJobStatus[];
  /** Only "cross-bucket replication jobs". */
  readonly replications: boolean;
  /** "Limit the results to jobs from a particular bucket". */
  readonly sourceBucket?: string;
  readonly sinkBucket?: string;
}

const KEYS = ['projectId', 'jobNames', 'jobStatuses', 'dataBackend', 'sourceBucket', 'sinkBucket'];

const STATUSES = new Map<string, TransferJobStatus>([
  ['ENABLED', 'ENABLED'],
  ['DISABLED', 'DISABLED'],
  ['DELETED', 'DELETED'],
]);

/** ListTransferJobsRequest.filter: `QUERY_REPLICATION_CONFIGS` asks for "a list of cross-bucket replication jobs". */
const DATA_BACKENDS = new Map([['QUERY_REPLICATION_CONFIGS', true]]);

/**
 * Reads ListTransferJobsRequest.filter. Without `jobStatuses` jobs of every status match, deleted ones too.
 *
 * @throws StatusError INVALID_ARGUMENT naming the member, for anything it does not understand.
 */
export function parseTransferJobFilter(filter: string): TransferJobFilter {
  const members = new JsonFilter(filter, KEYS);
  const names = members.names('jobNames', 'transferJobs/');
  const statuses = members.enumValues('jobStatuses', STATUSES);
  const replications = members.enumValue('dataBackend', DATA_BACKENDS) ?? false;
  const sourceBucket = members.string('sourceBucket') ?? '';
  const sinkBucket = members.string('sinkBucket') ?? '';
  return {
    projectId: members.required('projectId'),
    ...(names === undefined ? {} : { names }),
    ...(statuses === undefined ? {} : { statuses }),
    replications,
    ...(sourceBucket === '' ? {} : { sourceBucket }),
    ...(sinkBucket === '' ? {} : { sinkBucket }),
  };
}

/** Whether the filter shows the job; its project and names aside. */
export function isListedJob(job: TransferJob, { statuses, replications, ...buckets }: TransferJobFilter): boolean {
  if (statuses?.includes(job.status) === false) return false;
  if (replications && job.replicationSpec === undefined) return false;
  const spec = job.transferSpec ?? job.replicationSpec ?? {};
  return hasBucket(spec, 'DataSource', buckets.sourceBucket) && hasBucket(spec, 'DataSink', buckets.sinkBucket);
}

/** @param end  how the members of the oneof end, such as `DataSource` of `gcsDataSource`. */
function hasBucket(spec: Message, end: string, bucket: string | undefined): boolean {
  if (bucket === undefined) return true;
  const ends = Object.entries(spec).filter(([key]) => key.endsWith(end));
  return ends.some(([, value]) => (value as Message)['bucketName'] === bucket);
}

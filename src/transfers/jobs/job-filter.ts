import { JsonFilter } from '../../operations/json-filter.ts';
import type { TransferJobStatus } from './transfer-job.ts';

/** What a ListTransferJobs call asks for. */
export interface TransferJobFilter {
  readonly projectId: string;
  /** Full job names. */
  readonly names?: readonly string[];
  readonly statuses?: readonly TransferJobStatus[];
  /** Asks for jobs of a bucket, or for cross-bucket replication jobs: there are none yet. */
  readonly matchesNone: boolean;
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
  const buckets = [members.string('sourceBucket'), members.string('sinkBucket')];
  return {
    projectId: members.required('projectId'),
    ...(names === undefined ? {} : { names }),
    ...(statuses === undefined ? {} : { statuses }),
    matchesNone: replications || buckets.some((bucket) => bucket !== undefined && bucket !== ''),
  };
}

import { invalidArgument } from '../core/status-error.ts';
import type { Operations } from '../operations/operations.ts';
import type { Message } from '../schema/protos.ts';
import { transferJobMessage } from '../schema/transfer-job.ts';
import { googleServiceAccount } from '../transfers/jobs/service-account.ts';
import { parseProjectId, parseTransferJobName } from '../transfers/jobs/transfer-job.ts';
import type { TransferJobKey } from '../transfers/jobs/job-records.ts';
import type { TransferJobs } from '../transfers/jobs/transfer-jobs.ts';
import { parseMask } from '../transfers/jobs/update-mask.ts';
import type { AgentPools } from '../transfers/pools/agent-pools.ts';
import { agentPoolMethods } from './agent-pools.ts';
import type { Method } from './method.ts';

const SERVICE = 'google.storagetransfer.v1.StorageTransferService';
const DOMAIN = 'storagetransfer.googleapis.com';

/** An encoded google.protobuf.Empty. */
const EMPTY = new Uint8Array(0);

export interface StorageTransferParts {
  readonly jobs: TransferJobs;
  readonly pools: AgentPools;
  readonly operations: Pick<Operations, 'suspend' | 'resume'>;
}

interface JobRequest {
  readonly jobName?: string;
  readonly projectId?: string;
}

interface CreateJobRequest {
  readonly transferJob?: Message;
}

interface UpdateJobRequest extends JobRequest {
  readonly transferJob?: Message;
  readonly updateTransferJobFieldMask?: { readonly paths?: readonly string[] };
}

interface ListJobsRequest {
  readonly filter?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
}

interface OperationRequest {
  readonly name?: string;
}

/** The methods of StorageTransferService. They only convert: the rules are in TransferJobs and Operations. */
export function storageTransferMethods({ jobs, pools, operations }: StorageTransferParts): readonly Method[] {
  return [
    method('CreateTransferJob', createTransferJob(jobs)),
    method('GetTransferJob', getTransferJob(jobs)),
    method('ListTransferJobs', listTransferJobs(jobs)),
    method('UpdateTransferJob', updateTransferJob(jobs)),
    method('DeleteTransferJob', deleteTransferJob(jobs)),
    method('RunTransferJob', runTransferJob(jobs)),
    method('PauseTransferOperation', pauseTransferOperation(operations)),
    method('ResumeTransferOperation', resumeTransferOperation(operations)),
    method('GetGoogleServiceAccount', getGoogleServiceAccount),
    ...agentPoolMethods(pools),
  ];
}

function method<Request>(rpc: string, handle: Method<Request>['handle']): Method {
  return { service: SERVICE, rpc, domain: () => DOMAIN, handle };
}

function createTransferJob(jobs: TransferJobs): Method<CreateJobRequest>['handle'] {
  return async ({ transferJob }) => transferJobMessage(await jobs.create(required(transferJob)));
}

function getTransferJob(jobs: TransferJobs): Method<JobRequest>['handle'] {
  return async (request) => transferJobMessage(await jobs.get(keyOf(request)));
}

function listTransferJobs(jobs: TransferJobs): Method<ListJobsRequest>['handle'] {
  return async ({ filter = '', pageToken = '', pageSize }) => {
    const page = await jobs.list({ filter, pageToken, ...(pageSize === undefined ? {} : { pageSize }) });
    return { transferJobs: page.jobs.map(transferJobMessage), nextPageToken: page.nextPageToken };
  };
}

function updateTransferJob(jobs: TransferJobs): Method<UpdateJobRequest>['handle'] {
  return async (request) => {
    const mask = parseMask(request.updateTransferJobFieldMask?.paths);
    return transferJobMessage(await jobs.update(keyOf(request), required(request.transferJob), mask));
  };
}

function deleteTransferJob(jobs: TransferJobs): Method<JobRequest>['handle'] {
  return async (request) => {
    await jobs.delete(keyOf(request));
    return EMPTY;
  };
}

function runTransferJob(jobs: TransferJobs): Method<JobRequest>['handle'] {
  return async (request) => (await jobs.run(keyOf(request))).encoded;
}

function pauseTransferOperation(operations: StorageTransferParts['operations']): Method<OperationRequest>['handle'] {
  return async (request) => {
    await operations.suspend(transferOperationName(request));
    return EMPTY;
  };
}

function resumeTransferOperation(operations: StorageTransferParts['operations']): Method<OperationRequest>['handle'] {
  return async (request) => {
    await operations.resume(transferOperationName(request));
    return EMPTY;
  };
}

const getGoogleServiceAccount: Method<{ readonly projectId?: string }>['handle'] = ({ projectId }) =>
  Promise.resolve(googleServiceAccount(parseProjectId(projectId, 'project_id')));

function keyOf({ jobName, projectId }: JobRequest): TransferJobKey {
  return { name: parseTransferJobName(jobName, 'job_name'), projectId: parseProjectId(projectId, 'project_id') };
}

function required(transferJob: Message | undefined): Message {
  if (transferJob === undefined) throw invalidArgument('transfer_job', 'is required');
  return transferJob;
}

/** Operations of other surfaces may be paused too some day, but not by this API. */
function transferOperationName({ name = '' }: OperationRequest): string {
  if (/^transferOperations\/./.test(name)) return name;
  throw invalidArgument('name', 'must be transferOperations/<id>', { reason: 'INVALID_NAME' });
}

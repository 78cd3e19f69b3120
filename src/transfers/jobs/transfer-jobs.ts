import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { Operation } from '../../operations/operation.ts';
import type { PageTokens } from '../../operations/page-token.ts';
import type { ResourceRepository } from '../../operations/resource.ts';
import type { AgentPools } from '../pools/agent-pools.ts';
import { poolOfSpec } from '../pools/spec-pool.ts';
import { isAnythingLogged } from '../activity-log.ts';
import type { SourceCredentials } from '../source-credentials.ts';
import type { TransferSpec } from '../spec.ts';
import { isCredentialsPath, isSameSource, splitCredentials } from './credentials-message.ts';
import type { CredentialsSeal } from './credentials-seal.ts';
import type { Message } from './field-rules.ts';
import { loggedActionsOf } from './job-message-rules.ts';
import { listTransferJobs, type JobListLimits, type ListJobsRequest, type TransferJobPage } from './job-list.ts';
import { JOB_PATH } from './job-path.ts';
import type { JobRecords, TransferJobKey } from './job-records.ts';
import { checkedSettings, newTransferJob, withSettings } from './job-rules.ts';
import type { JobStarter } from './job-starter.ts';
import {
  jobMessagesOf,
  parseTransferJobName,
  resourceNameOf,
  type TransferJob,
  type TransferJobCodec,
} from './transfer-job.ts';
import { transferSpecOf } from './transfer-spec-message.ts';
import { maskedUpdate, parseMaskPath } from './update-mask.ts';

export interface TransferJobsLimits extends JobListLimits {
  /** How often a write is tried anew when another writer of the same job came first. */
  readonly conflictRetryCountMax: number;
}

export interface TransferJobsOptions {
  readonly resources: ResourceRepository;
  readonly records: JobRecords;
  readonly starter: JobStarter;
  readonly pageTokens: PageTokens;
  readonly codec: TransferJobCodec;
  readonly seal: CredentialsSeal;
  /**
   * Whether this process may and can serve the spec.
   * @throws StatusError INVALID_ARGUMENT or PERMISSION_DENIED when not.
   */
  readonly checkSpec: (spec: TransferSpec) => void | Promise<void>;
  readonly pools: Pick<AgentPools, 'require'>;
  /** Whether there is a place for the log that a job may ask for. */
  readonly isActivityLogged: boolean;
  /** Whether this process can look at what a pool's transfers touch; others check when they carry one out. */
  readonly isPoolServed: (pool: string | undefined) => boolean;
  /** A new id for a job that has no name: decimal digits. */
  readonly newJobId: () => string;
  readonly clock: Clock;
  readonly limits: TransferJobsLimits;
}

/**
 * The transfer jobs of all projects: what clients do to them. Safe for any number of callers and replicas at once.
 *
 * Methods that take a key throw NOT_FOUND when the project has no such job.
 */
export class TransferJobs {
  readonly #options: TransferJobsOptions;

  constructor(options: TransferJobsOptions) {
    this.#options = options;
  }

  /**
   * Stores a new job, under a name of ours if it has none.
   *
   * @throws StatusError INVALID_ARGUMENT, PERMISSION_DENIED or UNIMPLEMENTED for what it holds; NOT_FOUND for an agent pool that is not
   *   there; ALREADY_EXISTS when its name is taken.
   */
  async create(message: Message): Promise<TransferJob> {
    const name = message['name'] as string | undefined;
    if (name !== undefined && name !== '') return this.#create(message, parseTransferJobName(name, `${JOB_PATH}.name`));
    return this.#retrying(() => this.#create(message, `transferJobs/${this.#options.newJobId()}`));
  }

  /** Deleted jobs too, until they are purged. */
  async get(key: TransferJobKey): Promise<TransferJob> {
    return (await this.#options.records.read(key)).job;
  }

  /** One page, the newest first. A page may be short; only an empty token means the end. */
  async list(request: ListJobsRequest): Promise<TransferJobPage> {
    return listTransferJobs(request, this.#options);
  }

  /**
   * Changes what the mask names; without one, what the message sets. Operations that were started are not touched.
   *
   * Credentials that were given stay for as long as the source is the same, unless new ones are given or the mask names them: no client
   * could send back what none is told.
   * @throws StatusError INVALID_ARGUMENT, PERMISSION_DENIED or UNIMPLEMENTED, and then nothing has changed; as CredentialsSeal.
   */
  async update(key: TransferJobKey, message: Message, mask: readonly string[]): Promise<TransferJob> {
    return this.#rewrite(key, async (job) => {
      const { bare, given } = split(maskedUpdate(settingsMessage(job), message, mask));
      const settings = checkedSettings(bare);
      const next = withSettings(job, settings, this.#options.clock.now());
      const isKept = given === undefined && keepsCredentials(job, settings.transferSpec, mask);
      const kept = isKept ? next : withoutCredentials(next);
      const isSame = isKept && isDeepStrictEqual(settings.transferSpec, job.transferSpec);
      // A job whose tree is no longer allowed can still be disabled.
      if (!isSame) await this.#checkSpec(kept, given);
      return this.#sealing(kept, given);
    });
  }

  /** Marks the job deleted; deleting it again changes nothing. Its operations go on. */
  async delete(key: TransferJobKey): Promise<void> {
    await this.#rewrite(key, (job) =>
      job.status === 'DELETED' ? job : withSettings(job, { ...job, status: 'DELETED' }, this.#options.clock.now()),
    );
  }

  /**
   * Starts an operation for the job. Operation and job change in one transaction; it can be read and listed at once.
   *
   * @throws StatusError ABORTED (reason TRANSFER_JOB_HAS_ACTIVE_OPERATION) while another one is not done; FAILED_PRECONDITION when the
   *   job is deleted; UNIMPLEMENTED for one that follows an event stream or replicates; what the check of its spec says now.
   */
  async run(key: TransferJobKey): Promise<Operation> {
    return this.#retrying(async () => {
      const { resource, job } = await this.#options.records.read(key);
      if (job.status === 'DELETED') throw jobDeleted(job);
      refuseUnserved(job);
      await this.#checkSpec(job);
      try {
        return await this.#options.starter.start(job, resource.revision);
      } catch (error) {
        throw hasReason(error, 'EXCLUSIVE_KEY_HELD') ? jobIsBusy(job, error) : error;
      }
    });
  }

  async #create(message: Message, name: string): Promise<TransferJob> {
    const { bare, given } = split(message);
    const job = newTransferJob(bare, { name, now: this.#options.clock.now() });
    await this.#checkSpec(job, given);
    try {
      await this.#options.records.write(await this.#sealing(job, given), 0);
    } catch (error) {
      throw hasCode(error, Code.ALREADY_EXISTS) ? jobExists(job, error) : error;
    }
    return job;
  }

  /** Reads, changes and writes, again when another writer came in between. */
  async #rewrite(
    key: TransferJobKey,
    change: (job: TransferJob) => TransferJob | Promise<TransferJob>,
  ): Promise<TransferJob> {
    return this.#retrying(async () => {
      const { resource, job } = await this.#options.records.read(key);
      const next = await change(job);
      if (next !== job) await this.#options.records.write(next, resource.revision);
      return next;
    });
  }

  /** Once more when another writer came first, or when a name of ours was taken: the next one is another. */
  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    for (let retryCount = 0; ; retryCount += 1) {
      try {
        return await attempt();
      } catch (error) {
        const isConflict = hasReason(error, 'RESOURCE_CHANGED') || hasCode(error, Code.ALREADY_EXISTS);
        if (!isConflict || retryCount === this.#options.limits.conflictRetryCountMax) throw error;
      }
    }
  }

  async #sealing(job: TransferJob, given: SourceCredentials | undefined): Promise<TransferJob> {
    if (given === undefined) return job;
    return { ...job, credentials: await this.#options.seal.seal(given, resourceNameOf(job)) };
  }

  /** @param given  credentials that take the place of those which the job has. */
  async #checkSpec(job: TransferJob, given?: SourceCredentials): Promise<void> {
    const { transferSpec, projectId, loggingConfig, credentials: sealed } = job;
    if (loggingConfig !== undefined && !this.#options.isActivityLogged) checkNothingLogged(loggingConfig);
    if (transferSpec === undefined) return;
    const { pools, isPoolServed } = this.#options;
    const pool = poolOfSpec(transferSpec);
    if (pool !== undefined) await pools.require(pool, projectId);
    if (!isPoolServed(pool)) return;
    const credentials =
      given ?? (sealed === undefined ? undefined : await this.#options.seal.open(sealed, resourceNameOf(job)));
    const spec = transferSpecOf(transferSpec, `${JOB_PATH}.transfer_spec`);
    await this.#options.checkSpec({ ...spec, ...(credentials === undefined ? {} : { credentials }) });
  }
}

/** The part of a job's message that updates apply to, with the two fields that say which job it is. */
function settingsMessage(job: TransferJob): Message {
  const { name, projectId, description, status, transferSpec } = job;
  const spec = transferSpec === undefined ? {} : { transferSpec };
  return { name, projectId, description, status, ...spec, ...jobMessagesOf(job) };
}

/** The message of a job without the credentials in it, and these. */
function split(message: Message): { readonly bare: Message; readonly given?: SourceCredentials } {
  const { transferSpec } = message;
  if (transferSpec === undefined || transferSpec === null) return { bare: message };
  const { bare, ...given } = splitCredentials(transferSpec as Message, `${JOB_PATH}.transfer_spec`);
  return { bare: { ...message, transferSpec: bare }, ...given };
}

function keepsCredentials(job: TransferJob, spec: Message | undefined, mask: readonly string[]): boolean {
  if (job.credentials === undefined) return true;
  if (mask.some((path) => isCredentialsPath(parseMaskPath(path)))) return false;
  return isSameSource(job.transferSpec ?? {}, spec ?? {});
}

function withoutCredentials({ credentials: _, ...job }: TransferJob): TransferJob {
  return job;
}

/** Nothing that a job asks for is left out in silence. */
function checkNothingLogged(loggingConfig: Message): void {
  if (!isAnythingLogged(loggedActionsOf(loggingConfig))) return;
  throw new StatusError(
    Code.FAILED_PRECONDITION,
    `${JOB_PATH}.logging_config asks for a log, and this server keeps none; start it with --activity-log DIRECTORY, or leave ` +
      'the field out (gcloud: --no-enable-posix-transfer-logs)',
    { reason: 'ACTIVITY_LOG_OFF', metadata: { field: `${JOB_PATH}.logging_config` } },
  );
}

function hasCode(error: unknown, code: Code): boolean {
  return error instanceof StatusError && error.code === code;
}

function hasReason(error: unknown, reason: string): error is StatusError {
  return error instanceof StatusError && error.info.reason === reason;
}

/** TransferJob.name: "If the specified name is in use by a job, the creation request fails with an ALREADY_EXISTS error." */
function jobExists({ projectId, name }: TransferJob, cause: unknown): StatusError {
  const message = `${name} exists in project ${projectId}; a deleted job keeps its name until it is purged`;
  return new StatusError(Code.ALREADY_EXISTS, message, {
    reason: 'TRANSFER_JOB_EXISTS',
    metadata: { transferJob: name, projectId },
    cause,
  });
}

/** Such jobs are kept for clients that only describe what they have; nothing here carries them out. */
function refuseUnserved({ name, eventStream, replicationSpec }: TransferJob): void {
  if (eventStream === undefined && replicationSpec === undefined) return;
  const field = eventStream === undefined ? 'replication_spec' : 'event_stream';
  throw new StatusError(
    Code.UNIMPLEMENTED,
    `${name} has ${field}, which is kept and not carried out; run a job with a transfer_spec and no event_stream`,
    { reason: 'TRANSFER_JOB_NOT_RUNNABLE', metadata: { transferJob: name, field: `${JOB_PATH}.${field}` } },
  );
}

function jobDeleted({ name }: TransferJob): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `${name} is DELETED and cannot be run; set its status to ENABLED first`,
    {
      reason: 'TRANSFER_JOB_DELETED',
      metadata: { transferJob: name },
    },
  );
}

/** RunTransferJob: "A TransferJob has a maximum of one active TransferOperation." AIP-151 asks for ABORTED then. */
function jobIsBusy({ name }: TransferJob, cause: StatusError): StatusError {
  const transferOperation = cause.info.metadata?.['holder'] ?? '';
  const message = `${name} has an operation that is not done, ${transferOperation}; wait for it or cancel it`;
  return new StatusError(Code.ABORTED, message, {
    reason: 'TRANSFER_JOB_HAS_ACTIVE_OPERATION',
    metadata: { transferJob: name, transferOperation },
    cause,
  });
}

import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError, unimplementedField } from '../../core/status-error.ts';
import type { PageTokens } from '../../operations/page-token.ts';
import type { Resource, ResourceChange, ResourceRepository } from '../../operations/resource.ts';
import type { Message } from '../jobs/field-rules.ts';
import type { JobRecords } from '../jobs/job-records.ts';
import { parseProjectId, TRANSFER_JOB_KIND, type TransferJob } from '../jobs/transfer-job.ts';
import {
  AGENT_POOL_KIND,
  isDefaultPool,
  parsePoolId,
  parsePoolName,
  projectOf,
  type AgentPool,
  type AgentPoolCodec,
} from './agent-pool.ts';
import { listAgentPools, type AgentPoolPage, type ListPoolsRequest } from './pool-list.ts';
import { newAgentPool, updatedAgentPool } from './pool-rules.ts';
import { poolOfSpec } from './spec-pool.ts';

export interface AgentPoolsOptions {
  readonly resources: ResourceRepository;
  readonly records: Pick<JobRecords, 'decode'>;
  readonly codec: AgentPoolCodec;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly limits: {
    /** How often a write is tried anew when another writer of the same pool came first. */
    readonly conflictRetryCountMax: number;
    /** Jobs of a project read at once when a pool is deleted. */
    readonly poolJobPageSize: number;
  };
}

interface StoredPool {
  readonly resource: Resource;
  readonly pool: AgentPool;
}

/** CreateAgentPoolRequest, as it came. */
export interface CreatePoolRequest {
  readonly projectId?: string;
  readonly agentPoolId?: string;
  readonly agentPool?: Message;
}

/** The agent pools of all projects: what clients do to them. Safe for any number of callers and replicas at once. */
export class AgentPools {
  readonly #options: AgentPoolsOptions;

  constructor(options: AgentPoolsOptions) {
    this.#options = options;
  }

  /** @throws StatusError INVALID_ARGUMENT naming the field; ALREADY_EXISTS. */
  async create({ projectId, agentPoolId, agentPool = {} }: CreatePoolRequest): Promise<AgentPool> {
    const project = parseProjectId(projectId, 'project_id');
    const pool = newAgentPool(agentPool, `projects/${project}/agentPools/${parsePoolId(agentPoolId, 'agent_pool_id')}`);
    refuseDefaultLimit(pool);
    try {
      await this.#options.resources.write([this.#change(pool, 0, this.#options.clock.now())]);
    } catch (error) {
      throw error instanceof StatusError && error.code === Code.ALREADY_EXISTS ? poolExists(pool.name, error) : error;
    }
    return pool;
  }

  /** @throws StatusError INVALID_ARGUMENT for a name that no pool can have; NOT_FOUND. */
  async get(name: string | undefined): Promise<AgentPool> {
    return (await this.#read(parsePoolName(name, 'name'))).pool;
  }

  /** One page, the newest first. */
  list(request: ListPoolsRequest): Promise<AgentPoolPage> {
    return listAgentPools(request, this.#options);
  }

  /** @throws StatusError INVALID_ARGUMENT naming the field; NOT_FOUND. */
  async update(message: Message, mask: readonly string[]): Promise<AgentPool> {
    const name = parsePoolName(message['name'] as string | undefined, 'agent_pool.name');
    return this.#retrying(async () => {
      const { resource, pool } = await this.#read(name);
      const next = updatedAgentPool(pool, message, mask);
      refuseDefaultLimit(next);
      await this.#options.resources.write([this.#change(next, resource.revision, resource.createTimeMs)]);
      return next;
    });
  }

  /**
   * Removes the pool. Operations of its that were started go on, or wait for a process that serves it. A job that comes to name it
   * at this very moment learns when it is run that it has gone.
   *
   * @throws StatusError NOT_FOUND; FAILED_PRECONDITION (reason AGENT_POOL_IN_USE) while a job that is not deleted names it.
   */
  async delete(name: string | undefined): Promise<void> {
    const parsed = parsePoolName(name, 'name');
    await this.#retrying(async () => {
      const { resource } = await this.#read(parsed);
      const job = await this.#findUser(parsed);
      if (job !== undefined) throw poolInUse(parsed, job);
      await this.#options.resources.write([{ kind: AGENT_POOL_KIND, name: parsed, revision: resource.revision }]);
    });
  }

  /**
   * For a job that names a pool. The default pool is there without being created.
   *
   * @throws StatusError NOT_FOUND; INVALID_ARGUMENT for a pool of another project than the job's.
   */
  async require(name: string, projectId: string): Promise<void> {
    if (projectOf(name) !== projectId) throw foreignPool(name, projectId);
    if (!isDefaultPool(name)) await this.#read(name);
  }

  async #read(name: string): Promise<StoredPool> {
    const resource = await this.#options.resources.get(AGENT_POOL_KIND, name);
    if (resource === undefined) throw poolNotFound(name);
    return { resource, pool: this.#options.codec.decode(resource.value) };
  }

  #change(pool: AgentPool, revision: number, createTimeMs: number): ResourceChange {
    const next = { collection: projectOf(pool.name), value: this.#options.codec.encode(pool), createTimeMs };
    return { kind: AGENT_POOL_KIND, name: pool.name, revision, next };
  }

  /** A job of the pool's project that names it and is not deleted. */
  async #findUser(name: string): Promise<TransferJob | undefined> {
    const { resources, records, limits } = this.#options;
    const query = { kind: TRANSFER_JOB_KIND, collection: projectOf(name), limit: limits.poolJobPageSize };
    let page = await resources.list(query);
    while (page.length > 0) {
      const user = page.map((resource) => records.decode(resource)).find((job) => isUser(job, name));
      const after = page.at(-1);
      if (user !== undefined || after === undefined) return user;
      page = await resources.list({ ...query, after });
    }
    return undefined;
  }

  /** Once more when another writer came first. */
  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    for (let retryCount = 0; ; retryCount += 1) {
      try {
        return await attempt();
      } catch (error) {
        const isConflict = error instanceof StatusError && error.info.reason === 'RESOURCE_CHANGED';
        if (!isConflict || retryCount === this.#options.limits.conflictRetryCountMax) throw error;
      }
    }
  }
}

/** Each project has a default pool, and one process may do the work of all of them: what it does has one rate. */
function refuseDefaultLimit({ name, bandwidthLimitMbps }: AgentPool): void {
  if (bandwidthLimitMbps === undefined || !isDefaultPool(name)) return;
  const advice = 'of the default pool; set limits.transfers.bytesPerSecondMax in the config file, or name another pool';
  throw unimplementedField('agent_pool.bandwidth_limit', advice);
}

function isUser({ status, transferSpec = {} }: TransferJob, pool: string): boolean {
  return status !== 'DELETED' && poolOfSpec(transferSpec) === pool;
}

function poolNotFound(name: string): StatusError {
  return new StatusError(Code.NOT_FOUND, `${name} not found`, {
    reason: 'AGENT_POOL_NOT_FOUND',
    metadata: { agentPool: name },
  });
}

function poolExists(name: string, cause: unknown): StatusError {
  return new StatusError(Code.ALREADY_EXISTS, `${name} exists`, {
    reason: 'AGENT_POOL_EXISTS',
    metadata: { agentPool: name },
    cause,
  });
}

function poolInUse(name: string, { name: job }: TransferJob): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `${name} is named by ${job}; delete that or let it name another pool`,
    {
      reason: 'AGENT_POOL_IN_USE',
      metadata: { agentPool: name, transferJob: job },
    },
  );
}

function foreignPool(name: string, projectId: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `${name} is not a pool of project ${projectId}, whose job names it`, {
    reason: 'AGENT_POOL_OF_OTHER_PROJECT',
    metadata: { agentPool: name, projectId },
  });
}

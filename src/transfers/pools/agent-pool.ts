import { invalidArgument } from '../../core/status-error.ts';
import { TRANSFER_OPERATION_KIND } from '../jobs/transfer-job.ts';

/** The kind of the resources that pools are stored as. */
export const AGENT_POOL_KIND = 'agent-pool';

/**
 * A google.storagetransfer.v1.AgentPool: a name for the processes that can reach some file systems. Its work is of a kind of its
 * own, so that only those take it that serve the pool.
 */
export interface AgentPool {
  /** `projects/{project}/agentPools/{id}`. */
  readonly name: string;
  readonly displayName: string;
  /** "megabytes per second, distributed across all the agents in the pool"; absent where there is no limit. */
  readonly bandwidthLimitMbps?: number;
}

/** The bytes of pools; made in schema/. */
export interface AgentPoolCodec {
  encode(pool: AgentPool): Uint8Array;
  decode(bytes: Uint8Array): AgentPool;
}

/** What TransferSpec calls "the default name": the id of the pool that is there without being created. */
const DEFAULT_POOL_ID = 'transfer_service_default';

const ID_LENGTH_MAX = 128;
/** CreateAgentPoolRequest.agent_pool_id: "As expressed by the regular expression". */
const ID = /^(?!goog)[a-z]([a-z0-9\-._~]*[a-z0-9])?$/;
const NAME = /^projects\/([^/\s]+)\/agentPools\/([^/\s]+)$/;

/** The project in a pool's name. */
export function projectOf(name: string): string {
  return NAME.exec(name)?.[1] ?? '';
}

/** @throws StatusError INVALID_ARGUMENT for an id that no pool can have. */
export function parsePoolId(id: string | undefined, field: string): string {
  if (id === undefined || id === '') throw invalidArgument(field, 'is required');
  if (isPoolId(id)) return id;
  throw invalidArgument(
    field,
    `must begin with a letter, go on with lower-case letters, digits and -._~, end in a letter or digit, not begin with goog, and have at most ${String(ID_LENGTH_MAX)} characters`,
    { reason: 'INVALID_NAME' },
  );
}

/** @throws StatusError INVALID_ARGUMENT for a name that no pool can have. */
export function parsePoolName(name: string | undefined, field: string): string {
  if (name === undefined || name === '') throw invalidArgument(field, 'is required, as projects/PROJECT/agentPools/ID');
  if (isPoolId(NAME.exec(name)?.[2] ?? '')) return name;
  throw invalidArgument(field, 'must be projects/PROJECT/agentPools/ID', { reason: 'INVALID_NAME' });
}

/** Whether the name is that of a project's default pool. */
export function isDefaultPool(name: string): boolean {
  return name.endsWith(`/${DEFAULT_POOL_ID}`);
}

/** The kind of the operations of a pool, so that a worker says by its kinds which pools it serves. */
export function operationKindOf(pool: string | undefined): string {
  return pool === undefined || isDefaultPool(pool) ? TRANSFER_OPERATION_KIND : `${TRANSFER_OPERATION_KIND}/${pool}`;
}

function isPoolId(id: string): boolean {
  return id.length <= ID_LENGTH_MAX && ID.test(id);
}

import type { Clock } from '../../core/clock.ts';
import { JsonFilter } from '../../operations/json-filter.ts';
import type { ListCursor } from '../../operations/operation-repository.ts';
import { pageSizeOf } from '../../operations/page-size.ts';
import type { PageScope, PageTokens } from '../../operations/page-token.ts';
import type { Resource, ResourceRepository } from '../../operations/resource.ts';
import { parseProjectId } from '../jobs/transfer-job.ts';
import { AGENT_POOL_KIND, type AgentPool, type AgentPoolCodec } from './agent-pool.ts';

/** ListAgentPoolsRequest, as it came. */
export interface ListPoolsRequest {
  readonly projectId?: string;
  readonly filter?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
}

export interface AgentPoolPage {
  readonly pools: readonly AgentPool[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

export interface PoolListDependencies {
  readonly resources: ResourceRepository;
  readonly codec: AgentPoolCodec;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
}

/** ListAgentPoolsRequest.page_size: "The max allowed value is `256`." Names and display name of a pool are bounded: a page has half a megabyte at most. */
const PAGE_SIZES = { defaultPageSize: 256, maxPageSize: 256 };

/** @throws StatusError INVALID_ARGUMENT for a project, filter, page size or page token that is none. */
export async function listAgentPools(
  { projectId, filter = '', pageSize, pageToken = '' }: ListPoolsRequest,
  { resources, codec, pageTokens, clock }: PoolListDependencies,
): Promise<AgentPoolPage> {
  const collection = parseProjectId(projectId, 'project_id');
  const names = namesOf(filter, collection);
  const limit = pageSizeOf(pageSize, PAGE_SIZES);
  const scope: PageScope = { surface: 'agent-pools', collection, filter };
  const now = clock.now();
  const after = pageToken === '' ? undefined : pageTokens.verify(scope, pageToken, now);
  const found = await read({ collection, names, after, limit: limit + 1 }, resources);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return {
    pools: page.map(({ value }) => codec.decode(value)),
    nextPageToken: last === undefined ? '' : pageTokens.sign(scope, last, now),
  };
}

/** "When the filter is either empty or not provided, the list returns all agent pools for the project." */
function namesOf(filter: string, projectId: string): readonly string[] | undefined {
  if (filter.trim() === '') return undefined;
  return new JsonFilter(filter, ['agentPoolNames']).names('agentPoolNames', `projects/${projectId}/agentPools/`);
}

interface PoolQuery {
  readonly collection: string;
  /** Full names; all of the project unless given. */
  readonly names: readonly string[] | undefined;
  readonly after: ListCursor | undefined;
  readonly limit: number;
}

async function read(
  { collection, names, after, limit }: PoolQuery,
  resources: ResourceRepository,
): Promise<readonly Resource[]> {
  const position = after === undefined ? {} : { after };
  if (names === undefined) return resources.list({ kind: AGENT_POOL_KIND, collection, ...position, limit });
  const found = await Promise.all(names.map((name) => resources.get(AGENT_POOL_KIND, name)));
  return found
    .flatMap((resource) => (resource?.collection === collection ? [resource] : []))
    .sort(newestFirst)
    .filter((resource) => after === undefined || newestFirst(after, resource) < 0)
    .slice(0, limit);
}

function newestFirst(left: ListCursor, right: ListCursor): number {
  if (left.createTimeMs !== right.createTimeMs) return right.createTimeMs - left.createTimeMs;
  if (left.name === right.name) return 0;
  return left.name > right.name ? -1 : 1;
}

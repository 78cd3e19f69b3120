import { invalidArgument } from '../core/status-error.ts';
import { agentPoolMessage } from '../schema/agent-pool.ts';
import type { Message } from '../schema/protos.ts';
import type { AgentPools, CreatePoolRequest } from '../transfers/pools/agent-pools.ts';
import type { ListPoolsRequest } from '../transfers/pools/pool-list.ts';
import type { Method } from './method.ts';

const SERVICE = 'google.storagetransfer.v1.StorageTransferService';
const DOMAIN = 'storagetransfer.googleapis.com';

/** An encoded google.protobuf.Empty. */
const EMPTY = new Uint8Array(0);

interface PoolRequest {
  readonly name?: string;
}

interface UpdatePoolRequest {
  readonly agentPool?: Message;
  readonly updateMask?: { readonly paths?: readonly string[] };
}

/** The methods of StorageTransferService for agent pools. They only convert: the rules are in AgentPools. */
export function agentPoolMethods(pools: AgentPools): readonly Method[] {
  return [
    method<CreatePoolRequest>('CreateAgentPool', async (request) => {
      if (request.agentPool === undefined) throw invalidArgument('agent_pool', 'is required');
      return agentPoolMessage(await pools.create(request));
    }),
    method<PoolRequest>('GetAgentPool', async ({ name }) => agentPoolMessage(await pools.get(name))),
    method<ListPoolsRequest>('ListAgentPools', async (request) => {
      const page = await pools.list(request);
      return { agentPools: page.pools.map(agentPoolMessage), nextPageToken: page.nextPageToken };
    }),
    method<UpdatePoolRequest>('UpdateAgentPool', async ({ agentPool, updateMask }) => {
      if (agentPool === undefined) throw invalidArgument('agent_pool', 'is required');
      return agentPoolMessage(await pools.update(agentPool, updateMask?.paths ?? []));
    }),
    method<PoolRequest>('DeleteAgentPool', async ({ name }) => {
      await pools.delete(name);
      return EMPTY;
    }),
  ];
}

function method<Request>(rpc: string, handle: Method<Request>['handle']): Method {
  return { service: SERVICE, rpc, domain: () => DOMAIN, handle };
}

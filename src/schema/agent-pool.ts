import type { AgentPool, AgentPoolCodec } from '../transfers/pools/agent-pool.ts';
import { decodeMessage, encodeMessage, type Message } from './protos.ts';

const AGENT_POOL = 'google.storagetransfer.v1.AgentPool';

interface AgentPoolMessage {
  readonly name?: string;
  readonly displayName?: string;
  readonly bandwidthLimit?: { readonly limitMbps?: string | number };
}

/** The google.storagetransfer.v1.AgentPool of a pool. It is of use at once, and gone at once, so that its state is one. */
export function agentPoolMessage({ name, displayName, bandwidthLimitMbps }: AgentPool): Message {
  return {
    name,
    displayName,
    state: 'CREATED',
    ...(bandwidthLimitMbps === undefined ? {} : { bandwidthLimit: { limitMbps: bandwidthLimitMbps } }),
  };
}

export const agentPoolCodec: AgentPoolCodec = {
  encode: (pool) => encodeMessage(AGENT_POOL, agentPoolMessage(pool)),
  decode: (bytes) => {
    const { name = '', displayName = '', bandwidthLimit } = decodeMessage(AGENT_POOL, bytes) as AgentPoolMessage;
    const limit = bandwidthLimit === undefined ? {} : { bandwidthLimitMbps: Number(bandwidthLimit.limitMbps ?? 0) };
    return { name, displayName, ...limit };
  },
};

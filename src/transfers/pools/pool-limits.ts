import type { ResourceRepository } from '../../operations/resource.ts';
import { AGENT_POOL_KIND, type AgentPoolCodec } from './agent-pool.ts';

const BYTES_PER_MEGABYTE = 1_000_000;

/** What pools allow, as it stands in the database now: for whoever bounds the work of one. */
export class PoolLimits {
  readonly #resources: ResourceRepository;
  readonly #codec: AgentPoolCodec;

  constructor(resources: ResourceRepository, codec: AgentPoolCodec) {
    this.#resources = resources;
    this.#codec = codec;
  }

  /** Bytes a second of all work of the pool together; Infinity where there is no limit, or no such pool any more. */
  async bytesPerSecondOf(pool: string): Promise<number> {
    const resource = await this.#resources.get(AGENT_POOL_KIND, pool);
    const { bandwidthLimitMbps = Infinity } = resource === undefined ? {} : this.#codec.decode(resource.value);
    return bandwidthLimitMbps * BYTES_PER_MEGABYTE;
  }
}

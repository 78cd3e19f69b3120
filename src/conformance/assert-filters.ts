import { Code } from '../core/code.ts';
import { served, type Ground } from './ground.ts';
import { Unmet } from './operation-source.ts';

/** A service may have no filters (AIP-160: "APIs may provide filtering"). @throws Unmet then. */
export async function assertFilters(ground: Ground): Promise<void> {
  const reply = served(await ground.probe.list({ name: ground.collection, filter: 'done = true' }), 'ListOperations');
  if (reply.code === Code.INVALID_ARGUMENT) throw new Unmet(`the server has no filter "done = true": ${reply.message}`);
}

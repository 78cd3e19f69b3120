import { invalidArgument, unimplementedField } from '../../core/status-error.ts';
import type { Message } from '../jobs/field-rules.ts';
import { parsePoolName } from './agent-pool.ts';

/**
 * The agent pool that a TransferSpec names: its work is done by processes of that pool. Undefined: "When unspecified, the default
 * name is used."
 *
 * @param path  of the message within the request, in the proto's spelling.
 * @throws StatusError INVALID_ARGUMENT for a name that no pool can have; UNIMPLEMENTED for two pools: one process reads and writes.
 */
export function poolOfSpec(spec: Message, path = 'transfer_spec'): string | undefined {
  const [source, sink] = [nameOf(spec, 'source', path), nameOf(spec, 'sink', path)];
  if (source !== undefined && sink !== undefined && source !== sink) {
    throw unimplementedField(
      `${path}.sink_agent_pool_name`,
      'a transfer is done by one pool; name that one, or leave it out',
    );
  }
  return source ?? sink;
}

function nameOf(spec: Message, end: 'source' | 'sink', path: string): string | undefined {
  const name = spec[`${end}AgentPoolName`];
  if (name === undefined || name === null || name === '') return undefined;
  const field = `${path}.${end}_agent_pool_name`;
  if (typeof name !== 'string') throw invalidArgument(field, 'must be a name');
  return parsePoolName(name, field);
}

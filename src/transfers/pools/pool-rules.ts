import { invalidArgument } from '../../core/status-error.ts';
import { camelCase, isEmpty, snakeCase, type Message } from '../jobs/field-rules.ts';
import type { AgentPool } from './agent-pool.ts';

/** Where the pool stands in the requests that bring one. */
const PATH = 'agent_pool';
const MASK_PATH = 'update_mask';

/** "The following `agentPool` fields can be updated". */
const UPDATABLE = ['displayName', 'bandwidthLimit'];

/** As long as a job's description may be: the API gives no bound, and a record needs one. */
const DISPLAY_NAME_BYTES_MAX = 1024;

/** A terabyte a second; any more is a typing error. */
const LIMIT_MBPS_MAX = 1_000_000;

/** @throws StatusError INVALID_ARGUMENT naming the field. */
export function newAgentPool(message: Message, name: string): AgentPool {
  const given = message['name'];
  // The name follows from the project and the id; one that is given must be that.
  if (!isEmpty(given) && given !== name) throw invalidArgument(`${PATH}.name`, `is not ${name}; leave it out`);
  return { name, ...settingsOf(message) };
}

/**
 * The pool after an update: what the mask names, or without one what the message sets.
 *
 * @throws StatusError INVALID_ARGUMENT: "An `UpdateAgentPoolRequest` with any other fields is rejected".
 */
export function updatedAgentPool(pool: AgentPool, message: Message, mask: readonly string[]): AgentPool {
  const other = Object.keys(message).find(
    (key) => key !== 'name' && !UPDATABLE.includes(key) && !isEmpty(message[key]),
  );
  if (other !== undefined) throw invalidArgument(`${PATH}.${snakeCase(other)}`, 'cannot be updated');
  const fields = mask.length === 0 ? UPDATABLE.filter((key) => !isEmpty(message[key])) : mask.map(fieldOf);
  const { displayName, bandwidthLimitMbps } = settingsOf(message);
  const { bandwidthLimitMbps: previous, ...rest } = pool;
  const limit = fields.includes('bandwidthLimit') ? bandwidthLimitMbps : previous;
  return {
    ...rest,
    ...(fields.includes('displayName') ? { displayName } : {}),
    ...(limit === undefined ? {} : { bandwidthLimitMbps: limit }),
  };
}

function fieldOf(path: string): string {
  const [field = '', ...rest] = path.split('.').map(camelCase);
  const isKnown = rest.length === 0 || (field === 'bandwidthLimit' && rest.join('.') === 'limitMbps');
  if (UPDATABLE.includes(field) && isKnown) return field;
  throw invalidArgument(MASK_PATH, `has the path ${path}; the fields are ${UPDATABLE.map(snakeCase).join(', ')}`, {
    reason: 'FIELD_NOT_UPDATABLE',
    metadata: { path },
  });
}

function settingsOf({ displayName = '', bandwidthLimit }: Message): Omit<AgentPool, 'name'> {
  const bytes = Buffer.byteLength(displayName as string);
  if (bytes > DISPLAY_NAME_BYTES_MAX) {
    throw invalidArgument(
      `${PATH}.display_name`,
      `has ${String(bytes)} bytes, more than ${String(DISPLAY_NAME_BYTES_MAX)}`,
    );
  }
  const limit = limitOf(bandwidthLimit);
  return { displayName: displayName as string, ...(limit === undefined ? {} : { bandwidthLimitMbps: limit }) };
}

/** "If this field is unspecified, the default value is set as 'No Limit'." */
function limitOf(bandwidthLimit: unknown): number | undefined {
  if (bandwidthLimit === undefined || bandwidthLimit === null) return undefined;
  const limit = Number((bandwidthLimit as Message)['limitMbps'] ?? 0);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MBPS_MAX) return limit;
  throw invalidArgument(
    `${PATH}.bandwidth_limit.limit_mbps`,
    `must be from 1 to ${String(LIMIT_MBPS_MAX)} megabytes a second; leave bandwidth_limit out for no limit`,
  );
}

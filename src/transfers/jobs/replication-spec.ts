import { invalidArgument } from '../../core/status-error.ts';
import { isEmpty, snakeCase, type Message } from './field-rules.ts';
import { prefixesOf } from './prefix-rules.ts';

const PREFIXES = ['includePrefixes', 'excludePrefixes'];
const DELETE_OPTIONS = ['deleteObjectsUniqueInSink', 'deleteObjectsFromSourceAfterTransfer'];

/**
 * Checks a google.storagetransfer.v1.ReplicationSpec.
 *
 * @param path  of the message within the request, in the proto's spelling.
 * @throws StatusError INVALID_ARGUMENT naming the field.
 */
export function checkReplicationSpec(message: Message, path: string): void {
  for (const end of ['gcsDataSource', 'gcsDataSink']) {
    if (isEmpty(messageOf(message[end])['bucketName'])) {
      throw invalidArgument(`${path}.${snakeCase(end)}.bucket_name`, 'is required');
    }
  }
  // "For replication jobs, only `include_prefixes` and `exclude_prefixes` are supported."
  const conditions = messageOf(message['objectConditions']);
  const condition = Object.keys(conditions).find((key) => !PREFIXES.includes(key) && conditions[key] !== undefined);
  if (condition !== undefined) {
    throw invalidArgument(`${path}.object_conditions.${snakeCase(condition)}`, 'is not for replications');
  }
  prefixesOf(conditions, `${path}.object_conditions`);
  // "Delete options are not supported. If a delete option is specified, the request fails with an INVALID_ARGUMENT error."
  const options = messageOf(message['transferOptions']);
  const option = DELETE_OPTIONS.find((key) => options[key] === true);
  if (option !== undefined) {
    throw invalidArgument(`${path}.transfer_options.${snakeCase(option)}`, 'is not for replications');
  }
}

function messageOf(value: unknown): Message {
  return (value ?? {}) as Message;
}

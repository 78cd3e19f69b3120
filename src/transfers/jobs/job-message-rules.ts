/** What the messages within a job must hold. Each check throws INVALID_ARGUMENT naming the field, in the proto's spelling. */
import { invalidArgument } from '../../core/status-error.ts';
import type { LoggedActions } from '../spec.ts';
import type { Message } from './field-rules.ts';

/** EventStream.name: "'arn:aws:sqs:region:account_id:queue_name', or … 'projects/{project}/subscriptions/{sub}'". */
const EVENT_STREAM_NAME = /^(arn:aws[a-z-]*:sqs:[^:\s]+:\d+:[^:\s]+|projects\/[^/\s]+\/subscriptions\/[^/\s]+)$/;

/** NotificationConfig.pubsub_topic: "Must be of the format: `projects/{project}/topics/{topic}`." */
const TOPIC = /^projects\/[^/\s]+\/topics\/[^/\s]+$/;

const EVENT_TYPES = ['TRANSFER_OPERATION_SUCCESS', 'TRANSFER_OPERATION_FAILED', 'TRANSFER_OPERATION_ABORTED'];
const PAYLOAD_FORMATS = ['NONE', 'JSON'];
const ACTIONS = ['FIND', 'DELETE', 'COPY'];
const ACTION_STATES = ['SUCCEEDED', 'FAILED', 'SKIPPED'];

export function checkEventStream(message: Message, path: string): void {
  const { name, eventStreamStartTime: start, eventStreamExpirationTime: expiration } = message;
  if (typeof name !== 'string' || !EVENT_STREAM_NAME.test(name)) {
    const forms = 'arn:aws:sqs:REGION:ACCOUNT:QUEUE or projects/PROJECT/subscriptions/SUBSCRIPTION';
    throw invalidArgument(`${path}.name`, `must be ${forms}`);
  }
  const startMs = timeOf(start);
  const expirationMs = timeOf(expiration);
  if (startMs !== undefined && expirationMs !== undefined && expirationMs <= startMs) {
    throw invalidArgument(`${path}.event_stream_expiration_time`, 'must be after event_stream_start_time');
  }
}

export function checkNotificationConfig(message: Message, path: string): void {
  const { pubsubTopic, eventTypes, payloadFormat } = message;
  if (typeof pubsubTopic !== 'string' || !TOPIC.test(pubsubTopic)) {
    throw invalidArgument(`${path}.pubsub_topic`, 'must be projects/PROJECT/topics/TOPIC');
  }
  checkEnums(eventTypes, EVENT_TYPES, `${path}.event_types`);
  // "Required. The desired format of the notification message payloads."
  if (!PAYLOAD_FORMATS.includes(payloadFormat as string)) {
    throw invalidArgument(`${path}.payload_format`, `is required: ${PAYLOAD_FORMATS.join(' or ')}`);
  }
}

export function checkLoggingConfig({ logActions, logActionStates }: Message, path: string): void {
  checkEnums(logActions, ACTIONS, `${path}.log_actions`);
  checkEnums(logActionStates, ACTION_STATES, `${path}.log_action_states`);
}

/** What a checked LoggingConfig asks to be logged. */
export function loggedActionsOf(message: Message): LoggedActions {
  const { logActions = [], logActionStates = [], enableOnpremGcsTransferLogs } = message;
  return {
    actions: logActions as LoggedActions['actions'],
    states: logActionStates as LoggedActions['states'],
    fileSystemLog: enableOnpremGcsTransferLogs === true,
  };
}

/** Each value once: what is repeated says nothing more, and would be kept for ever. */
function checkEnums(values: unknown, known: readonly string[], field: string): void {
  const given = (values ?? []) as readonly unknown[];
  for (const [index, value] of given.entries()) {
    if (!known.includes(value as string)) {
      throw invalidArgument(`${field}[${String(index)}]`, `must be one of ${known.join(', ')}`);
    }
  }
  if (new Set(given).size < given.length) throw invalidArgument(field, 'names a value twice');
}

function timeOf(timestamp: unknown): number | undefined {
  if (timestamp === undefined || timestamp === null) return undefined;
  const { seconds = 0, nanos = 0 } = timestamp as Readonly<Record<string, string | number>>;
  return Number(seconds) * 1000 + Number(nanos) / 1e6;
}

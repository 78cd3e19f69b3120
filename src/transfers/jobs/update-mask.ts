import { invalidArgument } from '../../core/status-error.ts';
import { camelCase, isEmpty, ruleOf, snakeCase, type FieldRules, type Message } from './field-rules.ts';
import { JOB_PATH } from './job-path.ts';
import { TRANSFER_JOB_FIELDS } from './transfer-job-fields.ts';

/**
 * The fields of a job that an update may change: the five of UpdateTransferJobRequest's comment, and the two that clients
 * put into their masks all the same (gcloud sends `schedule`).
 */
const UPDATABLE = [
  'description',
  'transferSpec',
  'notificationConfig',
  'loggingConfig',
  'status',
  'schedule',
  'eventStream',
];

const MASK_PATH = 'update_transfer_job_field_mask';
/** Many more than there are fields. */
const PATH_COUNT_MAX = 100;

/** A field within a message, as camelCase members from the outside in. */
type FieldPath = readonly string[];

/**
 * The job's message after an update: `current` with the fields of the mask as `body` has them, cleared where it has none.
 *
 * Without a mask, the fields that `body` sets. Paths come in the proto's spelling or in JSON's; members of `body` outside the mask
 * do not count, as gcloud sends back the whole job it has read.
 * @throws StatusError INVALID_ARGUMENT for a field that cannot be updated.
 */
export function maskedUpdate(current: Message, body: Message, mask: readonly string[]): Message {
  const paths = mask.length === 0 ? pathsSet(current, body) : mask.map(parseMaskPath);
  return paths.reduce((message, path) => withField(message, body, path), current);
}

function pathsSet(current: Message, body: Message): readonly FieldPath[] {
  const set = Object.keys(body).filter((key) => !isEmpty(body[key]));
  const changing = set.filter((key) => ruleOf(TRANSFER_JOB_FIELDS, key) !== 'output' && !isSame(current, body, key));
  const refused = changing.find((key) => !UPDATABLE.includes(key));
  if (refused !== undefined) throw notUpdatable(`${JOB_PATH}.${snakeCase(refused)}`);
  return changing.map((key) => [key]);
}

/** `name` and `project_id` may come along, saying which job is meant. */
function isSame(current: Message, body: Message, key: string): boolean {
  return (key === 'name' || key === 'projectId') && current[key] === body[key];
}

export function parseMask(paths: readonly string[] | undefined): readonly string[] {
  if ((paths?.length ?? 0) <= PATH_COUNT_MAX) return paths ?? [];
  throw invalidArgument(MASK_PATH, `has more than ${PATH_COUNT_MAX} paths`);
}

/** @throws StatusError INVALID_ARGUMENT for what cannot be updated. */
export function parseMaskPath(written: string): FieldPath {
  const path = written.split('.').map(camelCase);
  if (UPDATABLE.includes(path[0] ?? '') && isField(path, TRANSFER_JOB_FIELDS)) return path;
  throw notUpdatable(MASK_PATH, written);
}

function isField(path: FieldPath, rules: FieldRules): boolean {
  const [key = '', ...rest] = path;
  const rule = ruleOf(rules, key);
  if (rule === undefined || rule === 'oneof') return false;
  if (rest.length === 0) return true;
  return typeof rule === 'object' && 'message' in rule && isField(rest, rule.message);
}

function withField(message: Message, body: Message, path: FieldPath): Message {
  const [key = '', ...rest] = path;
  const { [key]: previous, ...others } = message;
  const value = rest.length === 0 ? body[key] : withField(asMessage(previous), asMessage(body[key]), rest);
  return value === undefined ? others : { ...others, [key]: value };
}

function asMessage(value: unknown): Message {
  return (value ?? {}) as Message;
}

function notUpdatable(field: string, path?: string): Error {
  const what = path === undefined ? 'cannot be updated' : `has the path ${path}, which cannot be updated`;
  return invalidArgument(field, `${what}; the fields are ${UPDATABLE.map(snakeCase).join(', ')}`, {
    reason: 'FIELD_NOT_UPDATABLE',
    ...(path === undefined ? {} : { metadata: { path } }),
  });
}

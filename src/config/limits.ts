import { DEFAULT_API_LIMITS } from '../api/limits.ts';
import { DEFAULT_CHECKS_LIMITS } from '../checks/limits.ts';
import { DEFAULT_UPLOAD_LIMITS } from '../checks/upload-limits.ts';
import { DEFAULT_GRPC_LIMITS } from '../grpc/limits.ts';
import { DEFAULT_HTTP_LIMITS } from '../http/limits.ts';
import { DEFAULT_HTTP_UPLOAD_LIMITS } from '../http/upload/limits.ts';
import { DEFAULT_FIELDS_LIMITS } from '../http/parameters/limits.ts';
import { DEFAULT_OPERATIONS_LIMITS, DEFAULT_RETRY_LIMITS } from '../operations/limits.ts';
import { DEFAULT_CONTROL_LIMITS } from '../operations/control/limits.ts';
import { DEFAULT_WATCH_LIMITS } from '../operations/watch/limits.ts';
import { DEFAULT_SQLITE_LIMITS } from '../repositories/sqlite-limits.ts';
import { DEFAULT_PROTO_JSON_LIMITS } from '../schema/json/limits.ts';
import { DEFAULT_AZURE_LIMITS } from '../stores/azure/limits.ts';
import { DEFAULT_STORE_CALL_LIMITS } from '../stores/decorators/limits.ts';
import { DEFAULT_GCS_LIMITS } from '../stores/gcs/limits.ts';
import { DEFAULT_S3_LIMITS } from '../stores/s3/limits.ts';
import { DEFAULT_HTTP_LIST_LIMITS } from '../stores/http-list/limits.ts';
import { DEFAULT_MANIFEST_LIMITS } from '../stores/manifest/limits.ts';
import { DEFAULT_WEB_LIMITS } from '../stores/web/limits.ts';
import { DEFAULT_TRANSFER_JOB_LIMITS } from '../transfers/jobs/limits.ts';
import { DEFAULT_TRANSFER_LIMITS } from '../transfers/limits.ts';
import { DEFAULT_JANITOR_LIMITS } from '../transfers/janitor-limits.ts';
import { DEFAULT_ACTIVITY_LOG_LIMITS } from '../stores/activity-log/limits.ts';
import { DEFAULT_NOTIFICATION_LIMITS } from '../transfers/notifications/limits.ts';
import { DEFAULT_WORKER_LIMITS } from '../workers/limits.ts';
import { ConfigError } from './sources.ts';

/** The threads that carry out transfers. */
const DEFAULT_TRANSFER_WORKER_LIMITS = {
  // Each has copy threads of its own; more at once share the same disks.
  slotCount: 4,
  // STS: 200 operations of a project are in progress at once, the others QUEUED.
  projectOperationCountMax: 200,
  // About 10 MB for each, against some 50 ms at the start of a transfer.
  spareThreadCount: 1,
  // What a walk makes is garbage at once: a small nursery keeps it off the resident set. MiB.
  nurserySizeMib: 4,
};

/** The end of a process. */
const DEFAULT_DRAIN_LIMITS = {
  // Kept of the drain timeout for closing what is empty by then: calls, threads, the database.
  closeMs: 2000,
};

/** Rates of a transfer that nobody has bounded. */
const UNLIMITED_RATES = { bytesPerSecondMax: Number.POSITIVE_INFINITY, objectsPerSecondMax: Number.POSITIVE_INFINITY };

/**
 * Every bound of every part, with its default. A part's own limits file says each one's unit and reason, so that they stand beside
 * the code they bound; this table is what is handed out, and what the `limits` section of the config file changes.
 */
export const DEFAULT_LIMITS = {
  operations: DEFAULT_OPERATIONS_LIMITS,
  control: DEFAULT_CONTROL_LIMITS,
  watches: DEFAULT_WATCH_LIMITS,
  retry: DEFAULT_RETRY_LIMITS,
  workers: DEFAULT_WORKER_LIMITS,
  sqlite: DEFAULT_SQLITE_LIMITS,
  transferJobs: DEFAULT_TRANSFER_JOB_LIMITS,
  transfers: { ...DEFAULT_TRANSFER_LIMITS, ...UNLIMITED_RATES },
  transferWorker: DEFAULT_TRANSFER_WORKER_LIMITS,
  janitor: DEFAULT_JANITOR_LIMITS,
  notifications: DEFAULT_NOTIFICATION_LIMITS,
  activityLog: DEFAULT_ACTIVITY_LOG_LIMITS,
  web: DEFAULT_WEB_LIMITS,
  storeCalls: DEFAULT_STORE_CALL_LIMITS,
  gcs: DEFAULT_GCS_LIMITS,
  s3: DEFAULT_S3_LIMITS,
  azure: DEFAULT_AZURE_LIMITS,
  httpList: DEFAULT_HTTP_LIST_LIMITS,
  manifest: DEFAULT_MANIFEST_LIMITS,
  api: DEFAULT_API_LIMITS,
  grpc: DEFAULT_GRPC_LIMITS,
  http: DEFAULT_HTTP_LIMITS,
  httpUploads: DEFAULT_HTTP_UPLOAD_LIMITS,
  fields: DEFAULT_FIELDS_LIMITS,
  checks: DEFAULT_CHECKS_LIMITS,
  uploads: DEFAULT_UPLOAD_LIMITS,
  protoJson: DEFAULT_PROTO_JSON_LIMITS,
  drain: DEFAULT_DRAIN_LIMITS,
};

export type Limits = Readonly<typeof DEFAULT_LIMITS>;

/** Limits that are words, by their place: what each may say. */
const CHOICES: Readonly<Record<string, readonly (string | boolean)[]>> = {
  'limits.transfers.durability': ['none', 'batch', 'file'],
  'limits.transfers.reflink': ['auto', 'never'],
};

/** Limits that end earlier than a number does, by their place. */
const MAXIMA: Readonly<Record<string, number>> = {
  // RFC 9113, section 6.5.1: a setting's value has 32 bits. Node throws for more, at each connection.
  'limits.grpc.streamCountMax': 2 ** 32 - 1,
  // Each level is a call of the parser within the one before it: some thousands more would be the stack's end.
  'limits.operations.filterDepthMax': 1000,
  // A Struct of 50 levels is the 100 messages within each other that protobufjs decodes.
  'limits.protoJson.depthMax': 48,
};

/** Node's timers hold 31 bits; a longer time would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

type Tree = Readonly<Record<string, unknown>>;

/**
 * The defaults with those replaced that the file names: `limits: {operations: {waitMaxMs: 60000}}`.
 *
 * @throws ConfigError naming the member that is unknown or is not of its default's type.
 */
export function parseLimits(given: unknown): Limits {
  return merge(DEFAULT_LIMITS, given, 'limits') as Limits;
}

function merge(defaults: Tree, given: unknown, where: string): Tree {
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    throw new ConfigError(`${where}: must be a mapping`);
  }
  const replacements = (given ?? {}) as Tree;
  for (const name of Object.keys(replacements)) {
    if (!Object.hasOwn(defaults, name))
      throw new ConfigError(`${where}: there is no ${name}; known are ${Object.keys(defaults).join(', ')}`);
  }
  const merged = Object.entries(defaults).map(([name, value]) => [
    name,
    replace(value, replacements[name], `${where}.${name}`),
  ]);
  return Object.freeze(Object.fromEntries(merged) as Tree);
}

function replace(value: unknown, given: unknown, where: string): unknown {
  if (isTree(value)) return merge(value, given, where);
  if (given === undefined) return value;
  if (typeof value === 'number') return numberLike(value, given, where);
  const choices = CHOICES[where] ?? [true, false];
  if (choices.includes(given as string)) return given;
  throw new ConfigError(`${where}: must be one of ${choices.join(', ')}`);
}

/** Counts, sizes and times are whole and at least 1, or 0 where the default is that: a bound of 0 would stop what it bounds. */
function numberLike(value: number, given: unknown, where: string): number {
  const least = value === 0 ? 0 : 1;
  const most =
    MAXIMA[where] ?? (where.endsWith('Ms') && value <= TIMER_MAX_MS ? TIMER_MAX_MS : Number.MAX_SAFE_INTEGER);
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= least && given <= most) return given;
  throw new ConfigError(`${where}: must be a whole number from ${String(least)} to ${String(most)}`);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

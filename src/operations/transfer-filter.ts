import { JsonFilter, refused } from './json-filter.ts';
import { matchesWildcards } from './wildcards.ts';
import type { Operation, State } from './operation.ts';
import { parseRfc3339, type Moment } from './rfc3339.ts';

/** The names of transfer_types.proto's TransferOperation.Status. */
export type TransferStatus = 'IN_PROGRESS' | 'PAUSED' | 'SUCCESS' | 'FAILED' | 'ABORTED' | 'QUEUED' | 'SUSPENDING';

/** How Storage Transfer shows each state. A cancel that is under way shows as still in progress. */
export const TRANSFER_STATUS: Readonly<Record<State, TransferStatus>> = {
  QUEUED: 'QUEUED',
  RUNNING: 'IN_PROGRESS',
  SUSPENDING: 'SUSPENDING',
  PAUSED: 'PAUSED',
  CANCELLING: 'IN_PROGRESS',
  SUCCEEDED: 'SUCCESS',
  FAILED: 'FAILED',
  CANCELLED: 'ABORTED',
};

/** What a Storage Transfer list asks for; the members up to `createTimeMaxMs` are those of ListQuery. */
export interface TransferFilter {
  /** The project id. */
  readonly collection: string;
  /** Full operation names. */
  readonly names?: readonly string[];
  /** Full job names. */
  readonly resources?: readonly string[];
  readonly states?: readonly State[];
  /** Inclusive. */
  readonly createTimeMinMs?: number;
  /** Inclusive. */
  readonly createTimeMaxMs?: number;
  /** What a query cannot say: to be asked of each record that it finds. */
  readonly matches?: (operation: Pick<Operation, 'name' | 'resource'>) => boolean;
}

/** A query walks the index once for each job and status; of more jobs than these, records are looked at one by one instead. */
const INDEXED_JOB_COUNT_MAX = 16;

const JOB_PREFIX = 'transferJobs/';
const OPERATION_PREFIX = 'transferOperations/';

const KEYS = [
  'projectId',
  'jobNames',
  'jobNamePattern',
  'operationNames',
  'operationNamePattern',
  'minCreationTime',
  'maxCreationTime',
  'transferStatuses',
] as const;

/**
 * Reads the filter of ListOperations on the storagetransfer surface.
 *
 * Names are taken with and without their prefix, statuses in any case; the limits of the creation time are inclusive.
 * @throws StatusError INVALID_ARGUMENT naming the member, for anything it does not understand.
 */
export function parseTransferFilter(filter: string): TransferFilter {
  const members = new JsonFilter(filter, KEYS);
  const min = time(members, 'minCreationTime');
  const max = time(members, 'maxCreationTime');
  const jobNames = members.names('jobNames', JOB_PREFIX);
  const areFew = jobNames === undefined || jobNames.length <= INDEXED_JOB_COUNT_MAX;
  return withoutUndefined({
    collection: members.required('projectId'),
    names: members.names('operationNames', OPERATION_PREFIX),
    resources: areFew ? jobNames : undefined,
    states: states(members),
    // Creation times are whole milliseconds: the first one not before the minimum, the last one not after the maximum.
    createTimeMinMs: min === undefined ? undefined : min.timeMs + (min.restNs > 0 ? 1 : 0),
    createTimeMaxMs: max?.timeMs,
    matches: both(patterns(members), areFew ? undefined : oneOf(jobNames)),
  });
}

type Matcher = NonNullable<TransferFilter['matches']>;

function oneOf(jobNames: readonly string[]): Matcher {
  const names = new Set(jobNames);
  return ({ resource }) => resource !== undefined && names.has(resource);
}

function both(first: Matcher | undefined, second: Matcher | undefined): Matcher | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (operation) => first(operation) && second(operation);
}

function time(members: JsonFilter, key: string): Moment | undefined {
  const text = members.string(key);
  if (text === undefined) return undefined;
  const moment = parseRfc3339(text);
  if (moment === undefined) throw refused(key, 'must be an RFC 3339 timestamp such as 2026-01-31T09:30:00Z', text);
  return moment;
}

function states(members: JsonFilter): readonly State[] | undefined {
  const wanted = members.enumValues('transferStatuses', STATES_OF_STATUS);
  return wanted === undefined ? undefined : [...new Set(wanted.flat())];
}

const STATES_OF_STATUS = statesOfStatus();

function statesOfStatus(): ReadonlyMap<string, readonly State[]> {
  const result = new Map<string, State[]>();
  for (const [state, status] of Object.entries(TRANSFER_STATUS) as [State, TransferStatus][]) {
    result.set(status, [...(result.get(status) ?? []), state]);
  }
  return result;
}

function patterns(members: JsonFilter): TransferFilter['matches'] | undefined {
  const operationPattern = members.pattern('operationNamePattern');
  const jobPattern = members.pattern('jobNamePattern');
  if (operationPattern === undefined && jobPattern === undefined) return undefined;
  return ({ name, resource = '' }) =>
    matchesName(name, OPERATION_PREFIX, operationPattern) && matchesName(resource, JOB_PREFIX, jobPattern);
}

/** Patterns too are written with the prefix or without it. */
function matchesName(name: string, prefix: string, pattern: string | undefined): boolean {
  if (pattern === undefined) return true;
  return matchesWildcards(name, pattern) || matchesWildcards(name.slice(prefix.length), pattern);
}

type Given<T> = { [Key in keyof T]: T[Key] | undefined };

function withoutUndefined(filter: Given<Required<TransferFilter>>): TransferFilter {
  return Object.fromEntries(
    Object.entries(filter).filter(([, value]) => value !== undefined),
  ) as unknown as TransferFilter;
}

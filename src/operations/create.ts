import { createHash } from 'node:crypto';

import type { Any } from '../core/any.ts';
import { invalidArgument, type StatusError } from '../core/status-error.ts';
import { AT_ONCE, type Operation, type OperationIdentity, type OwnerTerms } from './operation.ts';

/** What the maker of an operation decides; the rest has defaults. */
export interface CreateOperation {
  /** Full name, of a form of its surface. */
  readonly name: string;
  readonly surface: string;
  /** Where List finds it. */
  readonly collection: string;
  readonly kind: string;
  readonly request: Any;
  /** What clients see before a worker has reported anything. */
  readonly metadata?: Any;
  readonly resource?: string;
  readonly exclusiveKey?: string;
  readonly requestId?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Larger is claimed first; 0 unless given. */
  readonly priority?: number;
  /** Not claimed before this much time has passed, milliseconds. */
  readonly delayMs?: number;
  readonly attemptCountMax?: number;
  readonly retentionMs?: number;
  /** How long one attempt may take, milliseconds. */
  readonly runTimeoutMs?: number;
  /** When the whole operation is cancelled, milliseconds since the epoch. */
  readonly deadlineTimeMs?: number;
  /** The name of the operation that it is a part of. */
  readonly parent?: string;
  /** Its work is an owner's: it waits for one, unless it is granted to one at once. */
  readonly owner?: OwnerTerms;
}

export interface CreateDefaults {
  readonly attemptCountMax: number;
  readonly retentionMs: number;
}

/**
 * The record of a new operation, queued. Pure but for hashing.
 *
 * @param parent  the operation of the input's `parent`, when that is given.
 */
export function createOperation(
  input: CreateOperation,
  now: number,
  defaults: CreateDefaults,
  parent?: OperationIdentity,
): Operation {
  return {
    name: input.name,
    surface: input.surface,
    collection: input.collection,
    kind: input.kind,
    state: 'QUEUED',
    request: input.request,
    ...(input.metadata === undefined ? {} : { metadata: input.metadata }),
    ...(input.resource === undefined ? {} : { resource: input.resource }),
    ...(input.exclusiveKey === undefined ? {} : { exclusiveKey: input.exclusiveKey }),
    ...(input.requestId === undefined ? {} : { requestId: input.requestId, requestDigest: requestDigest(input) }),
    ...(input.runTimeoutMs === undefined ? {} : { runTimeoutMs: input.runTimeoutMs }),
    ...(input.deadlineTimeMs === undefined ? {} : { deadlineTimeMs: input.deadlineTimeMs }),
    ...(parent === undefined ? {} : { parent: { name: parent.name, createTimeMs: parent.createTimeMs } }),
    ...(input.owner === undefined ? {} : { owner: input.owner, abandonTimeMs: now + input.owner.abandonAfterMs }),
    labels: input.labels ?? {},
    priority: input.priority ?? 0,
    createTimeMs: now,
    dueTimeMs: input.delayMs === undefined ? AT_ONCE : now + input.delayMs,
    retentionMs: input.retentionMs ?? defaults.retentionMs,
    attemptCount: 0,
    failureCount: 0,
    attemptCountMax: input.attemptCountMax ?? defaults.attemptCountMax,
    deathCount: 0,
    fence: 0n,
    revision: 0,
    deleted: false,
    encoded: new Uint8Array(0),
  };
}

/** @throws StatusError INVALID_ARGUMENT (reason REQUEST_ID_REUSED) unless it was this request that made the operation. */
export function assertSameRequest(input: CreateOperation, made: Operation): void {
  if (requestDigest(input) !== made.requestDigest) throw requestIdReused(made);
}

/** INVALID_ARGUMENT: the request id made another operation than the one asked for. */
export function requestIdReused({ name }: Operation): StatusError {
  return invalidArgument('request_id', `was used for another request, that of ${name}; take a new one`, {
    reason: 'REQUEST_ID_REUSED',
    metadata: { operation: name },
  });
}

/**
 * Tells two requests under one request id apart: all that was asked for but the name, which may be generated anew, and who is to hold
 * it, which decides on the lease alone.
 */
function requestDigest(input: CreateOperation): string {
  const { name: _name, request, metadata, owner, ...rest } = input;
  const { holder: _holder, ...terms } = owner ?? {};
  const facts = Object.entries({ ...rest, ...(owner === undefined ? {} : { owner: terms }) }).sort(([left], [right]) =>
    left < right ? -1 : 1,
  );
  const hash = createHash('sha256').update(JSON.stringify([facts.map(sorted), request.typeUrl, metadata?.typeUrl]));
  // Lengths first, so that no bytes can be taken for those of the other.
  for (const { byteLength } of [request.value, metadata?.value ?? NOTHING]) hash.update(`${String(byteLength)},`);
  return hash
    .update(request.value)
    .update(metadata?.value ?? NOTHING)
    .digest('base64url');
}

const NOTHING = new Uint8Array(0);

/** Members in one order, as a map's entries come in any. */
function sorted([key, value]: readonly [string, unknown]): unknown {
  if (typeof value !== 'object' || value === null) return [key, value];
  return [key, Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))];
}

import { createHash } from 'node:crypto';

import type { Any } from '../core/any.ts';
import { AT_ONCE, type Operation } from './operation.ts';

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
}

export interface CreateDefaults {
  readonly attemptCountMax: number;
  readonly retentionMs: number;
}

/** The record of a new operation, queued. Pure but for hashing. */
export function createOperation(input: CreateOperation, now: number, defaults: CreateDefaults): Operation {
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

/** Tells two requests under one request id apart: what is to be done, not when or under which name. */
function requestDigest(input: CreateOperation): string {
  return createHash('sha256')
    .update(JSON.stringify([input.kind, input.resource ?? '', input.request.typeUrl]))
    .update(input.request.value)
    .digest('base64url');
}

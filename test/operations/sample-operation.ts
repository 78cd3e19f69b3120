import { EMPTY } from '../../src/core/any.ts';
import type { Operation } from '../../src/operations/operation.ts';

/** A queued operation with plain values, and what a test changes about it. */
export function sampleOperation(changes: Partial<Operation> = {}): Operation {
  return {
    name: 'operations/1',
    surface: 'longrunning',
    collection: 'operations',
    kind: 'test',
    state: 'QUEUED',
    request: EMPTY,
    priority: 0,
    labels: {},
    createTimeMs: 1000,
    dueTimeMs: 1000,
    retentionMs: 86_400_000,
    attemptCount: 0,
    failureCount: 0,
    attemptCountMax: 3,
    deathCount: 0,
    fence: 0n,
    revision: 1,
    deleted: false,
    encoded: new Uint8Array(0),
    ...changes,
  };
}

/** The same, held by a session under fence 1. */
export function heldOperation(changes: Partial<Operation> = {}): Operation {
  return sampleOperation({
    state: 'RUNNING',
    session: 's1',
    fence: 1n,
    attemptCount: 1,
    startTimeMs: 1500,
    ...changes,
  });
}

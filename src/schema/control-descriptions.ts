/** What explains operations and workers, as messages of longrunning.control.v1. */
import { shownExclusiveKey } from '../operations/control/create-request.ts';
import type { Description, OwnerPage } from '../operations/control/describer.ts';
import type { DueEvent, QueuedReason } from '../operations/control/explain.ts';
import type { Lease } from '../operations/lease.ts';
import { isLeased, type Operation } from '../operations/operation.ts';
import type { WorkerStatus } from '../operations/worker-directory.ts';
import { encodeSummary, stateName } from './control-messages.ts';
import { durationOf } from './duration.ts';
import { encodeMessage, type Message } from './protos.ts';
import { timestampOf } from './timestamp.ts';
import { delimited, encodeFields } from './wire-fields.ts';

const DESCRIPTION = 'longrunning.control.v1.OperationDescription';
const WORKERS = 'longrunning.control.v1.ListWorkersResponse';
const SUMMARY = delimited(1);

/** An encoded OperationDescription. */
export function encodeDescription(description: Description): Buffer {
  const { operation } = description;
  const rest = {
    ...recordMembers(operation),
    ...(isLeased(operation) ? { lease: leaseMessage(description) } : {}),
    queuedReasons: description.queuedReasons.map(reasonMessage),
    dueEvents: description.dueEvents.map(eventMessage),
    children: description.children.map(({ name, state, kind }) => ({ name, state: stateName(state), kind })),
    moreChildren: description.hasMoreChildren,
  };
  return Buffer.concat([encodeFields([[SUMMARY, encodeSummary(operation)]]), encodeMessage(DESCRIPTION, rest)]);
}

function recordMembers(operation: Operation): Message {
  const { request, resource, exclusiveKey, requestId, runTimeoutMs, deadlineTimeMs, expireTimeMs } = operation;
  const { surface, collection } = operation;
  return {
    ...(resource === undefined ? {} : { resource }),
    requestType: request.typeUrl,
    requestSizeBytes: request.value.byteLength,
    failureCount: operation.failureCount,
    attemptCountMax: operation.attemptCountMax,
    deathCount: operation.deathCount,
    hasCheckpoint: operation.checkpoint !== undefined,
    ...(exclusiveKey === undefined ? {} : { exclusiveKey: shownExclusiveKey(exclusiveKey, surface, collection) }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(runTimeoutMs === undefined ? {} : { runTimeout: durationOf(runTimeoutMs) }),
    ...(deadlineTimeMs === undefined ? {} : { deadlineTime: timestampOf(deadlineTimeMs) }),
    retention: durationOf(operation.retentionMs),
    ...(expireTimeMs === undefined ? {} : { expireTime: timestampOf(expireTimeMs) }),
  };
}

function leaseMessage({ operation, leaseLeftMs, worker }: Description): Message {
  const { session = '', fence, attemptStartTimeMs } = operation;
  return {
    session,
    fence: String(fence),
    ...(attemptStartTimeMs === undefined ? {} : { since: timestampOf(attemptStartTimeMs) }),
    ...(leaseLeftMs === undefined ? {} : { timeLeft: durationOf(leaseLeftMs) }),
    ...(worker === undefined ? {} : { worker }),
  };
}

function reasonMessage({ kind, message, untilTimeMs, aheadCount }: QueuedReason): Message {
  return {
    kind: `KIND_${kind}`,
    message,
    ...(untilTimeMs === undefined ? {} : { untilTime: timestampOf(untilTimeMs) }),
    ...(aheadCount === undefined ? {} : { aheadCount }),
  };
}

function eventMessage({ kind, timeMs }: DueEvent): Message {
  return { kind: `KIND_${kind}`, time: timestampOf(timeMs) };
}

/** An encoded ListWorkersResponse. */
export function encodeWorkers(workers: readonly WorkerStatus[], { owners, nextPageToken }: OwnerPage): Buffer {
  return encodeMessage(WORKERS, {
    workers: workers.map(({ name, kinds, slotCount, held, quarantined }) => ({
      name,
      kinds,
      slotCount,
      holds: held.map(heldMessage),
      quarantined,
    })),
    ownerSessions: owners.map(({ session, lease, sinceMs, leftMs }) => ({
      session,
      holds: heldMessage(lease),
      since: timestampOf(sinceMs),
      ...(leftMs === undefined ? {} : { timeLeft: durationOf(leftMs) }),
    })),
    nextPageToken,
  });
}

function heldMessage({ name, fence }: Lease): Message {
  return { name, fence: String(fence) };
}

import type { Any } from '../core/any.ts';
import { Code } from '../core/code.ts';
import { invalidArgument, type Status } from '../core/status-error.ts';
import type { CreateRequest } from '../operations/control/create-request.ts';
import type { BulkCancels } from '../operations/control/bulk-cancels.ts';
import type { Created, Creator, OwnerGrant } from '../operations/control/creator.ts';
import type { Describer } from '../operations/control/describer.ts';
import type { Owners } from '../operations/control/owners.ts';
import type { RequestCanceller } from '../operations/control/request-canceller.ts';
import type { Lease, Report } from '../operations/lease.ts';
import type { OwnerTerms } from '../operations/operation.ts';
import type { Operations } from '../operations/operations.ts';
import { encodeDescription, encodeWorkers } from '../schema/control-descriptions.ts';
import { cancelReasonName, progressReportOf, stateName, type ProgressMessage } from '../schema/control-messages.ts';
import { durationMsOf, durationOf, type DurationMessage } from '../schema/duration.ts';
import { domainAny, encodeMessage, wireAny, type Message, type WireAny } from '../schema/protos.ts';
import { statusOf } from '../schema/status.ts';
import { givenTimeMs, timestampOf, type TimestampMessage } from '../schema/timestamp.ts';
import { delimited, encodeFields } from '../schema/wire-fields.ts';
import { graceEndOf } from '../operations/timers.ts';
import type { Clock } from '../core/clock.ts';
import type { WatchCaller, WatchHub } from '../operations/watch/watch-hub.ts';
import type { AnyMethod, CallContext, Method, StreamMethod } from './method.ts';

const SERVICE = 'longrunning.control.v1.OperationControl';
const PACKAGE = 'longrunning.control.v1';

/** The first field of every answer that holds an operation. */
const OPERATION = delimited(1);

export interface OperationControlParts {
  readonly operations: Pick<Operations, 'domainOf'>;
  readonly creator: Creator;
  readonly owners: Owners;
  readonly describer: Describer;
  readonly requestCanceller: RequestCanceller;
  readonly watches: WatchHub;
  readonly bulkCancels: BulkCancels;
  readonly clock: Clock;
  /** Bytes of the error of a failure. */
  readonly errorSizeMaxBytes: number;
}

interface NamedRequest {
  readonly name?: string;
}

interface CreateMessage {
  readonly surface?: string;
  readonly parent?: string;
  readonly operationId?: string;
  readonly kind?: string;
  readonly request?: WireAny;
  readonly metadata?: WireAny;
  readonly requestId?: string;
  readonly priority?: number;
  readonly delay?: DurationMessage;
  readonly runTimeout?: DurationMessage;
  readonly deadlineTime?: TimestampMessage;
  readonly retention?: DurationMessage;
  readonly labels?: Readonly<Record<string, string>>;
  readonly exclusiveKey?: string;
  readonly parentOperation?: string;
  readonly hold?: HoldMessage;
  readonly attemptCountMax?: number;
}

interface HoldMessage {
  readonly leaseDuration?: DurationMessage;
  readonly cancelGrace?: DurationMessage;
  readonly abandonAfter?: DurationMessage;
  readonly holder?: string;
}

interface LeasedRequest extends NamedRequest {
  readonly fence?: string;
  readonly metadata?: WireAny;
  readonly progress?: ProgressMessage;
}

interface UpdateMessage extends LeasedRequest {
  readonly checkpoint?: WireAny;
  readonly acknowledgeCancel?: boolean;
}

interface CompleteMessage extends LeasedRequest {
  readonly response?: WireAny;
  readonly cancelled?: object;
}

interface FailMessage extends LeasedRequest {
  readonly error?: Message;
  readonly retryable?: boolean;
}

interface WatchMessage extends NamedRequest {
  readonly parent?: string;
  readonly filter?: string;
  readonly cursor?: string;
}

interface RequestIdMessage {
  readonly parent?: string;
  readonly requestId?: string;
}

interface BulkCancelMessage extends RequestIdMessage {
  readonly filter?: string;
}

interface PageMessage {
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** The methods of OperationControl. They only convert: the rules are in operations/. */
export function operationControlMethods(parts: OperationControlParts): readonly AnyMethod[] {
  const { operations } = parts;
  const ofName = ({ name = '' }: NamedRequest): string => operations.domainOf(name);
  const ofParent = ({ parent = '' }: { readonly parent?: string }): string => operations.domainOf(parent);
  return [
    { service: SERVICE, rpc: 'CreateOperation', domain: ofParent, handle: createOperation(parts) },
    { service: SERVICE, rpc: 'AcquireOperation', domain: ofName, handle: acquireOperation(parts) },
    { service: SERVICE, rpc: 'UpdateOperation', domain: ofName, handle: updateOperation(parts) },
    { service: SERVICE, rpc: 'CompleteOperation', domain: ofName, handle: completeOperation(parts) },
    { service: SERVICE, rpc: 'FailOperation', domain: ofName, handle: failOperation(parts) },
    { service: SERVICE, rpc: 'DescribeOperation', domain: ofName, handle: describeOperation(parts) },
    {
      service: SERVICE,
      rpc: 'WatchOperations',
      domain: ofWatched(parts),
      resumption: { cursorField: 'cursor', heartbeatField: 'heartbeat' },
      stream: watchOperations(parts),
    },
    { service: SERVICE, rpc: 'CancelByRequestId', domain: ofParent, handle: cancelByRequestId(parts) },
    { service: SERVICE, rpc: 'BulkCancel', domain: ofParent, handle: bulkCancel(parts) },
    { service: SERVICE, rpc: 'ListWorkers', domain: () => operations.domainOf(''), handle: listWorkers(parts) },
  ];
}

function createOperation({ creator }: OperationControlParts): Method<CreateMessage>['handle'] {
  return async (message) => encodeCreated(await creator.create(createRequestOf(message)));
}

function encodeCreated({ operation, created, grant }: Created): Buffer {
  const rest = { created, ...(grant === undefined ? {} : { lease: leaseMessage(grant) }) };
  const encoded = encodeMessage(`${PACKAGE}.CreateOperationResponse`, rest);
  return Buffer.concat([encodeFields([[OPERATION, operation.encoded]]), encoded]);
}

function acquireOperation({ owners }: OperationControlParts): Method<NamedRequest>['handle'] {
  return async ({ name = '' }) => {
    const { operation, grant } = await owners.acquire(name);
    const rest = encodeMessage(`${PACKAGE}.AcquireOperationResponse`, {
      lease: leaseMessage(grant),
      request: wireAny(operation.request),
      ...(operation.checkpoint === undefined ? {} : { checkpoint: wireAny(operation.checkpoint) }),
      attempt: operation.attemptCount,
    });
    return Buffer.concat([encodeFields([[OPERATION, operation.encoded]]), rest]);
  };
}

function updateOperation({ owners, clock }: OperationControlParts): Method<UpdateMessage>['handle'] {
  return async (message) => {
    const { operation, leaseDurationMs } = await owners.update(leaseOf(message), {
      ...reportOf(message),
      ...(message.checkpoint === undefined ? {} : { checkpoint: domainAny(message.checkpoint) }),
      acknowledgesCancel: message.acknowledgeCancel === true,
    });
    const { cancel } = operation;
    const graceLeftMs = Math.max(0, (graceEndOf(operation) ?? 0) - clock.now());
    return {
      leaseDuration: durationOf(leaseDurationMs),
      state: stateName(operation.state),
      ...(cancel === undefined
        ? {}
        : {
            cancel: {
              reason: cancelReasonName(cancel.reason),
              actor: cancel.actor,
              requestTime: timestampOf(cancel.requestTimeMs),
              ...(cancel.deliverTimeMs === undefined ? {} : { deliverTime: timestampOf(cancel.deliverTimeMs) }),
              graceLeft: durationOf(graceLeftMs),
            },
          }),
    };
  };
}

function completeOperation({ owners }: OperationControlParts): Method<CompleteMessage>['handle'] {
  return async (message) => {
    const { response, cancelled } = message;
    if (response === undefined && cancelled === undefined)
      throw invalidArgument('outcome', 'is required: response or cancelled');
    const outcome = response === undefined ? ('cancelled' as const) : { response: domainAny(response) };
    return (await owners.complete(leaseOf(message), outcome, reportOf(message))).encoded;
  };
}

function failOperation({ owners, errorSizeMaxBytes }: OperationControlParts): Method<FailMessage>['handle'] {
  return async (message) => {
    const { error, retryable = false } = message;
    if (error === undefined) throw invalidArgument('error', 'is required');
    const sizeBytes = encodeMessage('google.rpc.Status', error).length;
    if (sizeBytes > errorSizeMaxBytes)
      throw invalidArgument('error', `has more than ${String(errorSizeMaxBytes)} bytes`);
    const status = readStatus(error);
    if (status.code === Code.OK) throw invalidArgument('error.code', 'must not be OK; use CompleteOperation');
    return (await owners.fail(leaseOf(message), status, { ...reportOf(message), retryable })).encoded;
  };
}

/** @throws StatusError INVALID_ARGUMENT for an ErrorInfo among the details that is none. */
function readStatus(error: NonNullable<FailMessage['error']>): Status {
  try {
    return statusOf(error);
  } catch (cause) {
    throw invalidArgument('error.details', 'holds an ErrorInfo whose bytes are not one', {
      reason: 'MALFORMED_ANY',
      metadata: { type: 'google.rpc.ErrorInfo' },
      cause,
    });
  }
}

function describeOperation({ describer }: OperationControlParts): Method<NamedRequest>['handle'] {
  return async ({ name = '' }) => encodeDescription(await describer.describe(name));
}

function ofWatched({ operations }: OperationControlParts): StreamMethod<WatchMessage>['domain'] {
  return ({ name = '', parent = '' }) => operations.domainOf(name === '' ? parent : name);
}

function watchOperations({ watches }: OperationControlParts): StreamMethod<WatchMessage>['stream'] {
  return ({ name = '', parent = '', filter = '', cursor = '' }, context) =>
    watches.watch({ name, parent, filter, cursor }, callerOf(context));
}

/** What a watch needs of its call, which makes its signal when it is first asked for. */
function callerOf(context: CallContext): WatchCaller {
  const cutOff = (): void => {
    context.cutOff();
  };
  return { signal: context.signal, client: context.client, cutOff };
}

function cancelByRequestId({ requestCanceller }: OperationControlParts): Method<RequestIdMessage>['handle'] {
  return async (message, context) => {
    const cancelled = await requestCanceller.cancel(message, context.actor);
    if ('operation' in cancelled) return encodeFields([[OPERATION, cancelled.operation.encoded]]);
    return { pendingUntilTime: timestampOf(cancelled.pendingUntilMs) };
  };
}

function bulkCancel({ bulkCancels }: OperationControlParts): Method<BulkCancelMessage>['handle'] {
  return async ({ parent = '', filter = '', requestId }) =>
    (await bulkCancels.start({ parent, filter }, requestId)).encoded;
}

function listWorkers({ describer }: OperationControlParts): Method<PageMessage>['handle'] {
  return async ({ pageSize, pageToken = '' }) => {
    const page = await describer.owners({ pageToken, ...(pageSize === undefined ? {} : { pageSize }) });
    return encodeWorkers(describer.workers(), page);
  };
}

function createRequestOf(message: CreateMessage): CreateRequest {
  const { request, metadata, delay, runTimeout, deadlineTime, retention, hold, ...rest } = message;
  return {
    ...rest,
    ...(request === undefined ? {} : { request: domainAny(request) }),
    ...(metadata === undefined ? {} : { metadata: domainAny(metadata) }),
    ...(delay === undefined ? {} : { delayMs: durationMsOf(delay, 'delay') }),
    ...(runTimeout === undefined ? {} : { runTimeoutMs: durationMsOf(runTimeout, 'run_timeout') }),
    ...(deadlineTime === undefined ? {} : { deadlineTimeMs: givenTimeMs(deadlineTime, 'deadline_time') }),
    ...(retention === undefined ? {} : { retentionMs: durationMsOf(retention, 'retention') }),
    ...(hold === undefined ? {} : { hold: holdOf(hold) }),
  };
}

function holdOf({ leaseDuration, cancelGrace, abandonAfter, holder }: HoldMessage): Partial<OwnerTerms> {
  const ms = (field: string, duration: DurationMessage): number => durationMsOf(duration, `hold.${field}`);
  return {
    ...(leaseDuration === undefined ? {} : { leaseDurationMs: ms('lease_duration', leaseDuration) }),
    ...(cancelGrace === undefined ? {} : { cancelGraceMs: ms('cancel_grace', cancelGrace) }),
    ...(abandonAfter === undefined ? {} : { abandonAfterMs: ms('abandon_after', abandonAfter) }),
    ...(holder === undefined ? {} : { holder }),
  };
}

function leaseMessage({ fence, leaseDurationMs }: OwnerGrant): Message {
  return { fence: String(fence), duration: durationOf(leaseDurationMs) };
}

function leaseOf({ name = '', fence = '0' }: LeasedRequest): Lease {
  return { name, fence: BigInt(fence) };
}

function reportOf({ metadata, progress }: LeasedRequest): Report {
  const given: Any | undefined = metadata === undefined ? undefined : domainAny(metadata);
  return {
    ...(given === undefined ? {} : { metadata: given }),
    ...(progress === undefined ? {} : { progress: progressReportOf(progress) }),
  };
}

import type { Any } from '../core/any.ts';
import type { Status, StatusError } from '../core/status-error.ts';
import { domainAny, wireAny } from '../schema/protos.ts';
import { statusMessage } from '../schema/status.ts';
import type {
  CancelledRequestMessage,
  OperationDescriptionMessage,
  WatchEventMessage,
  WatchRequest,
  WorkersMessage,
} from './control-messages.ts';
import type { OperationMessage, WireAny } from './messages.ts';
import {
  createMessage,
  grantedLease,
  leaseMembers,
  reportMembers,
  updateAnswer,
  updateMembers,
  type AcquiredOperation,
  type CreatedOperation,
  type CreateOperationRequest,
  type LeaseMessage,
  type OwnerLease,
  type OwnerReport,
  type OwnerUpdate,
  type UpdateAnswer,
  type UpdateMessage,
} from './owner-messages.ts';
import type { CallOptions, RpcChannel, RpcPath } from './rpc-channel.ts';

/** A failure of an owner's attempt. */
export interface OwnerFailure extends OwnerReport {
  readonly error: Status | StatusError;
  /** Whether another attempt may do better. */
  readonly retryable?: boolean;
}

/** Which operations of a collection are to be cancelled. */
export interface BulkCancelRequest {
  readonly parent: string;
  /** `*` is all of them. */
  readonly filter: string;
  /** A UUID that makes the call idempotent. */
  readonly requestId?: string;
}

interface CreatedMessage {
  readonly operation?: OperationMessage;
  readonly lease?: LeaseMessage;
  readonly created?: boolean;
}

interface AcquiredMessage extends CreatedMessage {
  readonly request?: WireAny;
  readonly checkpoint?: WireAny;
  readonly attempt?: number;
}

/**
 * longrunning.control.v1.OperationControl: for owners of slow work, and for those who look at operations. A server that does not have
 * it answers UNIMPLEMENTED. The proto says what each call promises and how it is refused.
 */
export class OperationControlClient {
  readonly #channel: RpcChannel;

  constructor(channel: RpcChannel) {
    this.#channel = channel;
  }

  /** Makes an operation: queued for a worker of its kind or, with `hold`, running and the caller's. Durable when it resolves. */
  async create(request: CreateOperationRequest, options?: CallOptions): Promise<CreatedOperation> {
    const message = createMessage(request);
    const { operation = {}, lease, created } = await this.#call<CreatedMessage>('CreateOperation', message, options);
    const granted = lease === undefined ? {} : { lease: grantedLease(operation.name ?? '', lease) };
    return { operation, created: created === true, ...granted };
  }

  /** Takes an operation that was created with `hold` and has no owner any more. */
  async acquire(name: string, options?: CallOptions): Promise<AcquiredOperation> {
    const answer = await this.#call<AcquiredMessage>('AcquireOperation', { name }, options);
    const { operation = {}, lease = {}, request = {}, checkpoint, attempt = 0 } = answer;
    return {
      operation,
      lease: grantedLease(name, lease),
      request: domainAny(request),
      ...(checkpoint === undefined ? {} : { checkpoint: domainAny(checkpoint) }),
      attempt,
    };
  }

  /** Renews the lease, stores what is reported, and tells whether a cancel is wanted. */
  async update(lease: OwnerLease, update: OwnerUpdate = {}, options?: CallOptions): Promise<UpdateAnswer> {
    const message = { ...leaseMembers(lease), ...updateMembers(update) };
    return updateAnswer(await this.#call<UpdateMessage>('UpdateOperation', message, options));
  }

  /** Ends the operation with its response. */
  complete(
    lease: OwnerLease,
    { response, ...report }: OwnerReport & { readonly response: Any },
    options?: CallOptions,
  ): Promise<OperationMessage> {
    const message = { ...leaseMembers(lease), ...reportMembers(report), response: wireAny(response) };
    return this.#call('CompleteOperation', message, options);
  }

  /** Confirms that cancelled work has stopped: the operation is CANCELLED. */
  confirmStop(lease: OwnerLease, report: OwnerReport = {}, options?: CallOptions): Promise<OperationMessage> {
    const message = { ...leaseMembers(lease), ...reportMembers(report), cancelled: {} };
    return this.#call('CompleteOperation', message, options);
  }

  /** Ends the attempt as failed, and the operation with it unless it is tried again: then it is not done. */
  fail(
    lease: OwnerLease,
    { error, retryable = false, ...report }: OwnerFailure,
    options?: CallOptions,
  ): Promise<OperationMessage> {
    // Without a domain the server fills in that of the operation's surface.
    const members = { ...leaseMembers(lease), ...reportMembers(report), error: statusMessage(error, '') };
    return this.#call('FailOperation', { ...members, retryable }, options);
  }

  /** Where the operation stands, why it is still queued, and what will happen to it next. */
  describe(name: string, options?: CallOptions): Promise<OperationDescriptionMessage> {
    return this.#call('DescribeOperation', { name }, options);
  }

  /** The current state, then each change. The stream of one operation ends after its final state. */
  watch(request: WatchRequest, options?: CallOptions): AsyncGenerator<WatchEventMessage> {
    return this.#channel.stream(rpc('WatchOperations'), request, options);
  }

  /** Cancels what was, or will be, created with a request id, in `operations` unless a parent is given. */
  cancelByRequestId(
    request: { readonly requestId: string; readonly parent?: string },
    options?: CallOptions,
  ): Promise<CancelledRequestMessage> {
    return this.#call('CancelByRequestId', request, options);
  }

  /** Cancels all that match, as an operation of its own: it is answered, and has ended once that is done. */
  bulkCancel(request: BulkCancelRequest, options?: CallOptions): Promise<OperationMessage> {
    return this.#call('BulkCancel', request, options);
  }

  /** The workers of the process that answers, and one page of the owners that hold operations. */
  listWorkers(
    page: { readonly pageSize?: number; readonly pageToken?: string } = {},
    options?: CallOptions,
  ): Promise<WorkersMessage> {
    return this.#call('ListWorkers', page, options);
  }

  #call<Response>(name: string, request: object, options?: CallOptions): Promise<Response> {
    return this.#channel.call(rpc(name), request, options);
  }
}

function rpc(name: string): RpcPath {
  return `longrunning.control.v1.OperationControl/${name}`;
}

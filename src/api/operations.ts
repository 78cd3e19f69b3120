import { invalidArgument } from '../core/status-error.ts';
import type { Operations } from '../operations/operations.ts';
import { encodeListResponse } from '../schema/list-response.ts';
import type { Method } from './method.ts';

const SERVICE = 'google.longrunning.Operations';

/** An encoded google.protobuf.Empty. */
const EMPTY = new Uint8Array(0);

/** Limits of google.protobuf.Duration (duration.proto): about 10,000 years. */
const DURATION_SECONDS_MAX = 315_576_000_000;
const NANOS_MAX = 999_999_999;

interface NamedRequest {
  readonly name?: string;
}

interface ListRequest extends NamedRequest {
  readonly filter?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
  readonly returnPartialSuccess?: boolean;
}

interface WaitRequest extends NamedRequest {
  readonly timeout?: DurationMessage;
}

interface DurationMessage {
  readonly seconds?: string;
  readonly nanos?: number;
}

/** The five methods of google.longrunning.Operations. They only convert: every rule is in class Operations. */
export function operationsMethods(operations: Operations): readonly Method[] {
  const domain = (request: NamedRequest): string => operations.domainOf(request.name ?? '');
  return [
    { service: SERVICE, rpc: 'ListOperations', domain, handle: listOperations(operations) },
    { service: SERVICE, rpc: 'GetOperation', domain, handle: getOperation(operations) },
    { service: SERVICE, rpc: 'DeleteOperation', domain, handle: deleteOperation(operations) },
    { service: SERVICE, rpc: 'CancelOperation', domain, handle: cancelOperation(operations) },
    { service: SERVICE, rpc: 'WaitOperation', domain, handle: waitOperation(operations) },
  ];
}

function listOperations(operations: Operations): Method<ListRequest>['handle'] {
  return async (request) => {
    const page = await operations.list({
      name: request.name ?? '',
      filter: request.filter ?? '',
      pageToken: request.pageToken ?? '',
      returnPartialSuccess: request.returnPartialSuccess ?? false,
      ...(request.pageSize === undefined ? {} : { pageSize: request.pageSize }),
    });
    return encodeListResponse(
      page.operations.map((operation) => operation.encoded),
      page.nextPageToken,
    );
  };
}

function getOperation(operations: Operations): Method<NamedRequest>['handle'] {
  return ({ name = '' }) => operations.peek(name)?.encoded ?? operations.get(name).then(({ encoded }) => encoded);
}

function deleteOperation(operations: Operations): Method<NamedRequest>['handle'] {
  return async (request) => {
    await operations.delete(request.name ?? '');
    return EMPTY;
  };
}

function cancelOperation(operations: Operations): Method<NamedRequest>['handle'] {
  return async (request, context) => {
    await operations.cancel(request.name ?? '', { reason: 'user', actor: context.actor });
    return EMPTY;
  };
}

function waitOperation(operations: Operations): Method<WaitRequest>['handle'] {
  return async (request, context) => {
    const { operation, retryDelayMs } = await operations.wait(request.name ?? '', {
      signal: context.signal,
      ...(context.deadlineMs === undefined ? {} : { deadlineMs: context.deadlineMs }),
      ...(request.timeout === undefined ? {} : { timeoutMs: timeoutMs(request.timeout) }),
    });
    if (retryDelayMs !== undefined) context.setTrailer('retry-after', String(Math.ceil(retryDelayMs / 1000)));
    return operation.encoded;
  };
}

/**
 * duration.proto: "a non-zero value for the `nanos` field must be of the same sign as the `seconds` field".
 *
 * @throws StatusError INVALID_ARGUMENT for what is no duration; whether it may be negative is for others to say.
 */
function timeoutMs(timeout: DurationMessage): number {
  const seconds = Number(timeout.seconds ?? '0');
  const nanos = timeout.nanos ?? 0;
  const sameSign = seconds * nanos >= 0;
  if (Math.abs(seconds) > DURATION_SECONDS_MAX || Math.abs(nanos) > NANOS_MAX || !sameSign) {
    throw invalidArgument('timeout', `${String(seconds)} seconds and ${String(nanos)} nanos are not a duration`);
  }
  return seconds * 1000 + nanos / 1e6;
}

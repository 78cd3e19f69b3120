import type { Operations } from '../operations/operations.ts';
import { durationMsOf, type DurationMessage } from '../schema/duration.ts';
import { encodeListResponse } from '../schema/list-response.ts';
import type { Method } from './method.ts';

const SERVICE = 'google.longrunning.Operations';

/** An encoded google.protobuf.Empty. */
const EMPTY = new Uint8Array(0);

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
    const asked = {
      name: request.name ?? '',
      filter: request.filter ?? '',
      pageToken: request.pageToken ?? '',
      returnPartialSuccess: request.returnPartialSuccess ?? false,
      ...(request.pageSize === undefined ? {} : { pageSize: request.pageSize }),
    };
    const page = await operations.list(asked);
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
      ...(request.timeout === undefined ? {} : { timeoutMs: durationMsOf(request.timeout, 'timeout') }),
    });
    if (retryDelayMs !== undefined) context.setTrailer('retry-after', String(Math.ceil(retryDelayMs / 1000)));
    return operation.encoded;
  };
}

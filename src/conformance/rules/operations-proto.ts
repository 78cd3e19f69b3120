/** The comments of google/longrunning/operations.proto, sentence by sentence, in their order there. */
export const OPERATIONS_PROTO = {
  'proto.info': 'Additional information regarding long-running operations.',
  'proto.info.types': 'In particular, this specifies the types that are returned from long-running operations.',
  'proto.info.required': 'Required for methods that return `google.longrunning.Operation`; invalid otherwise.',
  'proto.service': 'Manages long-running operations with an API service.',
  'proto.service.use':
    'When an API method normally takes long time to complete, it can be designed to return Operation to the client, and the client can use this interface to receive the real response asynchronously by polling the operation resource, or pass the operation resource to another API (such as Pub/Sub API) to receive the response.',
  'proto.service.uniform':
    'Any API service that returns long-running operations should implement the `Operations` interface so developers can have a consistent client experience.',
  'proto.list': 'Lists operations that match the specified filter in the request.',
  'proto.list.unimplemented': "If the server doesn't support this method, it returns `UNIMPLEMENTED`.",
  'proto.get': 'Gets the latest state of a long-running operation.',
  'proto.get.poll':
    'Clients can use this method to poll the operation result at intervals as recommended by the API service.',
  'proto.delete': 'Deletes a long-running operation.',
  'proto.delete.meaning': 'This method indicates that the client is no longer interested in the operation result.',
  'proto.delete.no-cancel': 'It does not cancel the operation.',
  'proto.delete.unimplemented':
    "If the server doesn't support this method, it returns `google.rpc.Code.UNIMPLEMENTED`.",
  'proto.cancel': 'Starts asynchronous cancellation on a long-running operation.',
  'proto.cancel.effort': 'The server makes a best effort to cancel the operation, but success is not guaranteed.',
  'proto.cancel.unimplemented':
    "If the server doesn't support this method, it returns `google.rpc.Code.UNIMPLEMENTED`.",
  'proto.cancel.check':
    'Clients can use Operations.GetOperation or other methods to check whether the cancellation succeeded or whether the operation completed despite cancellation.',
  'proto.cancel.kept':
    'On successful cancellation, the operation is not deleted; instead, it becomes an operation with an Operation.error value with a google.rpc.Status.code of `1`, corresponding to `Code.CANCELLED`.',
  'proto.wait':
    'Waits until the specified long-running operation is done or reaches at most a specified timeout, returning the latest state.',
  'proto.wait.done': 'If the operation is already done, the latest state is immediately returned.',
  'proto.wait.longer':
    'If the timeout specified is greater than the default HTTP/RPC timeout, the HTTP/RPC timeout is used.',
  'proto.wait.unimplemented': 'If the server does not support this method, it returns `google.rpc.Code.UNIMPLEMENTED`.',
  'proto.wait.effort': 'Note that this method is on a best-effort basis.',
  'proto.wait.early':
    'It may return the latest state before the specified timeout (including immediately), meaning even an immediate response is no guarantee that the operation is done.',
  'proto.operation': 'This resource represents a long-running operation that is the result of a network API call.',
  'proto.operation.name':
    'The server-assigned name, which is only unique within the same service that originally returns it.',
  'proto.operation.name-form':
    'If you use the default HTTP mapping, the `name` should be a resource name ending with `operations/{unique_id}`.',
  'proto.operation.metadata': 'Service-specific metadata associated with the operation.',
  'proto.operation.metadata-content':
    'It typically contains progress information and common metadata such as create time.',
  'proto.operation.metadata-optional': 'Some services might not provide such metadata.',
  'proto.operation.metadata-type':
    'Any method that returns a long-running operation should document the metadata type, if any.',
  'proto.operation.running': 'If the value is `false`, it means the operation is still in progress.',
  'proto.operation.completed': 'If `true`, the operation is completed, and either `error` or `response` is available.',
  'proto.operation.result': 'The operation result, which can be either an `error` or a valid `response`.',
  'proto.operation.no-result': 'If `done` == `false`, neither `error` nor `response` is set.',
  'proto.operation.one-result': 'If `done` == `true`, exactly one of `error` or `response` can be set.',
  'proto.operation.result-optional': 'Some services might not provide the result.',
  'proto.operation.error': 'The error result of the operation in case of failure or cancellation.',
  'proto.operation.response': 'The normal, successful response of the operation.',
  'proto.operation.response-empty':
    'If the original method returns no data on success, such as `Delete`, the response is `google.protobuf.Empty`.',
  'proto.operation.response-resource':
    'If the original method is standard `Get`/`Create`/`Update`, the response should be the resource.',
  'proto.operation.response-type':
    'For other methods, the response should have the type `XxxResponse`, where `Xxx` is the original method name.',
  'proto.operation.response-example':
    'For example, if the original method name is `TakeSnapshot()`, the inferred response type is `TakeSnapshotResponse`.',
  'proto.get-request': 'The request message for Operations.GetOperation.',
  'proto.get-request.name': 'The name of the operation resource.',
  'proto.list-request': 'The request message for Operations.ListOperations.',
  'proto.list-request.name': "The name of the operation's parent resource.",
  'proto.list-request.filter': 'The standard list filter.',
  'proto.list-request.page-size': 'The standard list page size.',
  'proto.list-request.page-token': 'The standard list page token.',
  'proto.list-request.partial':
    'When set to `true`, operations that are reachable are returned as normal, and those that are unreachable are returned in the [ListOperationsResponse.unreachable] field.',
  'proto.list-request.partial-across':
    'This can only be `true` when reading across collections e.g. when `parent` is set to `"projects/example/locations/-"`.',
  'proto.list-request.partial-unimplemented':
    'This field is not by default supported and will result in an `UNIMPLEMENTED` error if set unless explicitly documented otherwise in service or product specific documentation.',
  'proto.list-response': 'The response message for Operations.ListOperations.',
  'proto.list-response.operations': 'A list of operations that matches the specified filter in the request.',
  'proto.list-response.token': 'The standard List next-page token.',
  'proto.list-response.unordered': 'Unordered list.',
  'proto.list-response.unreachable': 'Unreachable resources.',
  'proto.list-response.populated':
    'Populated when the request sets `ListOperationsRequest.return_partial_success` and reads across collections e.g. when attempting to list all resources across all supported locations.',
  'proto.cancel-request': 'The request message for Operations.CancelOperation.',
  'proto.cancel-request.name': 'The name of the operation resource to be cancelled.',
  'proto.delete-request': 'The request message for Operations.DeleteOperation.',
  'proto.delete-request.name': 'The name of the operation resource to be deleted.',
  'proto.wait-request': 'The request message for Operations.WaitOperation.',
  'proto.wait-request.name': 'The name of the operation resource to wait on.',
  'proto.wait-request.timeout': 'The maximum duration to wait before timing out.',
  'proto.wait-request.blank':
    'If left blank, the wait will be at most the time permitted by the underlying HTTP/RPC protocol.',
  'proto.wait-request.shorter': 'If RPC context deadline is also specified, the shorter one will be used.',
  'proto.operation-info': 'A message representing the message types used by a long-running operation.',
  'proto.operation-info.required': 'Required.',
  'proto.operation-info.response': 'The message name of the primary return type for this long-running operation.',
  'proto.operation-info.decode': "This type will be used to deserialize the LRO's response.",
  'proto.operation-info.qualified':
    'If the response is in a different package from the rpc, a fully-qualified message name must be used (e.g. `google.protobuf.Struct`).',
  'proto.operation-info.breaking': 'Note: Altering this value constitutes a breaking change.',
  'proto.operation-info.metadata-required': 'Required.',
  'proto.operation-info.metadata': 'The message name of the metadata type for this long-running operation.',
  'proto.operation-info.metadata-qualified':
    'If the response is in a different package from the rpc, a fully-qualified message name must be used (e.g. `google.protobuf.Struct`).',
  'proto.operation-info.metadata-breaking': 'Note: Altering this value constitutes a breaking change.',
} as const;

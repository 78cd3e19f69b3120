/** What this product promises beyond the specifications, where they leave the answer open: which error for which case, and order. */
export const PROMISES = {
  'promise.malformed':
    'An empty or malformed name, one of another form, and a bare collection in Get, Wait, Cancel and Delete are INVALID_ARGUMENT.',
  'promise.unknown': 'A well-formed name without an operation is NOT_FOUND.',
  'promise.permission':
    'What the caller may not see is PERMISSION_DENIED, the same for names that exist and that do not.',
  'promise.credential': 'A missing or wrong credential is UNAUTHENTICATED, where authentication is on.',
  'promise.cancel-done': 'Cancel of an operation that is done is OK and changes nothing.',
  'promise.cancel-twice': 'A second Cancel is OK.',
  'promise.delete-running':
    'Delete of a running operation is OK and does not cancel it: Get and List forget it, the work goes on.',
  'promise.delete-twice': 'A second Delete is NOT_FOUND.',
  'promise.delete-transfer': 'Delete of `transferOperations/*` is UNIMPLEMENTED, Wait is served.',
  'promise.transfer-list':
    'A list of transfer operations without filter or without projectId, or of another name than `transferOperations`, is INVALID_ARGUMENT.',
  'promise.partial': 'return_partial_success where it is not supported is UNIMPLEMENTED; false is always accepted.',
  'promise.transition': 'Pausing what is done and resuming what runs is FAILED_PRECONDITION.',
  'promise.job-active': 'Running a transfer job whose operation is active is ABORTED.',
  'promise.job-duplicate': 'Creating a transfer job under a name that is taken is ALREADY_EXISTS.',
  'promise.etag': 'An etag that does not match is ABORTED; no message served here has one.',
  'promise.quota': 'More than a limit allows is RESOURCE_EXHAUSTED, with RetryInfo where waiting helps.',
  'promise.draining': 'A server that drains answers calls until it closes; then they are UNAVAILABLE.',
  'promise.request-id':
    'A create repeated with its request id is answered with the first one; the id with another request is INVALID_ARGUMENT.',
  'promise.order': 'Lists are newest first.',
  'promise.token': 'A page token that the server has not made, or that was changed, is INVALID_ARGUMENT.',
  'promise.name-decides': 'The name alone chooses the surface: request headers do not.',
  'promise.unknown-fields': 'Fields that a newer client sends and the server does not know are no error.',
  'promise.empty-request': 'A request of no bytes is a request whose fields are not set.',
  'promise.wait-negative': 'Wait with a negative timeout is INVALID_ARGUMENT.',
  'promise.wait-in-time': 'Wait answers before its deadline with the latest state, never with DEADLINE_EXCEEDED.',
  'promise.wait-wakes': 'Wait answers as soon as the operation is done.',
  'promise.metadata-stable': 'The type of an operation’s metadata is the same from its start to its end.',
} as const;

/** What wrong servers do, each with the case that must find it. */
import { Code, codeName } from '../../src/core/code.ts';
import { operationOf, pageOf, type SeenOperation, type SeenPage } from '../../src/conformance/operations-probe.ts';
import type { Reply } from '../../src/conformance/wire-channel.ts';
import { UNKNOWN_FIELD } from '../../src/conformance/wire-message.ts';
import { asBuffer, decodeMessage, encodeMessage, packAny, wireAny, type WireAny } from '../../src/schema/protos.ts';
import type { Fault, ProxiedCall } from './faulty-proxy.ts';

const OPERATION = 'google.longrunning.Operation';
const PAGE = 'google.longrunning.ListOperationsResponse';
const STATUS = 'google.rpc.Status';
const ERROR_INFO = 'google.rpc.ErrorInfo';

export interface FaultRow {
  /** What the server does, for the name of the test. */
  readonly does: string;
  readonly foundBy: string;
  /** Where the case runs; `transferOperations` unless given. Operations of `operations` the suite makes by OperationControl. */
  readonly collection?: 'operations';
  /** Made anew for each server: some remember. */
  readonly fault: () => Fault;
}

/** An answer of the fault's own, with all that a refusal needs. */
function refusal(code: Code, reason = 'CONFORMANCE_FAULT'): Reply {
  const info = packAny(ERROR_INFO, { reason, domain: 'example.com' });
  const message = `${codeName(code)} of a wrong server`;
  const status = encodeMessage(STATUS, { code, message, details: [wireAny(info)] });
  return { code, message, status, bytes: new Uint8Array(0), elapsedMs: 0 };
}

function answer(bytes: Uint8Array): Reply {
  return { code: Code.OK, message: '', bytes, elapsedMs: 0 };
}

/** Refuses the calls of one RPC that a question names. */
function refusing(rpc: string, code: Code, isIt: (call: ProxiedCall) => boolean): () => Fault {
  return () => async (call) => (call.rpc === rpc && isIt(call) ? refusal(code) : undefined);
}

/** Answers another code where the real server has one. */
function recoding(rpc: string, from: Code, to: Code): () => Fault {
  return () => async (call) => {
    if (call.rpc !== rpc) return undefined;
    const reply = await call.forward();
    return reply.code === from ? refusal(to) : reply;
  };
}

/** Sends the real server another request than it got. */
function asking(rpc: string, change: (message: ProxiedCall['message']) => object): () => Fault {
  return () => async (call) => {
    if (call.rpc !== rpc) return undefined;
    return call.forward(encodeMessage(`google.longrunning.${rpc}Request`, change(call.message)));
  };
}

/** As asking, for requests that the real server refuses. */
function accepting(rpc: string, change: (message: ProxiedCall['message']) => object): () => Fault {
  return () => async (call) => {
    if (call.rpc !== rpc) return undefined;
    const reply = await call.forward();
    if (reply.code !== Code.INVALID_ARGUMENT) return reply;
    return call.forward(encodeMessage(`google.longrunning.${rpc}Request`, change(call.message)));
  };
}

/** Changes the operations that Get answers. */
function showing(change: (operation: SeenOperation, bytes: Uint8Array) => Uint8Array | Reply | undefined): () => Fault {
  return () => async (call) => {
    if (call.rpc !== 'GetOperation') return undefined;
    const reply = await call.forward();
    if (reply.code !== Code.OK) return reply;
    const changed = change(operationOf(reply), reply.bytes) ?? reply;
    return changed instanceof Uint8Array ? answer(changed) : changed;
  };
}

/** Changes the pages of lists. */
function listing(change: (page: SeenPage, call: ProxiedCall) => Partial<SeenPage>): () => Fault {
  return () => async (call) => {
    if (call.rpc !== 'ListOperations') return undefined;
    const reply = await call.forward();
    if (reply.code !== Code.OK) return reply;
    const page = pageOf(reply);
    return answer(encodeMessage(PAGE, { ...page, ...change(page, call) }));
  };
}

interface SeenStatus {
  readonly code?: number;
  readonly message?: string;
  readonly details?: readonly WireAny[];
}

/** Changes the google.rpc.Status of every refusal. */
function refusingWith(change: (status: SeenStatus) => SeenStatus | undefined): () => Fault {
  return () => async (call) => {
    const reply = await call.forward();
    if (reply.status === undefined) return reply;
    const changed = change(decodeMessage(STATUS, reply.status));
    const { status: _status, ...rest } = reply;
    return changed === undefined ? rest : { ...rest, status: encodeMessage(STATUS, changed) };
  };
}

/** As refusingWith, for the ErrorInfo. */
function informing(change: (info: Readonly<Record<string, unknown>>) => object): () => Fault {
  return refusingWith(({ details = [], ...status }) => ({
    ...status,
    details: details.map((any) => {
      if (any.type_url?.endsWith(ERROR_INFO) !== true) return any;
      return wireAny(packAny(ERROR_INFO, change(decodeMessage(ERROR_INFO, any.value ?? new Uint8Array(0)))));
    }),
  }));
}

function appended(bytes: Uint8Array, message: object): Uint8Array {
  return Buffer.concat([bytes, encodeMessage(OPERATION, message)]);
}

/** The last operation of each page stands on the next one too. */
function repeating(): Fault {
  let last: SeenOperation | undefined;
  return listing(({ operations }, { message }) => {
    const repeated = last === undefined || message['pageToken'] === undefined ? [] : [last];
    last = operations.at(-1);
    return { operations: [...repeated, ...operations] };
  })();
}

function cancellingOnce(): Fault {
  const cancelled = new Set<unknown>();
  return async ({ rpc, message }) => {
    if (rpc !== 'CancelOperation') return undefined;
    if (cancelled.has(message['name'])) return refusal(Code.FAILED_PRECONDITION);
    cancelled.add(message['name']);
    return undefined;
  };
}

function refusingCancelOfDone(): Fault {
  return async (call) => {
    if (call.rpc !== 'CancelOperation') return undefined;
    // Its result is on the wire of no Cancel: the proxy asks after it.
    return doneNames.has(call.message['name']) ? refusal(Code.FAILED_PRECONDITION) : undefined;
  };
}

/** Names that tests know as done. */
export const doneNames = new Set<unknown>();

function flickering(): Fault {
  let count = 0;
  return showing((_operation, bytes) => {
    count += 1;
    return appended(bytes, { response: { type_url: `type.googleapis.com/count.Of${count}` } });
  })();
}

function waiting(ms: number): Fault {
  return async ({ rpc }) => {
    if (rpc === 'WaitOperation') await new Promise((resolve) => setTimeout(resolve, ms));
    return undefined;
  };
}

/** Changes the filters that lists are asked with. */
function filtering(change: (filter: string) => string): () => Fault {
  return asking('ListOperations', (message) => {
    const { filter } = message;
    return typeof filter === 'string' ? { ...message, filter: change(filter) } : message;
  });
}

/** Cancels what is deleted, too. */
function cancellingDeleted(): Fault {
  return async ({ rpc, divert }) => {
    if (rpc === 'DeleteOperation') await divert('/google.longrunning.Operations/CancelOperation');
    return undefined;
  };
}

const withoutToken = ({ pageToken: _pageToken, ...rest }: ProxiedCall['message']): object => rest;

export const FAULTS: readonly FaultRow[] = [
  {
    does: 'answers Get of a malformed name with NOT_FOUND',
    foundBy: 'get-malformed-name-invalid',
    fault: recoding('GetOperation', Code.INVALID_ARGUMENT, Code.NOT_FOUND),
  },
  {
    does: 'answers Get of an unknown name with INVALID_ARGUMENT',
    foundBy: 'get-unknown-not-found',
    fault: recoding('GetOperation', Code.NOT_FOUND, Code.INVALID_ARGUMENT),
  },
  {
    does: 'shows a done operation with both error and response',
    foundBy: 'get-done-has-one-result',
    fault: showing(({ done }, bytes) => (done === true ? appended(bytes, { error: { code: 13 } }) : undefined)),
  },
  {
    does: 'shows a response of what is not done',
    foundBy: 'get-unfinished-has-no-result',
    fault: showing(({ done }, bytes) => (done === true ? undefined : appended(bytes, { response: {} }))),
  },
  { does: 'shows a done operation anew each time', foundBy: 'get-done-never-changes', fault: flickering },
  {
    does: 'changes the type of the metadata at the end',
    foundBy: 'metadata-type-stable',
    collection: 'operations',
    fault: showing(({ done }, bytes) =>
      done === true ? appended(bytes, { metadata: { type_url: 'type.googleapis.com/other.Metadata' } }) : undefined,
    ),
  },
  {
    does: 'refuses without a google.rpc.Status',
    foundBy: 'error-has-status',
    fault: refusingWith(() => undefined),
  },
  {
    does: 'says one code as gRPC and another in the details',
    foundBy: 'error-has-status',
    fault: refusingWith((status) => ({ ...status, code: Code.UNKNOWN })),
  },
  {
    does: 'refuses without ErrorInfo',
    foundBy: 'error-has-error-info',
    fault: refusingWith((status) => ({ ...status, details: [] })),
  },
  {
    does: 'gives a reason in lower case',
    foundBy: 'error-reason-form',
    fault: informing((info) => ({ ...info, reason: 'notFound' })),
  },
  { does: 'gives no domain', foundBy: 'error-has-domain', fault: informing((info) => ({ ...info, domain: '' })) },
  {
    does: 'has metadata keys with spaces',
    foundBy: 'error-metadata-keys',
    fault: informing((info) => ({ ...info, metadata: { 'the name': 'x' } })),
  },
  {
    does: 'gives one detail twice',
    foundBy: 'error-details-once',
    fault: refusingWith(({ details = [], ...status }) => ({ ...status, details: [...details, ...details] })),
  },
  {
    does: 'lists the oldest first',
    foundBy: 'list-newest-first',
    collection: 'operations',
    fault: listing(({ operations }) => ({ operations: operations.toReversed() })),
  },
  { does: 'repeats an operation over pages', foundBy: 'list-each-operation-once', fault: () => repeating() },
  {
    does: 'leaves one operation out of each page',
    foundBy: 'list-each-operation-once',
    fault: listing(({ operations }, { message }) =>
      message['pageSize'] === 2 ? { operations: operations.slice(1) } : {},
    ),
  },
  {
    does: 'requires a page size',
    foundBy: 'list-page-size-optional',
    fault: refusing('ListOperations', Code.INVALID_ARGUMENT, ({ message }) => message['pageSize'] === undefined),
  },
  {
    does: 'accepts a negative page size',
    foundBy: 'list-page-size-negative-invalid',
    fault: accepting('ListOperations', (message) => ({ ...message, pageSize: 0 })),
  },
  {
    does: 'refuses a large page size',
    foundBy: 'list-page-size-coerced',
    fault: refusing('ListOperations', Code.INVALID_ARGUMENT, ({ message }) => Number(message['pageSize']) > 1000),
  },
  {
    does: 'does not look at the page size',
    foundBy: 'list-page-size-held',
    fault: asking('ListOperations', ({ pageSize: _pageSize, ...rest }) => rest),
  },
  {
    does: 'wants the same page size on every page',
    foundBy: 'list-page-size-may-change',
    fault: refusing(
      'ListOperations',
      Code.INVALID_ARGUMENT,
      ({ message }) => message['pageToken'] !== undefined && message['pageSize'] !== 1,
    ),
  },
  {
    does: 'accepts the token of another filter',
    foundBy: 'list-token-of-other-filter-invalid',
    fault: accepting('ListOperations', withoutToken),
  },
  {
    does: 'accepts any token',
    foundBy: 'list-token-garbage-invalid',
    fault: accepting('ListOperations', withoutToken),
  },
  {
    does: 'accepts a token that was changed',
    foundBy: 'list-token-changed-invalid',
    fault: accepting('ListOperations', withoutToken),
  },
  {
    does: 'makes tokens with slashes',
    foundBy: 'list-token-url-safe',
    fault: listing(({ nextPageToken }) => (nextPageToken === '' ? {} : { nextPageToken: `/${nextPageToken}` })),
  },
  {
    does: 'lists something else than Get shows',
    foundBy: 'list-shows-what-get-shows',
    fault: listing(({ operations }) => ({ operations: operations.map(({ metadata: _metadata, ...rest }) => rest) })),
  },
  {
    does: 'does not look at return_partial_success',
    foundBy: 'list-partial-success-unimplemented',
    fault: asking('ListOperations', (message) => ({ ...message, returnPartialSuccess: false })),
  },
  {
    does: 'takes any name for a collection',
    foundBy: 'list-unknown-collection-invalid',
    fault: asking('ListOperations', (message) => ({ ...message, name: 'transferOperations' })),
  },
  {
    does: 'accepts unknown members of a filter',
    foundBy: 'filter-transfer-unknown-member-invalid',
    fault: accepting('ListOperations', (message) => ({ ...message, filter: '{"projectId":"p"}' })),
  },
  { does: 'refuses to cancel what is done', foundBy: 'cancel-done-ok', fault: refusingCancelOfDone },
  { does: 'refuses a second Cancel', foundBy: 'cancel-twice-ok', collection: 'operations', fault: cancellingOnce },
  {
    does: 'has error code 13 after a cancel',
    foundBy: 'cancel-running-ends-cancelled',
    collection: 'operations',
    fault: showing(({ error, ...rest }) =>
      error === undefined ? undefined : encodeMessage(OPERATION, { ...rest, error: { ...error, code: 13 } }),
    ),
  },
  {
    does: 'deletes what is cancelled',
    foundBy: 'cancel-running-ends-cancelled',
    collection: 'operations',
    fault: showing(({ error }) => (error === undefined ? undefined : refusal(Code.NOT_FOUND))),
  },
  {
    does: 'answers Cancel with the operation',
    foundBy: 'cancel-answers-empty',
    collection: 'operations',
    fault: () => async (call) => {
      if (call.rpc !== 'CancelOperation') return undefined;
      const reply = await call.forward();
      return reply.code === Code.OK ? answer(encodeMessage(OPERATION, call.message)) : reply;
    },
  },
  {
    does: 'answers Cancel of an unknown name with OK',
    foundBy: 'cancel-unknown-not-found',
    fault: () => async (call) => {
      if (call.rpc !== 'CancelOperation') return undefined;
      const reply = await call.forward();
      return reply.code === Code.NOT_FOUND ? answer(new Uint8Array(0)) : reply;
    },
  },
  {
    does: 'answers Delete that its surface has not with NOT_FOUND',
    foundBy: 'delete-transfer-unimplemented',
    fault: recoding('DeleteOperation', Code.UNIMPLEMENTED, Code.NOT_FOUND),
  },
  {
    does: 'answers Wait with DEADLINE_EXCEEDED when its time is up',
    foundBy: 'wait-deadline-answers-latest',
    fault: () => async (call) => {
      if (call.rpc !== 'WaitOperation') return undefined;
      const reply = await call.forward();
      return reply.code === Code.OK && operationOf(reply).done !== true ? refusal(Code.DEADLINE_EXCEEDED) : reply;
    },
  },
  { does: 'waits for what is done', foundBy: 'wait-done-at-once', fault: () => waiting(1500) },
  {
    does: 'accepts a negative timeout',
    foundBy: 'wait-negative-invalid',
    fault: accepting('WaitOperation', (message) => ({ ...message, timeout: { seconds: 0 } })),
  },
  {
    does: 'refuses fields that it does not know',
    foundBy: 'wire-unknown-field-get',
    fault: refusing('GetOperation', Code.INVALID_ARGUMENT, ({ request }) =>
      Buffer.from(request).includes(asBuffer(UNKNOWN_FIELD)),
    ),
  },
  {
    does: 'chooses the surface by a header',
    foundBy: 'wire-routing-header-ignored',
    fault: refusing('GetOperation', Code.NOT_FOUND, ({ header }) => header('x-goog-request-params') !== undefined),
  },
  {
    does: 'answers an empty request with an operation',
    foundBy: 'wire-empty-get',
    fault:
      () =>
      async ({ rpc, request }) =>
        rpc === 'GetOperation' && request.length === 0 ? answer(new Uint8Array(0)) : undefined,
  },
  {
    does: 'refuses parallel work with FAILED_PRECONDITION',
    foundBy: 'parallel-aborted',
    collection: 'operations',
    fault: recoding('CreateOperation', Code.ABORTED, Code.FAILED_PRECONDITION),
  },
  {
    does: 'reads OR as looser than AND',
    foundBy: 'filter-or-before-and',
    collection: 'operations',
    fault: filtering((filter) => filter.replace(/^([^()]*) OR ([^()]*)$/, '$1 OR ($2)')),
  },
  {
    does: 'reads AND as OR',
    foundBy: 'filter-and',
    collection: 'operations',
    fault: filtering((filter) => filter.replaceAll(' AND ', ' OR ')),
  },
  {
    does: 'does not see the minus of a filter',
    foundBy: 'filter-minus',
    collection: 'operations',
    fault: filtering((filter) => filter.replace(/^-/, '')),
  },
  {
    does: 'takes the * of a filter for itself',
    foundBy: 'filter-wildcard',
    collection: 'operations',
    fault: filtering((filter) => filter.replace('*', '\\*')),
  },
  {
    does: 'does not look at the filter',
    foundBy: 'filter-equal',
    collection: 'operations',
    fault: filtering(() => ''),
  },
  {
    does: 'finds nothing where a field is unknown',
    foundBy: 'filter-unknown-field-invalid',
    collection: 'operations',
    fault: accepting('ListOperations', (message) => ({ ...message, filter: 'name = none' })),
  },
  {
    does: 'accepts a filter that ends too soon',
    foundBy: 'filter-open-parenthesis-invalid',
    collection: 'operations',
    fault: accepting('ListOperations', (message) => ({ ...message, filter: 'done = true' })),
  },
  {
    does: 'keeps what is deleted',
    foundBy: 'delete-forgets',
    collection: 'operations',
    fault:
      () =>
      async ({ rpc }) =>
        rpc === 'DeleteOperation' ? answer(new Uint8Array(0)) : undefined,
  },
  {
    does: 'lists what is deleted',
    foundBy: 'delete-leaves-lists',
    collection: 'operations',
    fault:
      () =>
      async ({ rpc }) =>
        rpc === 'DeleteOperation' ? answer(new Uint8Array(0)) : undefined,
  },
  {
    does: 'answers a second Delete with OK',
    foundBy: 'delete-twice-not-found',
    collection: 'operations',
    fault: () => async (call) => {
      if (call.rpc !== 'DeleteOperation') return undefined;
      const reply = await call.forward();
      return reply.code === Code.NOT_FOUND ? answer(new Uint8Array(0)) : reply;
    },
  },
  {
    does: 'cancels what is deleted',
    foundBy: 'delete-does-not-cancel',
    collection: 'operations',
    fault: cancellingDeleted,
  },
  {
    does: 'wakes waits late',
    foundBy: 'wait-wakes-at-completion',
    collection: 'operations',
    fault: () => waiting(1500),
  },
  {
    does: 'refuses a timeout of 0',
    foundBy: 'wait-zero-timeout',
    fault: refusing('WaitOperation', Code.INVALID_ARGUMENT, ({ message }) => {
      const { seconds = 0, nanos = 0 } = (message['timeout'] ?? { nanos: 1 }) as { seconds?: unknown; nanos?: unknown };
      return Number(seconds) === 0 && nanos === 0;
    }),
  },
  {
    does: 'makes another operation for the same request id',
    foundBy: 'create-request-id-idempotent',
    collection: 'operations',
    fault: () => async (call) => {
      if (call.rpc !== 'CreateOperation') return undefined;
      const { requestId: _requestId, ...message } = call.message;
      return call.forward(encodeMessage('longrunning.control.v1.CreateOperationRequest', message));
    },
  },
];

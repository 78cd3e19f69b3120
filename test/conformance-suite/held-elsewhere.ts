import type { RuleId } from '../../src/conformance/rules/rule.ts';

/** A test that holds a sentence where no case can: from within, or of one server only. */
export interface OtherTest {
  /** From the project's root. */
  readonly file: string;
  /** What stands in the file: the name of a test, or of a group of tests. */
  readonly test: string;
}

/** Why no test holds a sentence: it binds others, or says what something is. */
export interface Note {
  readonly note: string;
}

const DESCRIBES: Note = { note: 'says what it is' };
const FOR_METHODS: Note = { note: 'binds the .proto of the API whose methods return operations, which no call shows' };
const FOR_HANDLERS: Note = {
  note: 'binds who defines the method; the server sends the response of its handler as it is',
};
const NO_AUTHENTICATION: Note = {
  note: 'the sidecar has no authentication yet; it serves loopback and Unix sockets unless told otherwise',
};
const CONNECTED = 'test/schema/operation-encoder.test.ts';
const FILTERS = 'test/operations/filter/operation-filter.test.ts';
const OPERATIONS = 'test/operations/operations.test.ts';
const SERVER = 'test/grpc/server.test.ts';
const ONE_LOCATION: OtherTest = { file: OPERATIONS, test: 'partial success may be asked for across locations' };
const UNIMPLEMENTED: OtherTest = {
  file: SERVER,
  test: 'by an RPC that is known and not served is UNIMPLEMENTED with its name',
};

/** What holds a sentence beside, or instead of, the cases. */
export const HELD_ELSEWHERE: Readonly<Partial<Record<RuleId, OtherTest | Note>>> = {
  'proto.info': DESCRIBES,
  'proto.info.types': DESCRIBES,
  'proto.info.required': FOR_METHODS,
  'proto.service': DESCRIBES,
  'proto.service.uniform': { note: 'held by there being a server to test' },
  'proto.list.unimplemented': UNIMPLEMENTED,
  'proto.cancel.unimplemented': UNIMPLEMENTED,
  'proto.wait.unimplemented': UNIMPLEMENTED,
  'proto.operation': DESCRIBES,
  'proto.operation.name-form': { note: 'a should of the default HTTP mapping, which APIs replace by their own' },
  'proto.operation.metadata-content': {
    file: 'test/schema/transfer-presenter.test.ts',
    test: 'shows the counters and failures that were reported last',
  },
  'proto.operation.metadata-optional': { file: CONNECTED, test: 'writes what the record holds, and nothing else' },
  'proto.operation.metadata-type': FOR_METHODS,
  'proto.operation.result-optional': { note: 'a licence that this server makes no use of' },
  'proto.operation.response-empty': FOR_HANDLERS,
  'proto.operation.response-resource': FOR_HANDLERS,
  'proto.operation.response-type': FOR_HANDLERS,
  'proto.operation.response-example': FOR_HANDLERS,
  'proto.get-request': DESCRIBES,
  'proto.list-request': DESCRIBES,
  'proto.list-request.partial': ONE_LOCATION,
  'proto.list-response': DESCRIBES,
  'proto.list-response.unordered': { note: 'there is one location, so that nothing is ever unreachable' },
  'proto.list-response.populated': ONE_LOCATION,
  'proto.cancel-request': DESCRIBES,
  'proto.delete-request': DESCRIBES,
  'proto.wait-request': DESCRIBES,
  'proto.operation-info': DESCRIBES,
  'proto.operation-info.required': FOR_METHODS,
  'proto.operation-info.response': FOR_METHODS,
  'proto.operation-info.decode': FOR_METHODS,
  'proto.operation-info.qualified': FOR_METHODS,
  'proto.operation-info.breaking': FOR_METHODS,
  'proto.operation-info.metadata': FOR_METHODS,
  'proto.operation-info.metadata-required': FOR_METHODS,
  'proto.operation-info.metadata-qualified': FOR_METHODS,
  'proto.operation-info.metadata-breaking': FOR_METHODS,
  'aip-151.type': FOR_METHODS,
  'aip-151.stream': FOR_METHODS,
  'aip-151.info': FOR_METHODS,
  'aip-151.metadata': {
    file: 'test/schema/transfer-presenter.test.ts',
    test: 'shows the counters and failures that were reported last',
  },
  'aip-151.own-interfaces': {
    note: 'clients need `Operations` alone; OperationControl is for who carries operations out',
  },
  'aip-151.resource': { note: 'no resource here is created or deleted by an operation' },
  'aip-151.preempt': { note: 'a licence that this server makes no use of' },
  'aip-151.queue': {
    file: 'test/workers/dispatcher.test.ts',
    test: 'never exceed the slots, and fill one that becomes free at once',
  },
  'aip-151.expiry': {
    file: 'test/contract/operation-repository.contract.ts',
    test: 'removes done operations from their expiry on, and no others',
  },
  'aip-151.metadata-errors': {
    file: 'test/schema/transfer-presenter.test.ts',
    test: 'shows the counters and failures that were reported last',
  },
  'aip-151.expiry-days': { note: 'the default; `limits.operations.retentionMs` and CreateOperation set another' },
  'aip-158.stream': { note: 'ListOperations of operations.proto is unary' },
  'aip-158.only-place': { file: 'test/operations/page-token.test.ts', test: 'a token gives back its place' },
  'aip-158.default-finite': { file: OPERATIONS, test: 'a list without a page size ends at its surface’s default' },
  'aip-158.no-authorization': NO_AUTHENTICATION,
  'aip-158.token-expiry': { file: 'test/operations/page-token.test.ts', test: 'when it has expired' },
  'aip-160.literal-fields': { note: 'docs/filters.md has them' },
  'aip-160.limits': { note: 'docs/filters.md has them' },
  'aip-160.literal': { file: FILTERS, test: 'a literal alone is looked for in the texts of an operation' },
  'aip-160.enum': { file: FILTERS, test: 'enums' },
  'aip-160.duration': { file: FILTERS, test: 'durations' },
  'aip-160.timestamp': { file: FILTERS, test: 'timestamps' },
  'promise.permission': NO_AUTHENTICATION,
  'promise.credential': NO_AUTHENTICATION,
  'promise.transition': {
    file: 'test/api/storage-transfer.test.ts',
    test: 'in the wrong state are FAILED_PRECONDITION',
  },
  'promise.job-duplicate': {
    file: 'test/api/storage-transfer.test.ts',
    test: 'of a name in use is ALREADY_EXISTS, of a deleted job’s name too',
  },
  'promise.etag': { note: 'no message of these APIs has one' },
  'promise.quota': { file: OPERATIONS, test: 'is not parked when too many are: the state, and when to come back' },
  'promise.draining': {
    file: 'test/e2e/start-and-stop.test.ts',
    test: 'while it drains it is alive and not ready, and calls about operations are answered',
  },
};

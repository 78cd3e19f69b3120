import { Code } from '../../../src/core/code.ts';
import type { SeenOperation } from '../../../src/conformance/operations-probe.ts';
import type { Fault, ProxiedCall } from '../faulty-proxy.ts';
import { accepting, appended, asking, encodedOperation, listing, refusing, type FaultRow } from './make-fault.ts';

/** The last operation of each page stands on the next one too. */
function repeating(): Fault {
  let last: SeenOperation | undefined;
  return listing(({ operations }, { message }) => {
    const repeated = last === undefined || message['pageToken'] === undefined ? [] : [last];
    last = operations.at(-1);
    return { operations: [...repeated, ...operations] };
  })();
}

/** A call of ListOperations without the token that it has. */
const withoutToken = ({ pageToken: _pageToken, ...rest }: ProxiedCall['message']): object => rest;

/** Whether a call of ListOperations asks for pages of this size. */
const hasSize = ({ message }: ProxiedCall, size: number): boolean => message['pageSize'] === size;

export const LIST_FAULTS: readonly FaultRow[] = [
  {
    does: 'requires a page size',
    foundBy: 'list-page-size-optional',
    fault: refusing('ListOperations', Code.INVALID_ARGUMENT, ({ message }) => message['pageSize'] === undefined),
  },
  {
    does: 'refuses a page size of 0',
    foundBy: 'list-page-size-optional',
    fault: refusing('ListOperations', Code.INVALID_ARGUMENT, (call) => hasSize(call, 0)),
  },
  {
    does: 'refuses a large page size',
    foundBy: 'list-page-size-coerced',
    fault: refusing('ListOperations', Code.INVALID_ARGUMENT, ({ message }) => Number(message['pageSize']) > 1000),
  },
  {
    does: 'accepts a negative page size',
    foundBy: 'list-page-size-negative-invalid',
    fault: accepting('ListOperations', (message) => ({ ...message, pageSize: 0 })),
  },
  {
    does: 'does not look at the page size',
    foundBy: 'list-page-size-held',
    fault: asking('ListOperations', ({ pageSize: _pageSize, ...rest }) => rest),
  },
  { does: 'repeats an operation over pages', foundBy: 'list-each-operation-once', fault: () => repeating() },
  {
    does: 'leaves one operation out of each page',
    foundBy: 'list-each-operation-once',
    fault: listing(({ operations }, call) => (hasSize(call, 2) ? { operations: operations.slice(1) } : {})),
  },
  {
    does: 'says that its first page is the last',
    foundBy: 'list-each-operation-once',
    fault: listing((_page, call) => (hasSize(call, 2) ? { nextPageToken: '' } : {})),
  },
  {
    does: 'lists the oldest first',
    foundBy: 'list-newest-first',
    collection: 'operations',
    fault: listing(({ operations }) => ({ operations: operations.toReversed() })),
  },
  {
    does: 'lists operations with both error and response',
    foundBy: 'list-operations-have-one-result',
    // Which an encoder of messages would not do; so its bytes are put together by hand.
    fault: () => async (call) => {
      if (call.rpc !== 'ListOperations') return undefined;
      const reply = await call.forward();
      const both = encodedOperation({ name: 'transferOperations/both', done: true, error: { code: 13 } });
      const operation = appended(both, { response: {} });
      return { ...reply, bytes: Buffer.concat([reply.bytes, Buffer.from([0x0a, operation.length]), operation]) };
    },
  },
  {
    does: 'lists responses of what is not done',
    foundBy: 'list-operations-have-one-result',
    fault: listing(({ operations }) => ({
      operations: operations.map(({ name }) => ({ name, response: {} })),
    })),
  },
  {
    does: 'lists something else than Get shows',
    foundBy: 'list-shows-what-get-shows',
    fault: listing(({ operations }) => ({ operations: operations.map(({ metadata: _metadata, ...rest }) => rest) })),
  },
  {
    does: 'wants the same page size on every page',
    foundBy: 'list-page-size-may-change',
    fault: refusing(
      'ListOperations',
      Code.INVALID_ARGUMENT,
      (call) => call.message['pageToken'] !== undefined && !hasSize(call, 2),
    ),
  },
  {
    does: 'has pages of the first page’s size, whatever later ones ask for',
    foundBy: 'list-page-size-may-change',
    fault: asking('ListOperations', (message) =>
      message['pageToken'] === undefined ? message : { ...message, pageSize: 2 },
    ),
  },
  {
    does: 'accepts the token of another filter',
    foundBy: 'list-token-of-other-filter-invalid',
    fault: accepting('ListOperations', withoutToken),
  },
  {
    does: 'makes tokens with slashes',
    foundBy: 'list-token-url-safe',
    fault: listing(({ nextPageToken }) => (nextPageToken === '' ? {} : { nextPageToken: `/${nextPageToken}` })),
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
    does: 'does not look at return_partial_success',
    foundBy: 'list-partial-success-unimplemented',
    fault: asking('ListOperations', (message) => ({ ...message, returnPartialSuccess: false })),
  },
  {
    does: 'refuses return_partial_success whatever it says',
    foundBy: 'list-partial-success-false',
    fault: refusing(
      'ListOperations',
      Code.INVALID_ARGUMENT,
      ({ message }) => message['returnPartialSuccess'] !== undefined,
    ),
  },
  {
    does: 'takes any name for a collection',
    foundBy: 'list-unknown-collection-invalid',
    fault: asking('ListOperations', (message) => ({ ...message, name: 'transferOperations' })),
  },
];

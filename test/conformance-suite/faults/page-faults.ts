import { Code } from '../../../src/core/code.ts';
import type { SeenOperation } from '../../../src/conformance/operations-probe.ts';
import { encodeMessage } from '../../../src/schema/protos.ts';
import type { Fault, ProxiedCall } from '../faulty-proxy.ts';
import { accepting, answer, asking, listing, refusing, type FaultRow } from './make-fault.ts';

const PAGE = 'google.longrunning.ListOperationsResponse';

/** The last operation of each page stands on the next one too. */
function repeating(): Fault {
  let last: SeenOperation | undefined;
  return listing(({ operations }, { message }) => {
    const repeated = last === undefined || message['pageToken'] === undefined ? [] : [last];
    last = operations.at(-1);
    return { operations: [...repeated, ...operations] };
  })();
}

/** Its last page leads to an empty one, and that to itself. */
function neverEnding(): Fault {
  const more = listing(({ nextPageToken }) => ({ nextPageToken: nextPageToken === '' ? 'more' : nextPageToken }))();
  return async (call) => {
    const isBehindTheEnd = call.rpc === 'ListOperations' && call.message['pageToken'] === 'more';
    return isBehindTheEnd ? answer(encodeMessage(PAGE, { nextPageToken: 'more' })) : more(call);
  };
}

/** A call of ListOperations without the token that it has. */
const withoutToken = ({ pageToken: _pageToken, ...rest }: ProxiedCall['message']): object => rest;

/** Whether a call of ListOperations asks for pages of this size. */
const hasSize = ({ message }: ProxiedCall, size: number): boolean => message['pageSize'] === size;

export const PAGE_FAULTS: readonly FaultRow[] = [
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
    does: 'has another page after its last one, for ever',
    foundBy: 'list-each-operation-once',
    fault: neverEnding,
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
];

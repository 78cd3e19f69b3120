import { Code } from '../../../src/core/code.ts';
import { appended, asking, encodedOperation, listing, refusing, type FaultRow } from './make-fault.ts';

export const LIST_FAULTS: readonly FaultRow[] = [
  {
    does: 'lists operations of other parents',
    foundBy: 'list-only-of-its-parent',
    fault: listing(({ operations }) => ({ operations: [...operations, { name: 'operations/of-another' }] })),
  },
  {
    does: 'tells of unreachable locations without being asked',
    foundBy: 'list-nothing-unreachable-unasked',
    fault: listing(() => ({ unreachable: ['projects/p/locations/moon'] })),
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

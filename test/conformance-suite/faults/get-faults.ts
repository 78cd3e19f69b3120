import { Code } from '../../../src/core/code.ts';
import type { Fault } from '../faulty-proxy.ts';
import { answer, appended, encodedOperation, recoding, recodingName, showing, type FaultRow } from './make-fault.ts';

/** A done operation has another response each time that it is asked for. */
function flickering(): Fault {
  let count = 0;
  return showing((_operation, bytes) => {
    count += 1;
    return appended(bytes, { response: { type_url: `type.googleapis.com/count.Of${count}` } });
  })();
}

/** Done when it is asked for the first time, as the suite looks for one, and not done from then on. */
function reopening(): Fault {
  const seen = new Set<unknown>();
  return showing(({ name, done }) => {
    if (done !== true || !seen.has(name)) return void seen.add(name);
    return encodedOperation({ name });
  })();
}

export const GET_FAULTS: readonly FaultRow[] = [
  {
    does: 'answers Get of an unknown name with INVALID_ARGUMENT',
    foundBy: 'get-unknown-not-found',
    fault: recoding('GetOperation', Code.NOT_FOUND, Code.INVALID_ARGUMENT),
  },
  {
    does: 'answers Get of an unknown name with an operation that it makes up',
    foundBy: 'get-unknown-not-found',
    fault: () => async (call) => {
      if (call.rpc !== 'GetOperation') return undefined;
      const reply = await call.forward();
      return reply.code === Code.NOT_FOUND ? answer(encodedOperation({ name: call.message['name'] })) : reply;
    },
  },
  {
    does: 'answers Get of an empty name with NOT_FOUND',
    foundBy: 'get-empty-name-invalid',
    fault: recodingName('GetOperation', (name) => name === '', Code.NOT_FOUND),
  },
  {
    does: 'answers Get of a malformed name with NOT_FOUND',
    foundBy: 'get-malformed-name-invalid',
    fault: recodingName('GetOperation', (name) => name.includes('//'), Code.NOT_FOUND),
  },
  {
    does: 'answers Get of a name of an unknown collection with NOT_FOUND',
    foundBy: 'get-foreign-name-invalid',
    fault: recodingName('GetOperation', (name) => name.startsWith('conformanceThings/'), Code.NOT_FOUND),
  },
  {
    does: 'answers Get of a bare collection with NOT_FOUND',
    foundBy: 'get-bare-collection-invalid',
    fault: recodingName('GetOperation', (name) => !name.includes('/'), Code.NOT_FOUND),
  },
  {
    does: 'shows a done operation with both error and response',
    foundBy: 'get-done-has-one-result',
    fault: showing(({ done }, bytes) => (done === true ? appended(bytes, { error: { code: 13 } }) : undefined)),
  },
  {
    does: 'shows another operation than the one that it was asked for',
    foundBy: 'get-done-has-one-result',
    fault: showing((_operation, bytes) => appended(bytes, { name: 'transferOperations/other' })),
  },
  {
    does: 'shows a done operation as under way',
    foundBy: 'get-done-has-one-result',
    fault: reopening,
  },
  {
    does: 'shows a response of what is not done',
    foundBy: 'get-unfinished-has-no-result',
    fault: showing(({ done }, bytes) => (done === true ? undefined : appended(bytes, { response: {} }))),
  },
  {
    does: 'shows an error of what is not done',
    foundBy: 'get-unfinished-has-no-result',
    fault: showing(({ done }, bytes) => (done === true ? undefined : appended(bytes, { error: { code: 14 } }))),
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
    does: 'forgets the response of what is completed',
    foundBy: 'get-completed-has-its-response',
    collection: 'operations',
    fault: showing(({ name, done }) => (done === true ? encodedOperation({ name, done }) : undefined)),
  },
  {
    does: 'shows every failure as UNKNOWN',
    foundBy: 'get-failed-has-its-error',
    collection: 'operations',
    fault: showing(({ name, done, error }) =>
      error === undefined ? undefined : encodedOperation({ name, done, error: { ...error, code: Code.UNKNOWN } }),
    ),
  },
];

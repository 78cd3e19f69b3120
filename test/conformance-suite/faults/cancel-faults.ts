import { Code } from '../../../src/core/code.ts';
import type { Fault } from '../faulty-proxy.ts';
import {
  answer,
  EMPTY,
  encodedOperation,
  namedOperation,
  recodingName,
  refusal,
  replacing,
  showing,
  type FaultRow,
} from './make-fault.ts';

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
    const { done } = (await namedOperation(call)) ?? {};
    return done === true ? refusal(Code.FAILED_PRECONDITION) : undefined;
  };
}

/** Whatever was asked to be cancelled is shown as cancelled. */
function cancellingDone(): Fault {
  const cancelled = new Set<unknown>();
  const show = showing(({ name }) =>
    cancelled.has(name) ? encodedOperation({ name, done: true, error: { code: Code.CANCELLED } }) : undefined,
  )();
  return async (call) => {
    if (call.rpc === 'CancelOperation') cancelled.add(call.message['name']);
    return show(call);
  };
}

export const CANCEL_FAULTS: readonly FaultRow[] = [
  {
    does: 'has error code 13 after a cancel',
    foundBy: 'cancel-running-ends-cancelled',
    collection: 'operations',
    fault: showing(({ error, ...rest }) =>
      error === undefined ? undefined : encodedOperation({ ...rest, error: { ...error, code: 13 } }),
    ),
  },
  {
    does: 'deletes what is cancelled',
    foundBy: 'cancel-running-ends-cancelled',
    collection: 'operations',
    fault: showing(({ error }) => (error === undefined ? undefined : refusal(Code.NOT_FOUND))),
  },
  {
    does: 'refuses to cancel what runs',
    foundBy: 'cancel-running-ends-cancelled',
    collection: 'operations',
    fault: () => async (call) => {
      const reply = call.rpc === 'CancelOperation' ? await call.forward() : undefined;
      return reply?.code === Code.OK ? refusal(Code.FAILED_PRECONDITION) : reply;
    },
  },
  {
    does: 'answers Cancel with the operation',
    foundBy: 'cancel-answers-empty',
    collection: 'operations',
    fault: () => async (call) => {
      if (call.rpc !== 'CancelOperation') return undefined;
      const reply = await call.forward();
      return reply.code === Code.OK ? answer(encodedOperation(call.message)) : reply;
    },
  },
  { does: 'refuses a second Cancel', foundBy: 'cancel-twice-ok', collection: 'operations', fault: cancellingOnce },
  { does: 'refuses to cancel what is done', foundBy: 'cancel-done-ok', fault: refusingCancelOfDone },
  {
    does: 'shows a done operation as cancelled after a cancel',
    foundBy: 'cancel-done-changes-nothing',
    fault: cancellingDone,
  },
  {
    does: 'answers Cancel of an unknown name with OK',
    foundBy: 'cancel-unknown-not-found',
    fault: replacing('CancelOperation', Code.NOT_FOUND, EMPTY),
  },
  {
    does: 'answers Cancel of an empty name with NOT_FOUND',
    foundBy: 'cancel-malformed-invalid',
    fault: recodingName('CancelOperation', (name) => name === '', Code.NOT_FOUND),
  },
  {
    does: 'answers Cancel of a bare collection with NOT_FOUND',
    foundBy: 'cancel-malformed-invalid',
    fault: recodingName('CancelOperation', (name) => name !== '' && !name.includes('/'), Code.NOT_FOUND),
  },
];

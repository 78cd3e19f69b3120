import { Code } from '../../../src/core/code.ts';
import { operationOf } from '../../../src/conformance/operations-probe.ts';
import type { Fault, ProxiedCall } from '../faulty-proxy.ts';
import {
  accepting,
  answer,
  encodedOperation,
  recoding,
  recodingName,
  refusal,
  refusing,
  replacing,
  type FaultRow,
} from './make-fault.ts';

/** More than half of what a test allows a wait, which is 2 s, and so too late. */
const LATE_MS = 1100;

function waitingLate(): Fault {
  return async ({ rpc }) => {
    if (rpc === 'WaitOperation') await new Promise((resolve) => setTimeout(resolve, LATE_MS));
    return undefined;
  };
}

/** Refuses what is not done when its wait is over. */
function exceeding(): Fault {
  return async (call) => {
    if (call.rpc !== 'WaitOperation') return undefined;
    const reply = await call.forward();
    return reply.code === Code.OK && operationOf(reply).done !== true ? refusal(Code.DEADLINE_EXCEEDED) : reply;
  };
}

function hasNoTimeout({ message }: ProxiedCall): boolean {
  return message['timeout'] === undefined;
}

function hasTimeoutOfZero({ message }: ProxiedCall): boolean {
  const { seconds = 0, nanos = 0 } = (message['timeout'] ?? { nanos: 1 }) as { seconds?: unknown; nanos?: unknown };
  return Number(seconds) === 0 && nanos === 0;
}

export const WAIT_FAULTS: readonly FaultRow[] = [
  { does: 'waits for what is done', foundBy: 'wait-done-at-once', fault: waitingLate },
  {
    does: 'refuses a timeout of 0',
    foundBy: 'wait-zero-timeout',
    fault: refusing('WaitOperation', Code.INVALID_ARGUMENT, hasTimeoutOfZero),
  },
  { does: 'does not look at the timeout', foundBy: 'wait-timeout-answers-latest', fault: waitingLate },
  {
    does: 'answers Wait with DEADLINE_EXCEEDED when its timeout is up',
    foundBy: 'wait-timeout-answers-latest',
    fault: exceeding,
  },
  {
    does: 'answers Wait with DEADLINE_EXCEEDED when its time is up',
    foundBy: 'wait-deadline-answers-latest',
    fault: exceeding,
  },
  {
    does: 'requires a timeout',
    foundBy: 'wait-blank-timeout',
    fault: refusing('WaitOperation', Code.INVALID_ARGUMENT, hasNoTimeout),
  },
  {
    does: 'wakes waits late',
    foundBy: 'wait-wakes-at-completion',
    collection: 'operations',
    fault: waitingLate,
  },
  {
    does: 'accepts a negative timeout',
    foundBy: 'wait-negative-invalid',
    fault: accepting('WaitOperation', (message) => ({ ...message, timeout: { seconds: 0 } })),
  },
  {
    does: 'answers Wait for an unknown name with an operation that it makes up',
    foundBy: 'wait-unknown-not-found',
    fault: replacing('WaitOperation', Code.NOT_FOUND, answer(encodedOperation({ done: true }))),
  },
  {
    does: 'answers Wait for an empty name with NOT_FOUND',
    foundBy: 'wait-malformed-invalid',
    fault: recodingName('WaitOperation', (name) => name === '', Code.NOT_FOUND),
  },
  {
    does: 'does not serve Wait where HTTP has none',
    foundBy: 'wait-transfer-served',
    fault: recoding('WaitOperation', Code.NOT_FOUND, Code.UNIMPLEMENTED),
  },
];

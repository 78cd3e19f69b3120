import { Code } from '../../../src/core/code.ts';
import { UNKNOWN_FIELD, wireFields } from '../../../src/conformance/wire-message.ts';
import { asBuffer } from '../../../src/schema/protos.ts';
import type { Fault, ProxiedCall } from '../faulty-proxy.ts';
import { answering, EMPTY, refusal, refusing, type FaultRow } from './make-fault.ts';

function hasUnknownField({ request }: ProxiedCall): boolean {
  return Buffer.from(request).includes(asBuffer(UNKNOWN_FIELD));
}

function isUnreadable({ request }: ProxiedCall): boolean {
  try {
    wireFields(request);
    return false;
  } catch {
    return true;
  }
}

/** Answers nothing any more once it has been sent what it cannot read. */
function fallingOver(): Fault {
  let hasFallen = false;
  return async (call) => {
    if (hasFallen) return refusal(Code.UNAVAILABLE);
    hasFallen = isUnreadable(call);
    return undefined;
  };
}

export const WIRE_FAULTS: readonly FaultRow[] = [
  {
    does: 'refuses fields that it does not know',
    foundBy: 'wire-unknown-field-get',
    fault: refusing('GetOperation', Code.INVALID_ARGUMENT, hasUnknownField),
  },
  {
    does: 'refuses lists with fields that it does not know',
    foundBy: 'wire-unknown-field-list',
    fault: refusing('ListOperations', Code.INVALID_ARGUMENT, hasUnknownField),
  },
  {
    does: 'chooses the surface by a header',
    foundBy: 'wire-routing-header-ignored',
    fault: refusing('GetOperation', Code.NOT_FOUND, ({ header }) => header('x-goog-request-params') !== undefined),
  },
  {
    does: 'answers an empty request with an operation',
    foundBy: 'wire-empty-get',
    fault: answering('GetOperation', EMPTY, ({ request }) => request.length === 0),
  },
  {
    does: 'answers a request that it cannot read as if it were empty',
    foundBy: 'wire-malformed-request-refused',
    fault: answering('GetOperation', EMPTY, isUnreadable),
  },
  {
    does: 'falls over a request that it cannot read',
    foundBy: 'wire-malformed-request-refused',
    fault: fallingOver,
  },
];

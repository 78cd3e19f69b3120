import { Code } from '../../../src/core/code.ts';
import { answering, refusal, type FaultRow } from './make-fault.ts';

function unwritten(rpc: string, code: Code): FaultRow {
  return {
    does: `answers ${rpc}, which it has not, with ${code === Code.UNKNOWN ? 'UNKNOWN' : 'INTERNAL'}`,
    foundBy: 'methods-served-or-unimplemented',
    fault: answering(rpc, refusal(code)),
  };
}

export const SERVICE_FAULTS: readonly FaultRow[] = [
  unwritten('ListOperations', Code.UNKNOWN),
  unwritten('CancelOperation', Code.UNKNOWN),
  unwritten('DeleteOperation', Code.INTERNAL),
  unwritten('WaitOperation', Code.INTERNAL),
  {
    does: 'has no Get',
    foundBy: 'methods-served-or-unimplemented',
    fault: answering('GetOperation', refusal(Code.UNIMPLEMENTED)),
  },
];

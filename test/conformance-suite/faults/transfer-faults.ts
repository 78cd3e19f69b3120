import { Code } from '../../../src/core/code.ts';
import { EMPTY, recoding, replacing, type FaultRow } from './make-fault.ts';

export const TRANSFER_FAULTS: readonly FaultRow[] = [
  {
    does: 'answers the pause of a done transfer with OK',
    foundBy: 'transfer-pause-done-refused',
    fault: replacing('PauseTransferOperation', Code.FAILED_PRECONDITION, EMPTY),
  },
  {
    does: 'answers the resume of a transfer that is not paused with OK',
    foundBy: 'transfer-resume-resumed-refused',
    makesTransfers: true,
    fault: replacing('ResumeTransferOperation', Code.FAILED_PRECONDITION, EMPTY),
  },
  {
    does: 'refuses a taken name of a job with ABORTED',
    foundBy: 'transfer-job-duplicate-exists',
    fault: recoding('CreateTransferJob', Code.ALREADY_EXISTS, Code.ABORTED),
  },
];

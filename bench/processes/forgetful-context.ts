import type { TransferContext } from '../../src/transfers/run-transfer.ts';

/** Of an attempt that nobody interrupts, with a journal and checkpoints that forget. */
export function forgetfulContext(): TransferContext {
  return {
    signal: new AbortController().signal,
    suspend: new AbortController().signal,
    word: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    fence: 1n,
    journal: { begin: async () => {}, commit: async () => {}, open: async () => [] },
    reportProgress: () => {},
    saveCheckpoint: async () => {},
    note: () => undefined,
    acknowledge: () => {},
  };
}

import { Code } from '../../../src/core/code.ts';
import type { Fault } from '../faulty-proxy.ts';
import { answering, EMPTY, listing, recoding, recodingName, replacing, refusal, type FaultRow } from './make-fault.ts';

/** Cancels what is deleted, too. */
function cancellingDeleted(): Fault {
  return async ({ rpc, divert }) => {
    if (rpc === 'DeleteOperation') await divert('/google.longrunning.Operations/CancelOperation');
    return undefined;
  };
}

/** Forgets for Get only. */
function listingDeleted(): Fault {
  const deleted = new Set<unknown>();
  const list = listing(({ operations }) => ({
    operations: [...operations, ...[...deleted].map((name) => ({ name }))],
  }))();
  return async (call) => {
    if (call.rpc === 'DeleteOperation') deleted.add(call.message['name']);
    return list(call);
  };
}

export const DELETE_FAULTS: readonly FaultRow[] = [
  {
    does: 'keeps what is deleted',
    foundBy: 'delete-forgets',
    collection: 'operations',
    fault: answering('DeleteOperation', EMPTY),
  },
  {
    does: 'refuses to delete what runs',
    foundBy: 'delete-forgets',
    collection: 'operations',
    fault: answering('DeleteOperation', refusal(Code.FAILED_PRECONDITION)),
  },
  {
    does: 'lists what is deleted',
    foundBy: 'delete-leaves-lists',
    collection: 'operations',
    fault: listingDeleted,
  },
  {
    does: 'answers a second Delete with OK',
    foundBy: 'delete-twice-not-found',
    collection: 'operations',
    fault: replacing('DeleteOperation', Code.NOT_FOUND, EMPTY),
  },
  {
    does: 'cancels what is deleted',
    foundBy: 'delete-does-not-cancel',
    collection: 'operations',
    fault: cancellingDeleted,
  },
  {
    does: 'answers Delete of an unknown name with OK',
    foundBy: 'delete-unknown-not-found',
    collection: 'operations',
    fault: replacing('DeleteOperation', Code.NOT_FOUND, EMPTY),
  },
  {
    does: 'answers Delete of an empty name with NOT_FOUND',
    foundBy: 'delete-malformed-invalid',
    fault: recodingName('DeleteOperation', (name) => name === '', Code.NOT_FOUND),
  },
  {
    does: 'answers Delete that its surface has not with NOT_FOUND',
    foundBy: 'delete-transfer-unimplemented',
    fault: recoding('DeleteOperation', Code.UNIMPLEMENTED, Code.NOT_FOUND),
  },
];

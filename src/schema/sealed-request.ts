/** Requests of transfers that have credentials: what clients are shown of them is the first part. */
import protobuf from 'protobufjs/minimal.js';
import { typeUrl, type Any } from '../core/any.ts';

/** job.proto, message TransferRequest. */
const OPERATION = (1 << 3) | 2;
const CREDENTIALS = (2 << 3) | 2;

const TRANSFER_REQUEST = typeUrl('longrunning.transfers.v1.TransferRequest');

/** @param request  a google.storagetransfer.v1.TransferOperation. */
export function sealedRequest(request: Any, credentials: Uint8Array): Any {
  const writer = protobuf.Writer.create().uint32(OPERATION).bytes(request.value);
  return { typeUrl: TRANSFER_REQUEST, value: writer.uint32(CREDENTIALS).bytes(credentials).finish() };
}

/** The bytes of a TransferOperation. This runs within every write of a transfer, so nothing is decoded but lengths. */
export function shownRequest(request: Any): Uint8Array {
  return partsOf(request).operation;
}

/** Undefined where there are none. */
export function sealedCredentialsOf(request: Any): Uint8Array | undefined {
  return partsOf(request).credentials;
}

function partsOf(request: Any): { readonly operation: Uint8Array; readonly credentials?: Uint8Array } {
  if (request.typeUrl !== TRANSFER_REQUEST) return { operation: request.value };
  const reader = protobuf.Reader.create(request.value);
  let operation: Uint8Array = new Uint8Array(0);
  let credentials: Uint8Array | undefined;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === OPERATION) operation = reader.bytes();
    else if (tag === CREDENTIALS) credentials = reader.bytes();
    else reader.skipType(tag & 7);
  }
  return { operation, ...(credentials === undefined ? {} : { credentials }) };
}

/** How faults are made: a change of the question before the real server gets it, or of its answer. */
import { Code, codeName } from '../../../src/core/code.ts';
import { operationOf, pageOf, type SeenOperation, type SeenPage } from '../../../src/conformance/operations-probe.ts';
import type { Reply } from '../../../src/conformance/wire-channel.ts';
import { decodeMessage, encodeMessage, packAny, wireAny, type WireAny } from '../../../src/schema/protos.ts';
import type { Fault, ProxiedCall } from '../faulty-proxy.ts';

const OPERATION = 'google.longrunning.Operation';
const PAGE = 'google.longrunning.ListOperationsResponse';
const STATUS = 'google.rpc.Status';
const ERROR_INFO = 'google.rpc.ErrorInfo';

/** A wrong server. */
export interface FaultRow {
  /** What the server does, for the name of the test. */
  readonly does: string;
  readonly foundBy: string;
  /** Where the case runs; `transferOperations` unless given. Operations of `operations` the suite makes by OperationControl. */
  readonly collection?: 'operations';
  /** Whether the case needs transfers that the suite makes itself. */
  readonly makesTransfers?: true;
  /** Made anew for each server: some remember. */
  readonly fault: () => Fault;
}

/** An answer of the fault's own, with all that a refusal needs. */
export function refusal(code: Code, reason = 'CONFORMANCE_FAULT'): Reply {
  const info = packAny(ERROR_INFO, { reason, domain: 'example.com' });
  const message = `${codeName(code)} of a wrong server`;
  const status = encodeMessage(STATUS, { code, message, details: [wireAny(info)] });
  return { code, message, status, bytes: new Uint8Array(0), elapsedMs: 0 };
}

export function answer(bytes: Uint8Array): Reply {
  return { code: Code.OK, message: '', bytes, elapsedMs: 0 };
}

/** google.protobuf.Empty, and every other message of which nothing is set. */
export const EMPTY: Reply = answer(new Uint8Array(0));

/** Refuses the calls of one RPC that a question names. */
export function refusing(rpc: string, code: Code, isIt: (call: ProxiedCall) => boolean): () => Fault {
  return () => async (call) => (call.rpc === rpc && isIt(call) ? refusal(code) : undefined);
}

/** Answers the calls of one RPC that a question names, without asking anybody. */
export function answering(rpc: string, reply: Reply, isIt: (call: ProxiedCall) => boolean = () => true): () => Fault {
  return () => async (call) => (call.rpc === rpc && isIt(call) ? reply : undefined);
}

/** Answers something else where the real server has a code. */
export function replacing(rpc: string, from: Code, to: Reply): () => Fault {
  return () => async (call) => {
    if (call.rpc !== rpc) return undefined;
    const reply = await call.forward();
    return reply.code === from ? to : reply;
  };
}

/** Answers another code where the real server has one. */
export function recoding(rpc: string, from: Code, to: Code): () => Fault {
  return replacing(rpc, from, refusal(to));
}

/** As recoding, of names that a question picks. */
export function recodingName(rpc: string, isIt: (name: string) => boolean, to: Code): () => Fault {
  return refusing(rpc, to, ({ message }) => isIt(textOf(message, 'name')));
}

/** A field of a request that is a text; empty where it is not set. */
export function textOf(message: ProxiedCall['message'], field: string): string {
  const text = message[field];
  return typeof text === 'string' ? text : '';
}

/** Sends the real server another request than it got. */
export function asking(rpc: string, change: (message: ProxiedCall['message']) => object): () => Fault {
  return () => async (call) => {
    if (call.rpc !== rpc) return undefined;
    return call.forward(encodeMessage(`google.longrunning.${rpc}Request`, change(call.message)));
  };
}

/** As asking, for requests that the real server refuses. */
export function accepting(rpc: string, change: (message: ProxiedCall['message']) => object): () => Fault {
  return () => async (call) => {
    if (call.rpc !== rpc) return undefined;
    const reply = await call.forward();
    if (reply.code !== Code.INVALID_ARGUMENT) return reply;
    return call.forward(encodeMessage(`google.longrunning.${rpc}Request`, change(call.message)));
  };
}

/** Changes the operations that Get answers. */
export function showing(
  change: (operation: SeenOperation, bytes: Uint8Array) => Uint8Array | Reply | undefined,
): () => Fault {
  return changingOperation('GetOperation', change);
}

/** Changes the operations that one RPC answers. */
export function changingOperation(
  rpc: string,
  change: (operation: SeenOperation, bytes: Uint8Array) => Uint8Array | Reply | undefined,
): () => Fault {
  return () => async (call) => {
    if (call.rpc !== rpc) return undefined;
    const reply = await call.forward();
    if (reply.code !== Code.OK) return reply;
    const changed = change(operationOf(reply), reply.bytes) ?? reply;
    return changed instanceof Uint8Array ? answer(changed) : changed;
  };
}

/** Changes the pages of lists. */
export function listing(change: (page: SeenPage, call: ProxiedCall) => object): () => Fault {
  return () => async (call) => {
    if (call.rpc !== 'ListOperations') return undefined;
    const reply = await call.forward();
    if (reply.code !== Code.OK) return reply;
    const page = pageOf(reply);
    return answer(encodeMessage(PAGE, { ...page, ...change(page, call) }));
  };
}

/** As google.rpc.Status is decoded. */
export interface SeenStatus {
  readonly code?: number;
  readonly message?: string;
  readonly details?: readonly WireAny[];
}

/** Changes the google.rpc.Status of every refusal; undefined leaves it out. */
export function refusingWith(change: (status: SeenStatus) => SeenStatus | undefined): () => Fault {
  return () => async (call) => {
    const reply = await call.forward();
    if (reply.status === undefined) return reply;
    const changed = change(decodeMessage(STATUS, reply.status));
    const { status: _status, ...rest } = reply;
    return changed === undefined ? rest : { ...rest, status: encodeMessage(STATUS, changed) };
  };
}

/** As refusingWith, for the ErrorInfo. */
export function informing(change: (info: Readonly<Record<string, unknown>>) => object): () => Fault {
  return refusingWith(({ details = [], ...status }) => ({
    ...status,
    details: details.map((any) => {
      if (any.type_url?.endsWith(ERROR_INFO) !== true) return any;
      return wireAny(packAny(ERROR_INFO, change(decodeMessage(ERROR_INFO, any.value ?? new Uint8Array(0)))));
    }),
  }));
}

export function encodedOperation(message: object): Uint8Array {
  return encodeMessage(OPERATION, message);
}

/** An encoded operation with fields set once more, or besides. */
export function appended(bytes: Uint8Array, message: object): Uint8Array {
  return Buffer.concat([bytes, encodedOperation(message)]);
}

/** The operation that a call names, as the real server has it; undefined when there is none. */
export async function namedOperation({ divert }: ProxiedCall): Promise<SeenOperation | undefined> {
  // The name is the first field of every request about one operation.
  const reply = await divert('/google.longrunning.Operations/GetOperation');
  return reply.code === Code.OK ? operationOf(reply) : undefined;
}

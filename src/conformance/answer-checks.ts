/** What is wrong with an answer. All pure; undefined = nothing. */
import { Code, codeName } from '../core/code.ts';
import { messageName } from '../core/any.ts';
import { decodeMessage, domainAny, type WireAny } from '../schema/protos.ts';
import type { Finding } from './conformance-case.ts';
import { operationOf } from './operations-probe.ts';
import type { Reply } from './wire-channel.ts';
import { wireFields } from './wire-message.ts';

const ERROR_INFO = 'google.rpc.ErrorInfo';
const ERROR_FIELD = 4;
const RESPONSE_FIELD = 5;

/** The first finding of several. */
export function firstOf(...findings: readonly Finding[]): Finding {
  return findings.find((finding) => finding !== undefined);
}

/** @param what  the call, such as `Get of an unknown name`. */
export function codeFinding(what: string, reply: Reply, expected: Code): Finding {
  if (reply.code === expected) return undefined;
  const text = reply.code === Code.OK ? '' : ` (${reply.message})`;
  return `${what} is ${codeName(reply.code)}${text}, not ${codeName(expected)}`;
}

/** Whether an answered operation has the name asked for, and a result exactly when it is done. */
export function operationFinding(what: string, reply: Reply, name?: string): Finding {
  const refused = codeFinding(what, reply, Code.OK);
  if (refused !== undefined) return refused;
  const operation = operationOf(reply);
  if (name !== undefined && operation.name !== name) return `${what} shows ${JSON.stringify(operation.name)}`;
  return resultFinding(what, reply.bytes);
}

/** Of an encoded Operation: at most one result, and only when it is done. */
export function resultFinding(what: string, bytes: Uint8Array): Finding {
  const results = wireFields(bytes)
    .map(({ number }) => number)
    .filter((number) => number === ERROR_FIELD || number === RESPONSE_FIELD);
  if (new Set(results).size > 1) return `${what} has both error and response`;
  if (operationOf({ bytes }).done === true) return undefined;
  return results.length === 0
    ? undefined
    : `${what} is not done and has ${results[0] === ERROR_FIELD ? 'an error' : 'a response'}`;
}

/** The details of a refusal, by the full names of their types. */
interface Details {
  readonly code: number;
  readonly message: string;
  readonly details: readonly { readonly type: string; readonly value: Uint8Array }[];
}

function detailsOf(reply: Reply): Details | string {
  if (reply.code === Code.OK) return 'was not refused';
  if (reply.status === undefined) return 'carries no google.rpc.Status (trailer grpc-status-details-bin)';
  const {
    code = 0,
    message = '',
    details = [],
  } = decodeMessage('google.rpc.Status', reply.status) as {
    readonly code?: number;
    readonly message?: string;
    readonly details?: readonly WireAny[];
  };
  const anys = details.map(domainAny).map((any) => ({ type: messageName(any), value: any.value }));
  return { code, message, details: anys };
}

/** One refused call, with what it was. */
export interface Refused {
  readonly what: string;
  readonly reply: Reply;
}

/** The first of the refused calls with which something is wrong. */
export function eachRefusal(refused: readonly Refused[], check: (details: Details, reply: Reply) => Finding): Finding {
  for (const { what, reply } of refused) {
    const details = detailsOf(reply);
    const finding = typeof details === 'string' ? details : check(details, reply);
    if (finding !== undefined) return `${what} ${finding}`;
  }
  return undefined;
}

export function hasErrorInfo(reply: Reply): boolean {
  const details = detailsOf(reply);
  return typeof details !== 'string' && details.details.some(({ type }) => type === ERROR_INFO);
}

/** As ErrorInfo is decoded. */
export interface SeenErrorInfo {
  readonly reason?: string;
  readonly domain?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** As eachRefusal, for their ErrorInfo; one without is the finding. */
export function eachErrorInfo(
  refused: readonly Refused[],
  check: (info: SeenErrorInfo, reply: Reply) => Finding,
): Finding {
  return eachRefusal(refused, ({ details }, reply) => {
    const info = details.find(({ type }) => type === ERROR_INFO);
    if (info === undefined) return 'has no ErrorInfo among its details';
    return check(decodeMessage(ERROR_INFO, info.value), reply);
  });
}

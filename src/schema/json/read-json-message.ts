import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { Message } from '../protos.ts';
import type { ProtoJsonLimits } from './limits.ts';
import { MessageReader } from './message-reader.ts';
import { parseJson } from './parse-json.ts';
import { Refusals } from './refusals.ts';

/** Throws for bytes that are no UTF-8; a byte order mark is stepped over. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** What is read, and where it belongs. */
export interface JsonMessageOptions {
  readonly limits: ProtoJsonLimits;
  /** The request's field that the body is, in the proto's own words, such as `transfer_job`; '' or absent for the whole request. */
  readonly path?: string;
}

/**
 * A message from protobuf's JSON, in the shape that decodeMessage gives: a Method cannot tell over which transport a request came.
 *
 * Strict: unknown names, wrong values, two members of one field or of one oneof, and Anys whose type is not loaded are mistakes; all of
 * them, up to the limit, are told at once. Both spellings of a field's name are read. Takes time linear to the text.
 * @param messageName  full name; one that is not loaded is a bug.
 * @throws StatusError INVALID_ARGUMENT with a BadRequest violation for each mistake; without one for what is no JSON.
 */
export function readJsonMessage(
  messageName: string,
  json: string | Uint8Array,
  { limits, path = '' }: JsonMessageOptions,
): Message {
  const node = parseJson(typeof json === 'string' ? json : textOf(json), limits);
  const refusals = new Refusals(limits.violationCountMax);
  const message = new MessageReader(refusals, limits).read(messageName, node, path);
  refusals.throwIfAny();
  if (message === undefined) throw new Error(`a ${messageName} was neither read nor refused`);
  return message;
}

function textOf(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new StatusError(Code.INVALID_ARGUMENT, 'Invalid JSON payload received. The text is not UTF-8', {
      reason: 'MALFORMED_JSON',
      metadata: { cause: 'The text is not UTF-8' },
      cause,
    });
  }
}

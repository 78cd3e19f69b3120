import { invalidArgument, type StatusError } from '../../core/status-error.ts';
import { nextTurn } from '../../core/next-turn.ts';
import { MultipartParser, type MultipartEvent, type MultipartLimits } from '../multipart/multipart-parser.ts';
import { parseParameters } from '../multipart/part-header.ts';

export interface BatchLimits extends MultipartLimits {
  /** Calls in one request. */
  readonly batchCallCountMax: number;
}

/** What is looked at in one turn of the event loop: some 20 ms where every few bytes may begin a boundary, and almost nothing elsewhere. */
const TURN_BYTES = 64 * 1024;

/** A call of a batch, not looked into yet. */
export interface BatchPart {
  /** `Content-ID`, as it was sent: what its answer is known by. */
  readonly contentId: string | undefined;
  /** Of application/http. */
  readonly bytes: Uint8Array;
}

/**
 * The parts of a batch's body, in their order. Other requests have their turns meanwhile.
 *
 * @param contentType  of the body.
 * @throws StatusError INVALID_ARGUMENT (reasons MALFORMED_BATCH, MALFORMED_MULTIPART, TOO_MANY_CALLS).
 */
export async function splitBatch(
  body: Uint8Array,
  contentType: string | undefined,
  limits: BatchLimits,
): Promise<readonly BatchPart[]> {
  const { value, parameters } = parseParameters(contentType ?? '');
  if (value !== 'multipart/mixed') throw malformed('has to be multipart/mixed with a boundary');
  const parser = new MultipartParser(parameters.get('boundary') ?? '', limits);
  const parts: { contentId: string | undefined; chunks: Uint8Array[] }[] = [];
  for await (const event of eventsOf(body, parser)) {
    if (event.kind === 'data') parts.at(-1)?.chunks.push(event.bytes);
    if (event.kind !== 'part') continue;
    if (parts.length === limits.batchCallCountMax) throw tooManyCalls(limits.batchCallCountMax);
    const { value: type } = parseParameters(event.header.get('content-type') ?? 'application/http');
    if (type !== 'application/http') throw malformed('has a part of another type than application/http');
    parts.push({ contentId: event.header.get('content-id'), chunks: [] });
  }
  parser.end();
  return parts.map(({ contentId, chunks }) => ({ contentId, bytes: Buffer.concat(chunks) }));
}

async function* eventsOf(body: Uint8Array, parser: MultipartParser): AsyncGenerator<MultipartEvent> {
  for (let start = 0; start < body.length; start += TURN_BYTES) {
    yield* parser.push(body.subarray(start, start + TURN_BYTES));
    await nextTurn();
  }
}

function malformed(what: string): StatusError {
  return invalidArgument('batch', `the body ${what}`, { reason: 'MALFORMED_BATCH' });
}

function tooManyCalls(countMax: number): StatusError {
  const metadata = { batchCallCountMax: String(countMax) };
  const message = `the body has more than ${metadata.batchCallCountMax} calls; send the others in another batch`;
  return invalidArgument('batch', message, { reason: 'TOO_MANY_CALLS', metadata });
}

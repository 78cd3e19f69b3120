import { createHash } from 'node:crypto';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { ReadOptions } from '../../transfers/object-store.ts';
import { statusFailure } from '../web/web-failure.ts';
import { rangeStartOf } from '../web/range-start.ts';
import type { StreamedBody, StreamedResponse } from '../web/web-request.ts';
import { nameOf, type FollowingClient } from './following-client.ts';
import { answeredSize, pinHeaders, recordOfAnswer } from './url-answer.ts';
import type { ListedUrl } from './url-list.ts';

type Range = Required<Pick<ReadOptions, 'offsetBytes' | 'lengthBytes'>>;

const NO_HEAD = new Set([403, 405, 501]);

/** Reads one URL of a list, and holds the server to what the list says of it. */
export class UrlReader {
  readonly #client: FollowingClient;

  constructor(client: FollowingClient) {
    this.#client = client;
  }

  /** @throws StatusError also where there is nothing: what a list names should be there. */
  async stat(object: ListedUrl, signal: AbortSignal): Promise<ObjectRecord> {
    let response = await this.#client.open(object.url, { method: 'HEAD', signal });
    // A signed URL may be good for GET only.
    if (NO_HEAD.has(response.status)) response = await this.#client.open(object.url, { method: 'GET', signal });
    response.body?.discard();
    if (response.status !== 200) throw statusFailure({ resource: resourceOf(object) }, response);
    return this.#record(object, response);
  }

  async *read(object: ListedUrl, options: ReadOptions): AsyncGenerator<Uint8Array> {
    const { offsetBytes = 0, lengthBytes = Infinity, expect, onRecord, signal } = options;
    const range = { offsetBytes, lengthBytes };
    const tell = async (): Promise<void> => {
      const record = await this.stat(object, signal);
      mustBe(object, record, expect);
      onRecord?.(record);
    };
    if (lengthBytes === 0) {
      await tell();
      return;
    }
    const response = await this.#client.open(object.url, {
      method: 'GET',
      headers: { ...rangeHeader(range), ...pinHeaders(expect?.etag) },
      signal,
    });
    const { body } = response;
    // Nothing is behind the end.
    if (response.status === 416) {
      await tell();
      return;
    }
    if (body === undefined) throw statusFailure({ resource: resourceOf(object) }, response);
    try {
      const record = this.#record(object, response);
      mustBe(object, record, expect);
      mustBeRange(object, response, offsetBytes);
      onRecord?.(record);
      yield* checked(object, body, wantedOf(range, record));
    } finally {
      body.discard();
    }
  }

  #record(object: ListedUrl, response: StreamedResponse): ObjectRecord {
    const sizeBytes = answeredSize(response);
    if (object.sizeBytes !== undefined && sizeBytes !== undefined && sizeBytes !== object.sizeBytes) {
      const detail = `the server has ${sizeBytes} bytes of it, the list of URLs says ${object.sizeBytes}`;
      throw failure(object, Code.FAILED_PRECONDITION, 'OBJECT_SIZE_DIFFERS', detail);
    }
    const size = object.sizeBytes ?? sizeBytes;
    if (size !== undefined) return recordOfAnswer(object, size, response);
    const detail = 'neither the list of URLs nor the server (Content-Length) tells its size';
    throw failure(object, Code.FAILED_PRECONDITION, 'OBJECT_SIZE_UNKNOWN', detail);
  }
}

function rangeHeader({ offsetBytes, lengthBytes }: Range): Readonly<Record<string, string>> {
  if (offsetBytes === 0 && lengthBytes === Infinity) return {};
  return { range: `bytes=${offsetBytes}-${lengthBytes === Infinity ? '' : offsetBytes + lengthBytes - 1}` };
}

function mustBe(object: ListedUrl, record: ObjectRecord, expect: ReadOptions['expect']): void {
  if (expect === undefined) return;
  const isSame = expect.etag === undefined || expect.etag === record.etag;
  if (isSame && record.sizeBytes === expect.sizeBytes) return;
  throw failure(object, Code.FAILED_PRECONDITION, 'OBJECT_CHANGED', 'it is not the object that was expected any more');
}

/** A server that ignores Range would begin anew: those bytes are not the ones asked for. */
function mustBeRange(object: ListedUrl, response: StreamedResponse, offsetBytes: number): void {
  if ((rangeStartOf(response) ?? 0) === offsetBytes) return;
  const detail = 'the server does not support Range, which reading it from the middle needs';
  throw failure(object, Code.FAILED_PRECONDITION, 'RANGE_NOT_SUPPORTED', detail);
}

interface Wanted {
  readonly sizeBytes: number;
  /** The range ends where the object does: another byte is one too many. */
  readonly isToEnd: boolean;
  /** What the bytes must hash to, where all of them are read. */
  readonly md5: string | undefined;
}

function wantedOf({ offsetBytes, lengthBytes }: Range, record: ObjectRecord): Wanted {
  const sizeBytes = Math.max(0, Math.min(lengthBytes, record.sizeBytes - offsetBytes));
  const isToEnd = offsetBytes + sizeBytes >= record.sizeBytes;
  return { sizeBytes, isToEnd, md5: isToEnd && offsetBytes === 0 ? record.md5 : undefined };
}

/** The body as it comes, no byte more than wanted (a server may ignore the range's end), whole and with that MD5. */
async function* checked(object: ListedUrl, body: StreamedBody, wanted: Wanted): AsyncGenerator<Uint8Array> {
  const hash = wanted.md5 === undefined ? undefined : createHash('md5');
  let comeBytes = 0;
  for await (const chunk of body) {
    const part = chunk.subarray(0, wanted.sizeBytes - comeBytes);
    comeBytes += part.length;
    hash?.update(part);
    if (part.length < chunk.length && wanted.isToEnd) {
      throw failure(object, Code.FAILED_PRECONDITION, 'OBJECT_SIZE_DIFFERS', `more than its ${comeBytes} bytes came`);
    }
    if (part.length > 0) yield part;
    if (part.length < chunk.length) break;
  }
  if (comeBytes < wanted.sizeBytes) {
    throw failure(object, Code.UNAVAILABLE, 'ANSWER_CUT', `${comeBytes} bytes came of ${wanted.sizeBytes}`);
  }
  if (hash !== undefined && hash.digest('hex') !== wanted.md5) {
    const detail = 'its bytes have another MD5 than the list of URLs says';
    throw failure(object, Code.DATA_LOSS, 'OBJECT_DAMAGED', detail);
  }
}

function resourceOf({ url }: ListedUrl): string {
  return nameOf(new URL(url));
}

function failure(object: ListedUrl, code: Code, reason: string, detail: string): StatusError {
  return new StatusError(code, `${resourceOf(object)}: ${detail}`, { reason });
}

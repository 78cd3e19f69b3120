import type { IncomingFile } from '../../api/method.ts';
import { Code } from '../../core/code.ts';
import { invalidArgument, StatusError } from '../../core/status-error.ts';
import type { QueryParameter } from '../../schema/json/read-query-message.ts';
import {
  malformed,
  MultipartParser,
  type MultipartEvent,
  type MultipartLimits,
} from '../multipart/multipart-parser.ts';
import { parseParameters } from '../multipart/part-header.ts';

export interface UploadPartLimits extends MultipartLimits {
  /** Bytes of all that comes before the file: the request's JSON, and fields of a form. */
  readonly metadataMaxBytes: number;
  /** Parts with the file's. */
  readonly partCountMax: number;
}

/** An upload whose file has come to its first byte. */
export interface UploadParts {
  /** JSON of the request; empty where there is none. */
  readonly metadata: Uint8Array;
  /** Fields of a form: fields of the request, as a query has them. */
  readonly fields: readonly QueryParameter[];
  readonly file: IncomingFile;
}

const NO_BYTES = new Uint8Array(0);

/**
 * Reads a multipart upload up to its file, whose chunks are then read as they are asked for.
 *
 * multipart/related: "the first body part contains the metadata JSON and the second body part contains the binary upload".
 * multipart/form-data: the file is the part that has a file's name, or is called `file`, and comes last; before it JSON of type application/json,
 * and fields of the request by their names.
 * @throws StatusError INVALID_ARGUMENT, also while the file is read: reason MALFORMED_MULTIPART, UPLOAD_EMPTY where no file comes.
 */
export async function readMultipart(
  chunks: AsyncIterable<Uint8Array>,
  { kind, boundary }: { readonly kind: 'related' | 'form-data'; readonly boundary: string },
  limits: UploadPartLimits,
): Promise<UploadParts> {
  const reader = new PartReader(eventsOf(chunks, new MultipartParser(boundary, limits)), limits);
  return kind === 'related' ? readRelated(reader) : readForm(reader);
}

async function readRelated(reader: PartReader): Promise<UploadParts> {
  const first = await reader.header();
  const { value: type } = parseParameters(first.get('content-type') ?? 'application/json');
  if (type !== 'application/json') throw malformed('must begin with a part of type application/json');
  const metadata = await reader.whole();
  return { metadata, fields: [], file: reader.file(await reader.header()) };
}

async function readForm(reader: PartReader): Promise<UploadParts> {
  const fields: QueryParameter[] = [];
  let metadata: Uint8Array = NO_BYTES;
  for (;;) {
    const header = await reader.header();
    const { parameters } = parseParameters(header.get('content-disposition') ?? '');
    const name = parameters.get('name') ?? '';
    const { value: type } = parseParameters(header.get('content-type') ?? '');
    if (parameters.has('filename') || name === 'file') return { metadata, fields, file: reader.file(header) };
    const bytes = await reader.whole();
    if (type === 'application/json') metadata = bytes;
    else fields.push([name, Buffer.from(bytes).toString()]);
  }
}

async function* eventsOf(chunks: AsyncIterable<Uint8Array>, parser: MultipartParser): AsyncGenerator<MultipartEvent> {
  for await (const chunk of chunks) yield* parser.push(chunk);
  parser.end();
}

/** Takes parts one after another. */
class PartReader {
  readonly #events: AsyncGenerator<MultipartEvent>;
  #bytesLeft: number;
  #partsLeft: number;

  constructor(events: AsyncGenerator<MultipartEvent>, { metadataMaxBytes, partCountMax }: UploadPartLimits) {
    this.#events = events;
    this.#bytesLeft = metadataMaxBytes;
    this.#partsLeft = partCountMax;
  }

  /** The header of the next part. */
  async header(): Promise<ReadonlyMap<string, string>> {
    const next = await this.#events.next();
    if (next.done === true) throw fileMissing();
    if (next.value.kind !== 'part') throw new Error(`a ${next.value.kind} came before its part`);
    this.#partsLeft -= 1;
    if (this.#partsLeft < 0) throw malformed('has too many parts before its file');
    checkEncoding(next.value.header);
    return next.value.header;
  }

  /** All of the part whose header was read. */
  async whole(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#bytes()) {
      this.#bytesLeft -= chunk.length;
      if (this.#bytesLeft < 0) throw malformed('has too much before its file');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** The part whose header was read, as the last one. */
  file(header: ReadonlyMap<string, string>): IncomingFile {
    const { parameters } = parseParameters(header.get('content-disposition') ?? '');
    return {
      chunks: this.#lastBytes(),
      fileName: parameters.get('filename') ?? '',
      contentType: header.get('content-type') ?? '',
    };
  }

  async *#bytes(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = await this.#events.next();
      if (next.done === true || next.value.kind === 'part-end') return;
      if (next.value.kind === 'data') yield next.value.bytes;
    }
  }

  async *#lastBytes(): AsyncGenerator<Uint8Array> {
    yield* this.#bytes();
    const { done } = await this.#events.next();
    if (done !== true) throw malformed('has a part behind its file; the file comes last');
  }
}

function checkEncoding(header: ReadonlyMap<string, string>): void {
  const encoding = (header.get('content-transfer-encoding') ?? 'binary').toLowerCase();
  if (['binary', '8bit', '7bit'].includes(encoding)) return;
  const shown = encoding.slice(0, 64);
  throw new StatusError(Code.UNIMPLEMENTED, `parts encoded as ${shown} are not served; send them as they are`, {
    reason: 'TRANSFER_ENCODING_NOT_SERVED',
    metadata: { encoding: shown },
  });
}

// The discovery document, of media.upload: "Metadata-only requests are not supported."
function fileMissing(): StatusError {
  return invalidArgument('media', 'is missing; send the bytes of the app behind the metadata', {
    reason: 'UPLOAD_EMPTY',
  });
}

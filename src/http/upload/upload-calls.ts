import type { IncomingMessage } from 'node:http';
import type { CallContext, IncomingFile, UploadMethod } from '../../api/method.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ProtoJsonLimits } from '../../schema/json/limits.ts';
import type { QueryParameter } from '../../schema/json/read-query-message.ts';
import { bindRequest } from '../bind-request.ts';
import { bodyEncodingOf } from '../body-encoding.ts';
import { gunzipped } from '../gunzipped.ts';
import { HttpRefusal } from '../http-refusal.ts';
import type { RouteMatch, Router } from '../router.ts';
import { bodyChunks, type IncomingRequest } from './body-chunks.ts';
import type { HttpUploadLimits } from './limits.ts';
import { readMultipart, type UploadParts } from './read-multipart.ts';
import { uploadFormOf } from './upload-form.ts';
import { createUploadRoutes, type UploadRoute } from './upload-routes.ts';

export interface UploadCallsOptions {
  readonly methods: readonly UploadMethod[];
  readonly json: ProtoJsonLimits;
  readonly limits: HttpUploadLimits;
}

/** The query of an upload. */
export interface UploadQuery {
  /** All of it. */
  readonly all: readonly QueryParameter[];
  /** Without the system's parameters: fields of the request. */
  readonly fields: readonly QueryParameter[];
}

const NO_BYTES = new Uint8Array(0);
/** The parameters of the query that name an upload's protocol, in both spellings. */
const PROTOCOL_PARAMETERS: ReadonlySet<string> = new Set(
  ['uploadType', 'upload_protocol'].flatMap((name) => [name, `$${name}`]),
);

/** Requests that come with a file: finds their methods, and reads them up to the file, which the method then takes as it arrives. */
export class UploadCalls {
  readonly #options: UploadCallsOptions;
  readonly #routes: Router<UploadRoute>;

  constructor(options: UploadCallsOptions) {
    this.#options = options;
    this.#routes = createUploadRoutes(options.methods);
  }

  get routes(): readonly UploadRoute[] {
    return this.#routes.targets;
  }

  find(method: string, path: string): RouteMatch<UploadRoute> | undefined {
    return this.#routes.find(method, path);
  }

  /** Methods that files are taken by at a path. */
  methodsOf(path: string): readonly string[] {
    return this.#routes.methodsOf(path);
  }

  /**
   * @throws StatusError as the method; INVALID_ARGUMENT or UNIMPLEMENTED for a form of upload that is none, or not served; HttpRefusal 413
   *   for a file that is too large, 415 for a body that is encoded otherwise than by gzip.
   */
  async call(
    incoming: IncomingRequest,
    { target, segments }: RouteMatch<UploadRoute>,
    query: UploadQuery,
    context: CallContext,
  ): Promise<object | Uint8Array> {
    const announcedBytes = this.#announcedBytes(incoming.request);
    checkSize(announcedBytes, target.method);
    const { json } = this.#options;
    const { metadata, fields, file } = await this.#parts(incoming, query.all);
    const message = {
      ...bindRequest(target.metadata, { segments, query: [], body: metadata }, json),
      ...bindRequest(target.fields, { segments, query: [...query.fields, ...fields], body: NO_BYTES }, json),
    };
    try {
      return await target.method.upload(message as never, { ...file, announcedBytes }, context);
    } catch (error) {
      throw isTooLarge(error) ? tooLarge(error) : error;
    }
  }

  /** What the file has at least by the header, before any of it is asked for: it is counted as it arrives. */
  #announcedBytes({ headers }: IncomingMessage): number {
    // Zeros compress a thousand times, a zip file not at all.
    if (bodyEncodingOf(headers) === 'gzip') return 0;
    const { surroundingsMaxBytes, metadataMaxBytes, partCountMax, partHeaderMaxBytes } = this.#options.limits;
    const aroundMaxBytes = surroundingsMaxBytes + metadataMaxBytes + partCountMax * partHeaderMaxBytes;
    const isMultipart = headers['content-type']?.toLowerCase().startsWith('multipart/') === true;
    return Math.max(0, Number(headers['content-length'] ?? 0) - (isMultipart ? aroundMaxBytes : 0));
  }

  #parts(incoming: IncomingRequest, query: readonly QueryParameter[]): Promise<UploadParts> {
    const { limits } = this.#options;
    const { request } = incoming;
    const form = uploadFormOf(protocolsOf(request, query), request.headers);
    const sent = bodyChunks(incoming, limits);
    const chunks = bodyEncodingOf(request.headers) === 'gzip' ? gunzipped(sent) : sent;
    if (form.kind !== 'raw') return readMultipart(chunks, form, limits);
    const file: IncomingFile = { chunks, fileName: '', contentType: form.contentType };
    return Promise.resolve({ metadata: NO_BYTES, fields: [], file });
  }
}

function checkSize(announcedBytes: number, { sizeMaxBytes }: UploadMethod): void {
  if (announcedBytes <= sizeMaxBytes) return;
  const metadata = { sizeMaxBytes: String(sizeMaxBytes) };
  throw new HttpRefusal(413, `media has more than ${metadata.sizeMaxBytes} bytes`, {
    reason: 'UPLOAD_TOO_LARGE',
    metadata,
  });
}

function protocolsOf({ headers }: IncomingMessage, query: readonly QueryParameter[]): readonly string[] {
  const header = headers['x-goog-upload-protocol'];
  const named = query.filter(([name]) => PROTOCOL_PARAMETERS.has(name)).map(([, value]) => value);
  return [...named, ...(typeof header === 'string' ? [header] : [])];
}

function isTooLarge(error: unknown): error is StatusError {
  return error instanceof StatusError && error.info.reason === 'UPLOAD_TOO_LARGE';
}

function tooLarge(cause: StatusError): HttpRefusal {
  return new HttpRefusal(413, cause.message, { ...cause.info, cause });
}

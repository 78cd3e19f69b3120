import type { IncomingHttpHeaders } from 'node:http';
import { invalidArgument, type StatusError } from '../../core/status-error.ts';

/** A request that stands in a batch. */
export interface CallText {
  readonly method: string;
  /** A path and a query, or a whole URL. */
  readonly url: string;
  /** By their names, in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** Google's client for Python leaves the version away where it is told no body. */
const REQUEST_LINE = /^([A-Z]+) (\S+)(?: HTTP\/1\.[01])?$/;
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/;
/** Where the header ends: an empty line, or the end of what has none behind it. */
const HEADER_END = /\r?\n(?:\r?\n|$)|$/;
const BLANK = /^\s*$/;
const LEADING_LINES = /^(?:\r?\n)*/;

export interface CallLimits {
  /** A call's header with its first line, bytes: that of a request that comes alone. */
  readonly headerSizeMaxBytes: number;
}

/**
 * A part of type application/http (RFC 9112, section 10.1), its lines ended by CRLF or LF.
 *
 * @param number  which of the batch it is, from 1: errors name it.
 * @throws StatusError INVALID_ARGUMENT (reason MALFORMED_BATCH) for what is no request.
 */
export function parseCall(bytes: Uint8Array, number: number, limits: CallLimits): CallText {
  try {
    return parse(bytes, limits);
  } catch (error) {
    throw error instanceof NoCall ? malformed(number, error) : error;
  }
}

/** Why it is none. */
class NoCall extends Error {
  override readonly name = 'NoCall';
}

function parse(bytes: Uint8Array, { headerSizeMaxBytes }: CallLimits): CallText {
  // Byte by character, so that positions are those of bytes.
  const all = Buffer.from(bytes.subarray(0, headerSizeMaxBytes)).toString('latin1');
  const start = LEADING_LINES.exec(all)?.[0].length ?? 0;
  const text = all.slice(start);
  const { index = text.length, 0: ending = '' } = HEADER_END.exec(text) ?? {};
  const isWhole = bytes.length === all.length || index + ending.length < text.length;
  if (!isWhole) throw new NoCall(`has a header of more than ${String(headerSizeMaxBytes)} bytes`);
  const [first = '', ...lines] = text.slice(0, index).split(/\r?\n/);
  const [, method, url] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || url === undefined) throw new NoCall('begins with no line like `GET /path HTTP/1.1`');
  const headers = parseHeaders(lines);
  const rest = bytes.subarray(start + index + ending.length);
  return { method, url, headers, body: bodyOf(rest, headers) };
}

function parseHeaders(lines: readonly string[]): IncomingHttpHeaders {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new NoCall('has a header line that is none');
    const key = name.toLowerCase();
    const earlier = headers[key];
    headers[key] = earlier === undefined ? value.trim() : `${earlier}, ${value.trim()}`;
  }
  return headers;
}

/** Where no length is told, all that follows. */
function bodyOf(rest: Uint8Array, headers: IncomingHttpHeaders): Uint8Array {
  if (headers['transfer-encoding'] !== undefined) throw new NoCall('has a Transfer-Encoding; send its body as it is');
  const told = headers['content-length'];
  if (told === undefined) return rest;
  if (!/^\d{1,15}$/.test(told) || Number(told) > rest.length)
    throw new NoCall('has fewer bytes than its Content-Length');
  const length = Number(told);
  // Some clients end the part with a line of its own.
  if (!BLANK.test(Buffer.from(rest.subarray(length)).toString('latin1'))) {
    throw new NoCall('has more bytes than its Content-Length');
  }
  return rest.subarray(0, length);
}

function malformed(number: number, cause: NoCall): StatusError {
  const metadata = { call: String(number) };
  const message = `call ${metadata.call} of it ${cause.message}; nothing of it was carried out`;
  return invalidArgument('batch', message, { reason: 'MALFORMED_BATCH', metadata, cause });
}

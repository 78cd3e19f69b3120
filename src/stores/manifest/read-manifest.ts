import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { toBytes } from '../../transfers/byte-string.ts';
import type { ManifestRow } from '../../transfers/selection/manifest.ts';
import type { ManifestLimits } from './limits.ts';
import { RowMeter } from './row-meter.ts';

export interface ReadManifestOptions {
  /** For messages. */
  readonly url: string;
  readonly limits: ManifestLimits;
  readonly signal: AbortSignal;
}

/**
 * The rows of a manifest in their order: CSV as RFC 4180 has it, in UTF-8. The first column is an object's name, the second, where it is
 * not empty, its generation; what is behind that is not looked at. Lines without anything are passed over.
 *
 * @throws StatusError INVALID_ARGUMENT (reason MANIFEST_MALFORMED) naming the line; RESOURCE_EXHAUSTED when it is too large.
 */
export async function* readManifest(
  body: AsyncIterable<Uint8Array>,
  options: ReadManifestOptions,
): AsyncGenerator<ManifestRow> {
  // One character a byte: names are byte strings, and all that means something in CSV is ASCII.
  const parser = parse({
    encoding: 'latin1',
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n'],
  });
  const bytes = Readable.from(withShortRows(withoutMark(bounded(body, options)), options));
  bytes.on('error', (error) => parser.destroy(error));
  let rowNumber = 0;
  try {
    for await (const columns of bytes.pipe(parser) as AsyncIterable<readonly string[]>) {
      options.signal.throwIfAborted();
      rowNumber += 1;
      yield rowOf(columns, rowNumber, options.url);
    }
  } catch (error) {
    throw error instanceof CsvError ? malformed(options.url, error.message, error) : error;
  } finally {
    bytes.destroy();
    parser.destroy();
  }
}

function rowOf([name = '', generation = '']: readonly string[], rowNumber: number, url: string): ManifestRow {
  if (name === '') throw malformed(url, `row ${rowNumber} names no object`);
  if (!isUtf8(toBytes(name))) throw malformed(url, `the name in row ${rowNumber} is not UTF-8`);
  const trimmed = generation.trim();
  if (trimmed === '') return { key: name, rowNumber };
  if (!/^\d{1,19}$/.test(trimmed)) throw malformed(url, `the generation in row ${rowNumber} is no number`);
  return { key: name, generation: trimmed, rowNumber };
}

async function* bounded(
  body: AsyncIterable<Uint8Array>,
  { url, limits: { manifestSizeBytesMax }, signal }: ReadManifestOptions,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    signal.throwIfAborted();
    sizeBytes += chunk.length;
    if (sizeBytes > manifestSizeBytesMax) throw tooLarge(url, manifestSizeBytesMax);
    // A chunk is the consumer's only until it asks for the next, and a stream reads ahead.
    yield Buffer.from(chunk);
  }
}

/** In front of the parser, which keeps every column of a row until that ends. */
async function* withShortRows(
  body: AsyncIterable<Uint8Array>,
  { url, limits: { rowSizeBytesMax } }: ReadManifestOptions,
): AsyncGenerator<Uint8Array> {
  const meter = new RowMeter(rowSizeBytesMax);
  for await (const chunk of body) {
    const line = meter.take(chunk);
    if (line !== undefined) throw malformed(url, `the row in line ${line} is longer than ${rowSizeBytesMax} bytes`);
    yield chunk;
  }
}

const BYTE_ORDER_MARK = Buffer.from('\u{feff}');

/** Some programs write one; it is no part of the first name. */
async function* withoutMark(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of body) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < BYTE_ORDER_MARK.length) continue;
    yield afterMark(head);
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

function afterMark(head: Buffer): Buffer {
  const { length } = BYTE_ORDER_MARK;
  return head.subarray(0, length).equals(BYTE_ORDER_MARK) ? head.subarray(length) : head;
}

function malformed(url: string, detail: string, cause?: unknown): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `${url}: ${detail}; a manifest is CSV in UTF-8, names first`, {
    reason: 'MANIFEST_MALFORMED',
    metadata: { manifest: url },
    isFinal: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

function tooLarge(url: string, sizeBytesMax: number): StatusError {
  const message = `${url}: a manifest has at most ${sizeBytesMax} bytes; divide it among several jobs`;
  return new StatusError(Code.RESOURCE_EXHAUSTED, message, {
    reason: 'MANIFEST_TOO_LARGE',
    metadata: { manifest: url, bytes: String(sizeBytesMax) },
    isFinal: true,
  });
}

import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { ReadOptions } from '../../transfers/object-store.ts';
import { expectedSizeOf } from '../web/expected-size.ts';
import { rangeStartOf } from '../web/range-start.ts';
import { headerOf, type StreamedResponse, type WebResponse } from '../web/web-request.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { changedError, isExpected, quoted, recordOf } from './s3-record.ts';

interface ReadGround {
  readonly bucket: S3Bucket;
  readonly stat: (signal: AbortSignal) => Promise<ObjectRecord | undefined>;
}

/** ObjectStore.read: one GET, pinned to the object that is expected. */
export async function* readObject(
  ground: ReadGround,
  key: ByteString,
  options: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const { offsetBytes = 0, lengthBytes = Infinity, expect, onRecord, signal } = options;
  const resource = ground.bucket.resource(ground.bucket.place.prefix + key);
  const check = (record: ObjectRecord | undefined): void => {
    if (record === undefined) throw missingError(resource);
    if (expect !== undefined && !isExpected(record, expect)) throw changedError(resource);
    onRecord?.(record);
  };
  const response = lengthBytes === 0 ? undefined : await open(ground.bucket, key, options);
  if (response?.body === undefined) {
    // Nothing of it lies within the range: a service then tells nothing of the object.
    check(await ground.stat(signal));
    return;
  }
  try {
    check(recordOf(key, wholeSize(response), response));
    mustBegin(response, offsetBytes, resource);
    // A server that does not know Range sends everything.
    const skippedBytes = response.status === 206 ? 0 : offsetBytes;
    yield* clip(response.body, skippedBytes, skippedBytes + lengthBytes);
  } finally {
    response.body.discard();
  }
}

/** undefined when the range lies behind the object's end. */
async function open(bucket: S3Bucket, key: ByteString, options: ReadOptions): Promise<StreamedResponse | undefined> {
  const { offsetBytes = 0, lengthBytes = Infinity, expect, signal } = options;
  const headers: Record<string, string> = { 'x-amz-checksum-mode': 'ENABLED' };
  if (offsetBytes > 0 || lengthBytes !== Infinity) {
    headers['range'] = `bytes=${offsetBytes}-${lengthBytes === Infinity ? '' : offsetBytes + lengthBytes - 1}`;
  }
  if (expect?.etag !== undefined) headers['if-match'] = quoted(expect.etag);
  try {
    const expectedSizeBytes = expectedSizeOf(options);
    return await bucket.open({ method: 'GET', key: bucket.place.prefix + key, headers, expectedSizeBytes, signal });
  } catch (error) {
    if (error instanceof StatusError && error.code === Code.OUT_OF_RANGE) return undefined;
    throw error;
  }
}

function wholeSize(response: WebResponse): number {
  const whole = /\/(\d+)$/.exec(headerOf(response, 'content-range') ?? '')?.[1];
  return Number(whole ?? headerOf(response, 'content-length'));
}

/** Of an object without a checksum nothing else would tell that the bytes are others than those asked for. */
function mustBegin(response: WebResponse, offsetBytes: number, resource: string): void {
  if (response.status !== 206 || (rangeStartOf(response) ?? offsetBytes) === offsetBytes) return;
  const text = `${resource}: the service answers with another range than it was asked for`;
  throw new StatusError(Code.UNAVAILABLE, text, { reason: 'ANSWER_UNEXPECTED', metadata: { resource } });
}

/** The bytes from one offset to another. */
async function* clip(body: AsyncIterable<Uint8Array>, fromBytes: number, toBytes: number): AsyncGenerator<Uint8Array> {
  let position = 0;
  for await (const chunk of body) {
    const part = chunk.subarray(Math.max(0, fromBytes - position), Math.max(0, toBytes - position));
    position += chunk.length;
    if (part.length > 0) yield part;
    if (position >= toBytes) return;
  }
}

function missingError(resource: string): StatusError {
  const text = `${resource}: it is not there`;
  return new StatusError(Code.NOT_FOUND, text, { reason: 'OBJECT_NOT_FOUND', metadata: { resource } });
}

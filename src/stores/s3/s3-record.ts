import { isUtf8 } from 'node:buffer';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { toBytes, type ByteString } from '../../transfers/byte-string.ts';
import { isSameTime } from '../../transfers/delta.ts';
import type { ObjectRecord, WritePrecondition } from '../../transfers/object-record.ts';
import { headerOf, type WebResponse } from '../web/web-request.ts';
import { isEncryptedApart, metadataOf } from './s3-metadata.ts';

export type ExpectedObject = Pick<ObjectRecord, 'sizeBytes' | 'modifyTimeMs' | 'etag'>;

export const CRC32C_HEADER = 'x-amz-checksum-crc32c';

const MD5 = /^[0-9a-f]{32}$/;

/** The opaque text of an ETag: some services quote it in headers and not in XML. A weak one keeps its mark. */
export function unquoted(etag: string): string {
  return etag.length > 1 && etag.startsWith('"') && etag.endsWith('"') ? etag.slice(1, -1) : etag;
}

export function quoted(etag: string): string {
  return etag.startsWith('W/') ? etag : `"${etag}"`;
}

export function preconditionHeaders(precondition: WritePrecondition | undefined): Record<string, string> {
  if (precondition === undefined) return {};
  return precondition.kind === 'absent' ? { 'if-none-match': '*' } : { 'if-match': quoted(precondition.etag) };
}

/** A crc32c as S3 writes it: four bytes, the highest first, in base64. */
export function crc32cText(crc32c: number): string {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(crc32c >>> 0);
  return bytes.toString('base64');
}

/**
 * What the headers of a HEAD or a GET tell of an object.
 *
 * Its ETag is its MD5 only if it was written by one request and is not encrypted with a key of its own (API reference, Object: "the
 * ETag is or is not an MD5 digest depending on how it was created and how it is encrypted").
 */
export function recordOf(key: ByteString, sizeBytes: number, response: WebResponse): ObjectRecord {
  const etag = headerOf(response, 'etag');
  const bare = etag === undefined ? undefined : unquoted(etag);
  const crc32c = wholeCrc32c(response);
  return {
    key,
    sizeBytes,
    modifyTimeMs: Date.parse(headerOf(response, 'last-modified') ?? ''),
    ...(crc32c === undefined ? {} : { crc32c }),
    ...(bare === undefined ? {} : { etag: bare }),
    ...(bare !== undefined && MD5.test(bare) && !isEncryptedApart(response) ? { md5: bare } : {}),
    metadata: metadataOf(response),
  };
}

/** That of parts has their count behind it, and is no crc32c of the object; one beside a range may be the range's. */
function wholeCrc32c(response: WebResponse): number | undefined {
  const text = headerOf(response, CRC32C_HEADER);
  if (text === undefined || response.status === 206) return undefined;
  if (headerOf(response, 'x-amz-checksum-type') === 'COMPOSITE') return undefined;
  const bytes = Buffer.from(text, 'base64');
  return /^[A-Za-z0-9+/]{6}==$/.test(text) ? bytes.readUInt32BE() : undefined;
}

/** HEAD tells whole seconds, listings milliseconds. */
export const S3_TIME_GRAIN_MS = 1000;

/** Whether it is still that object: by size, and by etag or else by time. */
export function isExpected(record: ObjectRecord, expect: ExpectedObject): boolean {
  if (record.sizeBytes !== expect.sizeBytes) return false;
  if (expect.etag !== undefined) return record.etag === expect.etag;
  return isSameTime(record.modifyTimeMs, expect.modifyTimeMs, S3_TIME_GRAIN_MS);
}

/** @throws StatusError INVALID_ARGUMENT for a key that S3 has no name for. */
export function checkKey(key: ByteString, resource: string): void {
  if (isUtf8(toBytes(key))) return;
  const text = `${resource}: its name is not UTF-8, as names in S3 must be; rename it`;
  throw new StatusError(Code.INVALID_ARGUMENT, text, {
    reason: 'KEY_NOT_ACCEPTED',
    metadata: { resource },
    isFinal: true,
  });
}

export function changedError(resource: string): StatusError {
  const text = `${resource}: it is not the object that was expected any more`;
  return new StatusError(Code.FAILED_PRECONDITION, text, { reason: 'OBJECT_CHANGED', metadata: { resource } });
}

export function damagedError(resource: string, detail: string): StatusError {
  return new StatusError(Code.DATA_LOSS, `${resource}: ${detail}`, {
    reason: 'OBJECT_DAMAGED',
    metadata: { resource },
  });
}

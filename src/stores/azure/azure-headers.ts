/** Blobs as headers tell of them and are told of them. */
import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectMetadata } from '../../transfers/object-metadata.ts';
import type { ObjectRecord, WritePrecondition } from '../../transfers/object-record.ts';
import { decodeHeaderText, encodeHeaderText } from '../s3/header-text.ts';
import { headerOf, type WebResponse } from '../web/web-request.ts';
import { decodeMetadataName, encodeMetadataName } from './metadata-names.ts';

const CUSTOM = 'x-ms-meta-';

const FIXED = [
  ['contentType', 'content-type'],
  ['cacheControl', 'cache-control'],
  ['contentDisposition', 'content-disposition'],
  ['contentEncoding', 'content-encoding'],
  ['contentLanguage', 'content-language'],
] as const;

/** Holds, custom times and keys of Cloud KMS are Google's alone; a storage class is an access tier (`Hot`, `Cool`, …). */
export function metadataHeaders(metadata: ObjectMetadata | undefined): Record<string, string> {
  const fixed = FIXED.flatMap(([field, name]) => {
    const value = metadata?.[field];
    return value === undefined ? [] : [[`x-ms-blob-${name}`, encodeHeaderText(value)] as const];
  });
  const custom = Object.entries(metadata?.custom ?? {}).map(
    ([name, value]) => [CUSTOM + encodeMetadataName(name), encodeHeaderText(value)] as const,
  );
  const tier = metadata?.storageClass;
  return Object.fromEntries([
    ...fixed,
    ...custom,
    ...(tier === undefined ? [] : [['x-ms-access-tier', tier] as const]),
  ]);
}

/** "absent" is answered 409, "etag" 412, when it does not hold. */
export function preconditionHeaders(precondition: WritePrecondition | undefined): Record<string, string> {
  if (precondition === undefined) return {};
  return precondition.kind === 'absent' ? { 'if-none-match': '*' } : { 'if-match': quoted(precondition.etag) };
}

/** A listing has ETags without quotes, headers have them with. */
export function quoted(etag: string): string {
  return `"${etag}"`;
}

export function unquoted(etag: string): string {
  return etag.replace(/^"|"$/g, '');
}

/** What the headers of a GET or HEAD tell. A range's own MD5 is none of the blob. */
export function recordOf(key: ByteString, response: WebResponse): ObjectRecord {
  const total = /\/(\d+)$/.exec(headerOf(response, 'content-range') ?? '')?.[1];
  const etag = headerOf(response, 'etag');
  const md5 =
    headerOf(response, 'x-ms-blob-content-md5') ??
    (total === undefined ? headerOf(response, 'content-md5') : undefined);
  return {
    key,
    sizeBytes: Number(total ?? headerOf(response, 'content-length')),
    modifyTimeMs: Date.parse(headerOf(response, 'last-modified') ?? ''),
    ...(etag === undefined ? {} : { etag: unquoted(etag) }),
    ...(md5 === undefined ? {} : { md5: Buffer.from(md5, 'base64').toString('hex') }),
    metadata: metadataOf(response),
  };
}

function metadataOf(response: WebResponse): ObjectMetadata {
  const fixed = FIXED.flatMap(([field, name]) => {
    const value = headerOf(response, name);
    return value === undefined || value === '' ? [] : [[field, decodeHeaderText(value)] as const];
  });
  const custom = Object.keys(response.headers)
    .filter((name) => name.startsWith(CUSTOM))
    .map((name) => [decodeMetadataName(name.slice(CUSTOM.length)), decodeHeaderText(headerOf(response, name) ?? '')]);
  const tier = headerOf(response, 'x-ms-access-tier');
  return {
    ...Object.fromEntries(fixed),
    ...(tier === undefined ? {} : { storageClass: tier }),
    custom: Object.fromEntries(custom) as Record<string, string>,
  };
}

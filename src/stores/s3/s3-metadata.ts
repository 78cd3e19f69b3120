import type { ObjectMetadata } from '../../transfers/object-metadata.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { headerOf, type WebResponse } from '../web/web-request.ts';
import { decodeHeaderText, encodeHeaderText } from './header-text.ts';

const CUSTOM = 'x-amz-meta-';
const STORAGE_CLASS = 'x-amz-storage-class';
const ENCRYPTION = 'x-amz-server-side-encryption';
const KMS_KEY = 'x-amz-server-side-encryption-aws-kms-key-id';

/** RFC 9110, section 5.6.2: what a header's name may be of, in lower case. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

const FIXED = [
  ['contentType', 'content-type'],
  ['cacheControl', 'cache-control'],
  ['contentDisposition', 'content-disposition'],
  ['contentEncoding', 'content-encoding'],
  ['contentLanguage', 'content-language'],
] as const;

/**
 * The headers that store metadata with an object. Custom time and holds are Google's alone, and are left out.
 *
 * @throws StatusError INVALID_ARGUMENT for a name that no header can have.
 */
export function metadataHeaders(metadata: ObjectMetadata | undefined, resource: string): Record<string, string> {
  const headers: Record<string, string> = {};
  if (metadata === undefined) return headers;
  for (const [field, name] of FIXED) {
    const value = metadata[field];
    if (value !== undefined) headers[name] = encodeHeaderText(value);
  }
  if (metadata.storageClass !== undefined) headers[STORAGE_CLASS] = metadata.storageClass;
  if (metadata.kmsKey !== undefined) {
    headers[ENCRYPTION] = 'aws:kms';
    headers[KMS_KEY] = metadata.kmsKey;
  }
  for (const [name, value] of Object.entries(metadata.custom)) {
    if (!TOKEN.test(name)) throw unusableName(name, resource);
    headers[CUSTOM + name] = encodeHeaderText(value);
  }
  return headers;
}

/** What an object's headers tell. */
export function metadataOf(response: WebResponse): ObjectMetadata {
  const custom: Record<string, string> = {};
  for (const name of Object.keys(response.headers)) {
    if (name.startsWith(CUSTOM)) custom[name.slice(CUSTOM.length)] = decodeHeaderText(headerOf(response, name) ?? '');
  }
  const fixed = FIXED.map(([field, name]) => [field, decodeHeaderText(headerOf(response, name) ?? '')] as const);
  const storageClass = headerOf(response, STORAGE_CLASS);
  const kmsKey = headerOf(response, KMS_KEY);
  return {
    ...Object.fromEntries(fixed.filter(([field, value]) => isTold(field, value))),
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(kmsKey === undefined ? {} : { kmsKey }),
    custom,
  };
}

/** `aws-chunked` is how a body was sent, and no property of the object; some servers keep it. */
function isTold(field: string, value: string): boolean {
  return value !== '' && !(field === 'contentEncoding' && value === 'aws-chunked');
}

/** Whether the ETag of the object cannot be its MD5, by how it is encrypted. */
export function isEncryptedApart(response: WebResponse): boolean {
  const encryption = headerOf(response, ENCRYPTION);
  const hasOwnKey = headerOf(response, `${ENCRYPTION}-customer-algorithm`) !== undefined;
  return hasOwnKey || (encryption !== undefined && encryption !== 'AES256');
}

function unusableName(name: string, resource: string): StatusError {
  const text = `${resource}: the metadata name ${JSON.stringify(name)} cannot be stored in S3; use letters, digits and hyphens`;
  return new StatusError(Code.INVALID_ARGUMENT, text, {
    reason: 'METADATA_NOT_STORABLE',
    metadata: { resource, name },
  });
}

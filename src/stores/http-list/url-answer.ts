/** What an answer's headers tell of an object. */
import type { ObjectRecord } from '../../transfers/object-record.ts';
import { headerOf, type WebResponse } from '../web/web-request.ts';
import type { ListedUrl } from './url-list.ts';

/** The size of the whole object; undefined where the server does not tell it. */
export function answeredSize(response: WebResponse): number | undefined {
  const total = /\/(\d+)$/.exec(headerOf(response, 'content-range') ?? '')?.[1];
  const text = total ?? (response.status === 200 ? headerOf(response, 'content-length') : undefined);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/**
 * What an answer tells of an object. It has no time, as the list has none.
 *
 * Its etag is the server's, or else its Last-Modified: one of them tells two versions apart.
 */
export function recordOfAnswer(object: ListedUrl, sizeBytes: number, response: WebResponse): ObjectRecord {
  const etag = headerOf(response, 'etag') ?? headerOf(response, 'last-modified');
  const texts = FIXED_HEADERS.flatMap(([field, name]) => {
    const value = headerOf(response, name);
    return value === undefined ? [] : [[field, value] as const];
  });
  return {
    key: object.key,
    sizeBytes,
    modifyTimeMs: 0,
    ...(object.md5 === undefined ? {} : { md5: object.md5 }),
    ...(etag === undefined ? {} : { etag }),
    metadata: { ...Object.fromEntries(texts), custom: {} },
  };
}

/** Asks the server to see to it. RFC 9110, 13.1.1: "An origin server MUST use the strong comparison function" for If-Match. */
export function pinHeaders(etag: string | undefined): Readonly<Record<string, string>> {
  return etag?.startsWith('"') === true ? { 'if-match': etag } : {};
}

const FIXED_HEADERS = [
  ['contentType', 'content-type'],
  ['cacheControl', 'cache-control'],
  ['contentDisposition', 'content-disposition'],
  ['contentEncoding', 'content-encoding'],
  ['contentLanguage', 'content-language'],
] as const;

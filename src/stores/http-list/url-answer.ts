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

/** Its time is that of the last change where the server tells it, else 0; its etag only a strong one, as no other one can pin a read. */
export function recordOfAnswer(object: ListedUrl, sizeBytes: number, response: WebResponse): ObjectRecord {
  const etag = headerOf(response, 'etag');
  const modified = Date.parse(headerOf(response, 'last-modified') ?? '');
  const texts = FIXED_HEADERS.flatMap(([field, name]) => {
    const value = headerOf(response, name);
    return value === undefined ? [] : [[field, value] as const];
  });
  return {
    key: object.key,
    sizeBytes,
    modifyTimeMs: Number.isNaN(modified) ? 0 : modified,
    ...(object.md5 === undefined ? {} : { md5: object.md5 }),
    ...(etag?.startsWith('"') === true ? { etag } : {}),
    metadata: { ...Object.fromEntries(texts), custom: {} },
  };
}

const FIXED_HEADERS = [
  ['contentType', 'content-type'],
  ['cacheControl', 'cache-control'],
  ['contentDisposition', 'content-disposition'],
  ['contentEncoding', 'content-encoding'],
  ['contentLanguage', 'content-language'],
] as const;

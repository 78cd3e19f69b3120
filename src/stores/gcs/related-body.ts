import { randomUUID } from 'node:crypto';

/** A body of two parts (RFC 2387), as uploads of one request have them: the resource, then the object's bytes. */
export function relatedBody(
  resource: object,
  media: Uint8Array,
  contentType: string,
): { readonly contentType: string; readonly body: Uint8Array } {
  const boundary = `part-${randomUUID()}`;
  const head =
    `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(resource)}\r\n` +
    `--${boundary}\r\ncontent-type: ${contentType}\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), media, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { contentType: `multipart/related; boundary=${boundary}`, body };
}

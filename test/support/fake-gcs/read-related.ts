import { FakeGcsError, type FakeMetadata } from './fake-bucket.ts';

/** The two parts of a multipart/related upload (RFC 2387): JSON, then the bytes. */
export function readRelated(
  contentType: string,
  body: Buffer,
): { readonly metadata: FakeMetadata; readonly media: Buffer } {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (!contentType.startsWith('multipart/related') || boundary === undefined) {
    throw new FakeGcsError(400, 'badContent', `Content-Type: ${contentType}`);
  }
  const parts = split(Buffer.concat([Buffer.from('\r\n'), body]), Buffer.from(`\r\n--${boundary}`)).slice(1);
  const [first, second, end] = parts.map(afterHeaders);
  if (first === undefined || second === undefined || end === undefined) {
    throw new FakeGcsError(400, 'badContent', 'a multipart/related upload has two parts and an end');
  }
  const media = second.bytes;
  const metadata = JSON.parse(first.bytes.toString()) as FakeMetadata;
  const type = /^content-type: *(.*)$/im.exec(second.headers)?.[1];
  return { metadata: { ...(type === undefined ? {} : { contentType: type }), ...metadata }, media };
}

function split(bytes: Buffer, separator: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(separator); at !== -1; at = bytes.indexOf(separator, from)) {
    parts.push(bytes.subarray(from, at));
    from = at + separator.length;
  }
  return [...parts, bytes.subarray(from)];
}

function afterHeaders(part: Buffer): { readonly headers: string; readonly bytes: Buffer } {
  const end = part.indexOf('\r\n\r\n');
  return { headers: part.subarray(0, Math.max(0, end)).toString(), bytes: part.subarray(end + 4) };
}

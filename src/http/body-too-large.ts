import { HttpRefusal } from './http-refusal.ts';

/** 413, for a body that is larger as it is sent, or decompressed. */
export function bodyTooLarge(sizeMaxBytes: number): HttpRefusal {
  const metadata = { bodySizeMaxBytes: String(sizeMaxBytes) };
  const message = `the body is larger than ${metadata.bodySizeMaxBytes} bytes; ask for less in one request`;
  return new HttpRefusal(413, message, { reason: 'BODY_TOO_LARGE', metadata });
}

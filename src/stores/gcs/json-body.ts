import type { WebResponse } from '../web/web-request.ts';

/** The members of an answer's JSON object; none where it is something else, such as the page of a proxy on the way. */
export function jsonBody({ bytes }: WebResponse): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
    return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

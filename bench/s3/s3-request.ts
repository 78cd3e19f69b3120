import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorDocument } from '../../test/support/fake-s3/documents.ts';

/** A request to a bucket, addressed by path. */
export interface S3Request {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** '' for the bucket itself. Keys of benchmarks are ASCII, and nothing in them is encoded. */
  readonly key: string;
  readonly query: URLSearchParams;
}

/** Answers with a document, or with nothing. */
export function answer(
  { message, response }: S3Request,
  status: number,
  { text = '', headers = {} }: { readonly text?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): void {
  // Of a HEAD the length is the object's.
  const length = message.method === 'HEAD' ? {} : { 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, { ...length, ...headers }).end(text);
}

export function refuse(request: S3Request, status: number, code: string): void {
  const text = request.method === 'HEAD' ? '' : errorDocument(code, code);
  answer(request, status, { text });
}

/** Reads what is sent to the end. */
export async function drain(message: IncomingMessage, take: (chunk: Buffer) => void = () => undefined): Promise<void> {
  message.on('data', take);
  await new Promise<void>((resolve, reject) => message.once('end', resolve).once('error', reject));
}

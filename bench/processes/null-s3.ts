/**
 * A server that speaks S3 and keeps nothing, so that what is left is the client's cost. The bucket `made` is read, and has the files of
 * trees; the bucket `summed` is written, and only sums up. Any other answers every request with 200 as soon as it has come whole, and
 * GET with the range that is asked for, of bytes that are always the same.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { STAGING_PREFIX } from '../../src/transfers/staging-name.ts';
import { MadeBucket } from '../s3/made-bucket.ts';
import { ProbeAnswers } from '../s3/probe-answers.ts';
import type { S3Request } from '../s3/s3-request.ts';
import { SummingBucket, type Sum } from '../s3/summing-bucket.ts';
import type { TreeShape } from '../transfers/tree-files.ts';
import { serveCalls } from './serve-calls.ts';

const ETAG = '"d41d8cd98f00b204e9800998ecf8427e"';
const CHUNK = Buffer.alloc(2 ** 20, 7);
const made = new MadeBucket();
const summed = new SummingBucket();
const probe = new ProbeAnswers();

async function listen(): Promise<string> {
  const server = createServer((message, response) => {
    const url = message.url ?? '';
    if (!url.startsWith('/made') && !url.startsWith('/summed')) answerAlike(message, response);
    else void answer(message, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = message.url ?? '';
  const [path = '', queryText = ''] = url.split('?');
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(path) ?? [];
  const query = new URLSearchParams(queryText);
  const request: S3Request = { message, response, method: message.method ?? '', key, query };
  if (url.includes(STAGING_PREFIX)) return probe.answer(request);
  return bucket === 'made' ? made.answer(request) : summed.answer(request);
}

function answerAlike(request: IncomingMessage, response: ServerResponse): void {
  request.resume().once('end', () => {
    if (request.method === 'GET') void sendRange(request, response);
    else response.writeHead(200, { etag: ETAG }).end();
  });
}

/** @throws nothing: whoever hangs up has had enough. */
async function sendRange({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, first = '0', last = '0'] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  const lengthBytes = Number(last) + 1 - Number(first);
  response.writeHead(206, {
    etag: ETAG,
    'content-length': lengthBytes,
    // One larger than all that is asked for: its end is nobody's.
    'content-range': `bytes ${first}-${last}/${String(2 ** 40)}`,
    'last-modified': new Date(0).toUTCString(),
  });
  for (let sent = 0; sent < lengthBytes && !response.destroyed; sent += CHUNK.length) {
    if (!response.write(CHUNK.subarray(0, lengthBytes - sent))) await once(response, 'drain').catch(() => undefined);
  }
  response.end();
}

function make({ prefix, shape }: { readonly prefix: string; readonly shape: TreeShape }): void {
  made.add(prefix, shape);
}

/** What was written to `summed` below a prefix, by the rest of its key. */
function takeSums(prefix: string): ReadonlyMap<string, Sum> {
  return summed.take(prefix);
}

const calls = { listen, make, takeSums };
export type NullS3 = typeof calls;
serveCalls(calls);

/**
 * S3 in this process: signatures, preconditions, ranges, checksums, multipart uploads, listings in pages; and what goes wrong with it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorDocument } from './documents.ts';
import { FakeBucket, FakeS3Error } from './fake-bucket.ts';
import { FaultScript, type Fault, type FakeS3Lies } from './faults.ts';
import { bucketAnswer, objectAnswer, type Answer, type FakeRequest } from './answers.ts';
import { signatureFault } from './verify-signature.ts';

export const FAKE_CREDENTIALS = { accessKeyId: 'AKFAKE', secretAccessKey: 'fake/secret+key', sessionToken: 'token' };
export const FAKE_BUCKET = 'bucket';

export interface FakeS3 {
  readonly endpoint: string;
  readonly bucket: FakeBucket;
  readonly faults: FaultScript;
  /** `PUT /bucket/key?x`, in the order in which they came. */
  readonly requests: string[];
  /** When the last request came, or its body ended; milliseconds since the epoch, 0 when none came. */
  lastTouchMs(): number;
  close(): Promise<void>;
}

export async function startFakeS3(lies: FakeS3Lies = {}): Promise<FakeS3> {
  const bucket = new FakeBucket();
  const faults = new FaultScript();
  const requests: string[] = [];
  let lastTouchMs = 0;
  const server = createServer((request, response) => {
    lastTouchMs = Date.now();
    request.once('close', () => (lastTouchMs = Date.now()));
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    void serve({ bucket, faults, lies }, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    faults,
    requests,
    lastTouchMs: () => lastTouchMs,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Ground {
  readonly bucket: FakeBucket;
  readonly faults: FaultScript;
  readonly lies: FakeS3Lies;
}

async function serve(
  { bucket, faults, lies }: Ground,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '', queryText = ''] = (message.url ?? '').split('?');
  const query = new URLSearchParams(queryText);
  const fault = faults.take(message.method ?? '', query);
  if (fault?.kind === 'cut-request') {
    message.once('data', () => message.socket.destroy());
    return;
  }
  const body = await bodyOf(message);
  const answer = answerOf(message, path, { bucket, lies, query, body, fault });
  send(message, response, answer, fault);
}

interface Asked {
  readonly bucket: FakeBucket;
  readonly lies: FakeS3Lies;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly fault: Fault | undefined;
}

function answerOf(message: IncomingMessage, path: string, { bucket, lies, query, body, fault }: Asked): Answer {
  try {
    const keys = new Map([[FAKE_CREDENTIALS.accessKeyId, FAKE_CREDENTIALS.secretAccessKey]]);
    const refusal = signatureFault(message, keys, Date.now());
    if (refusal !== undefined) throw new FakeS3Error(403, refusal);
    if (fault?.kind === 'status') throw new FakeS3Error(fault.status, fault.code);
    const headers = Object.fromEntries(
      Object.entries(message.headers).filter(([name]) => lies.ignoredHeaders?.includes(name) !== true),
    ) as Record<string, string>;
    const { name, key } = addressed(message, path);
    if (name !== FAKE_BUCKET) throw new FakeS3Error(404, 'NoSuchBucket');
    const request: FakeRequest = {
      method: message.method ?? '',
      key,
      query,
      headers,
      body,
      lies,
      isDropped: fault?.kind === 'dropped' || fault?.kind === 'late-error',
    };
    return key === '' ? bucketAnswer(bucket, request) : objectAnswer(bucket, request);
  } catch (error) {
    if (!(error instanceof FakeS3Error)) throw error;
    // Servers like to quote what they refuse.
    const quoted = error.status === 403 ? ` of ${message.headers.authorization ?? ''}` : '';
    const document = errorDocument(error.code, `the fake says ${error.code}${quoted}`);
    const headers =
      fault?.kind === 'status' && fault.retryAfter !== undefined ? { 'retry-after': fault.retryAfter } : {};
    return { status: error.status, headers: { ...headers, 'content-type': 'application/xml' }, body: latin1(document) };
  }
}

/** By path, or by host where the host begins with the bucket. */
function addressed(message: IncomingMessage, path: string): { readonly name: string; readonly key: string } {
  const decoded = path
    .slice(1)
    .replace(/%([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  if (message.headers.host?.startsWith(`${FAKE_BUCKET}.`) === true) return { name: FAKE_BUCKET, key: decoded };
  const slash = decoded.indexOf('/');
  return slash === -1 ? { name: decoded, key: '' } : { name: decoded.slice(0, slash), key: decoded.slice(slash + 1) };
}

function send(message: IncomingMessage, response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  const faulty = fault === undefined ? answer : faultyAnswer(answer, fault);
  if (fault?.kind === 'lost-answer') {
    message.socket.destroy();
    return;
  }
  const body = message.method === 'HEAD' ? Buffer.alloc(0) : faulty.body;
  const length = message.method === 'HEAD' ? {} : { 'content-length': String(body.length) };
  response.writeHead(faulty.status, { 'x-amz-request-id': 'FAKE', ...length, ...faulty.headers });
  if (fault?.kind === 'cut') response.write(body.subarray(0, fault.atByte), () => message.socket.destroy());
  else if (fault?.kind === 'stall') response.write(body.subarray(0, fault.atByte));
  else response.end(body);
}

function faultyAnswer(answer: Answer, fault: Fault): Answer {
  if (fault.kind === 'late-error') return { status: 200, headers: {}, body: latin1(errorDocument(fault.code, 'late')) };
  if (fault.kind === 'document') return { status: 200, headers: {}, body: latin1(fault.text) };
  if (fault.kind === 'wrong-etag') return { ...answer, headers: { ...answer.headers, etag: `"${fault.etag}"` } };
  if (fault.kind === 'truncated-document') return { ...answer, body: answer.body.subarray(0, fault.atByte) };
  return answer;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

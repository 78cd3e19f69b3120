/** Moves the bodies of large objects from and to a server that speaks S3, in three ways, and tells what it cost this process. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { crc32c } from '@node-rs/crc32';
import { Agent } from 'undici';
import { systemClock } from '../../src/core/clock.ts';
import { DEFAULT_S3_LIMITS } from '../../src/stores/s3/limits.ts';
import { READING_ABILITIES } from '../../src/stores/s3/s3-abilities.ts';
import { S3Bucket } from '../../src/stores/s3/s3-bucket.ts';
import { S3Store } from '../../src/stores/s3/s3-store.ts';
import { DEFAULT_WEB_LIMITS } from '../../src/stores/web/limits.ts';
import { WebClient } from '../../src/stores/web/web-client.ts';
import { SourceBody } from '../../src/transfers/object-copy/source-body.ts';
import { serveCalls } from './serve-calls.ts';

export interface MoveToMeasure {
  readonly endpoint: string;
  /** `socket`: bare, into a buffer that is used again, with a crc32c; what undici could at best be replaced by. */
  readonly by: 'store' | 'undici' | 'socket';
  readonly direction: 'get' | 'put';
  readonly sizeBytes: number;
  readonly partSizeBytes: number;
  /** Parts at once. */
  readonly laneCount: number;
}

interface Part {
  readonly index: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

type MovePart = (part: Part) => Promise<unknown>;

const KEY = 'some/folder/large-object';
/** As the server has it: see null-s3.ts. */
const OBJECT = {
  key: KEY,
  sizeBytes: 2 ** 40,
  modifyTimeMs: 0,
  etag: 'd41d8cd98f00b204e9800998ecf8427e',
};
const agent = new Agent({ connections: DEFAULT_WEB_LIMITS.connectionsPerOriginMax, allowH2: false });
const web = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy: [{ host: '127.0.0.1', isPrivateAllowed: true }] });
const signal = new AbortController().signal;

/** User and system time of this process for one GiB, seconds. */
async function move(asked: MoveToMeasure): Promise<number> {
  const { sizeBytes, partSizeBytes, laneCount } = asked;
  const lanes = Array.from({ length: laneCount }, () => laneOf(asked));
  let index = 0;
  const before = process.cpuUsage();
  await Promise.all(
    lanes.map(async (movePart) => {
      for (let next = index++; next * partSizeBytes < sizeBytes; next = index++) {
        await movePart({ index: next, offsetBytes: next * partSizeBytes, lengthBytes: partSizeBytes });
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return (((user + system) / 1e6) * 2 ** 30) / sizeBytes;
}

function laneOf({ endpoint, by, direction, partSizeBytes }: MoveToMeasure): MovePart {
  const bytes = Buffer.alloc(partSizeBytes, 7);
  switch (by) {
    case 'store':
      return direction === 'get' ? storeGet(endpoint) : storePut(endpoint, bytes);
    case 'undici':
      return direction === 'get' ? bareGet(endpoint) : barePut(endpoint, bytes);
    case 'socket':
      return direction === 'get' ? socketGet(endpoint) : socketPut(endpoint, bytes);
  }
}

function storeOf(endpoint: string): S3Store {
  const place = { endpoint, region: 'us-east-1', bucket: 'bucket', prefix: '', isVirtualHosted: false };
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const bucket = new S3Bucket({ place, credentials, web, clock: systemClock });
  const abilities = { ...READING_ABILITIES, checksCrc32c: true, writesOnlyIfAbsent: true };
  return new S3Store({ bucket, abilities, limits: DEFAULT_S3_LIMITS });
}

function storeGet(endpoint: string): MovePart {
  const store = storeOf(endpoint);
  return async (part) => {
    const body = new SourceBody(store, OBJECT, signal, part);
    await body.open();
    for await (const chunk of body.stream()) if (chunk.length === 0) throw new Error('an empty chunk came');
    await body.close();
  };
}

function storePut(endpoint: string, bytes: Buffer): MovePart {
  const { uploads } = storeOf(endpoint);
  return async (part) => uploads.putPart({ key: KEY, id: 'upload' }, { ...part, bytes }, signal);
}

function bareGet(endpoint: string): MovePart {
  return async ({ offsetBytes, lengthBytes }) => {
    const range = `bytes=${String(offsetBytes)}-${String(offsetBytes + lengthBytes - 1)}`;
    const answer = await agent.request({ origin: endpoint, path: `/${KEY}`, method: 'GET', headers: { range } });
    for await (const chunk of answer.body as AsyncIterable<Buffer>) if (chunk.length === 0) throw new Error('empty');
  };
}

function barePut(endpoint: string, body: Buffer): MovePart {
  return async () => {
    const answer = await agent.request({ origin: endpoint, path: `/${KEY}`, method: 'PUT', body });
    await answer.body.dump();
  };
}

const CRLF = '\r\n';

/** Bytes after the headers are counted: the server tells its length, and sends no chunks. */
function socketGet(endpoint: string): MovePart {
  const { port, host } = new URL(endpoint);
  const reader = new BodyCounter(Number(port));
  return ({ offsetBytes, lengthBytes }) =>
    reader.request(
      `GET /${KEY} HTTP/1.1${CRLF}host: ${host}${CRLF}range: bytes=${String(offsetBytes)}-${String(offsetBytes + lengthBytes - 1)}${CRLF}${CRLF}`,
      lengthBytes,
    );
}

class BodyCounter {
  readonly #socket: Socket;
  #restBytes = 0;
  #isBody = false;
  #crc = 0;
  #done: (() => void) | undefined;

  constructor(port: number) {
    const onread = {
      buffer: Buffer.allocUnsafeSlow(2 ** 18),
      callback: (count: number, buffer: Uint8Array): boolean => {
        this.#take(buffer.subarray(0, count));
        return true;
      },
    };
    this.#socket = connect({ port, host: '127.0.0.1', onread });
  }

  get crc32c(): number {
    return this.#crc;
  }

  request(head: string, lengthBytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#restBytes = lengthBytes;
      this.#isBody = false;
      this.#done = resolve;
      this.#socket.write(head);
    });
  }

  /** The head is small, and comes in one piece from a server on the same machine. */
  #take(bytes: Uint8Array): void {
    let body = bytes;
    if (!this.#isBody) {
      const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(CRLF + CRLF);
      if (end === -1) throw new Error('the answer has no end of its head');
      this.#isBody = true;
      body = bytes.subarray(end + 4);
    }
    this.#crc = crc32c(body, this.#crc);
    this.#restBytes -= body.length;
    if (this.#restBytes === 0) this.#done?.();
  }
}

function socketPut(endpoint: string, bytes: Buffer): MovePart {
  const { port, host } = new URL(endpoint);
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  return async () => {
    const sum = crc32c(bytes);
    socket.write(
      `PUT /${KEY} HTTP/1.1${CRLF}host: ${host}${CRLF}content-length: ${String(bytes.length)}${CRLF}x-sum: ${String(sum)}${CRLF}${CRLF}`,
    );
    socket.write(bytes);
    await once(socket, 'data');
  };
}

const calls = { move };
export type S3Mover = typeof calls;
serveCalls(calls);

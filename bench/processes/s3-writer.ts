/** Writes objects to a server that speaks S3, by our store or by undici alone, and tells what it cost this process. */
import { Agent } from 'undici';
import { systemClock } from '../../src/core/clock.ts';
import { DEFAULT_S3_LIMITS } from '../../src/stores/s3/limits.ts';
import { READING_ABILITIES } from '../../src/stores/s3/s3-abilities.ts';
import { S3Bucket } from '../../src/stores/s3/s3-bucket.ts';
import { S3Store } from '../../src/stores/s3/s3-store.ts';
import { DEFAULT_WEB_LIMITS } from '../../src/stores/web/limits.ts';
import { WebClient } from '../../src/stores/web/web-client.ts';
import { serveCalls } from './serve-calls.ts';

export interface WritesToMeasure {
  readonly endpoint: string;
  readonly by: 'store' | 'undici';
  readonly objectCount: number;
  readonly sizeBytes: number;
  /** Writes at once. */
  readonly laneCount: number;
}

const agent = new Agent({ connections: DEFAULT_WEB_LIMITS.connectionsPerOriginMax, allowH2: false });
const web = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy: [{ host: '127.0.0.1', isPrivateAllowed: true }] });
const signal = new AbortController().signal;

/** User and system time of this process for one object, microseconds. */
async function write({ endpoint, by, objectCount, sizeBytes, laneCount }: WritesToMeasure): Promise<number> {
  const body = Buffer.alloc(sizeBytes, 7);
  const put = by === 'store' ? storePut(endpoint, body) : barePut(endpoint, body);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < objectCount) await put(`some/folder/object-${String((next += 1)).padStart(9, '0')}`);
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: laneCount }, lane));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / objectCount;
}

function storePut(endpoint: string, bytes: Buffer): (key: string) => Promise<unknown> {
  const place = { endpoint, region: 'us-east-1', bucket: 'bucket', prefix: '', isVirtualHosted: false };
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const bucket = new S3Bucket({ place, credentials, web, clock: systemClock });
  const abilities = { ...READING_ABILITIES, checksCrc32c: true, writesOnlyIfAbsent: true };
  const store = new S3Store({ bucket, abilities, limits: DEFAULT_S3_LIMITS });
  const metadata = { contentType: 'application/octet-stream', custom: { 'goog-reserved-file-mtime': '1700000000' } };
  const options = {
    modifyTimeMs: 0,
    sizeBytes: bytes.length,
    metadata,
    precondition: { kind: 'absent' } as const,
    signal,
  };

  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  return (key) => store.write(key, body(), options);
}

function barePut(endpoint: string, bytes: Buffer): (key: string) => Promise<unknown> {
  const headers = { 'content-type': 'application/octet-stream' };
  return async (key) => {
    const answer = await agent.request({
      origin: endpoint,
      path: `/bucket/${key}`,
      method: 'PUT',
      headers,
      body: bytes,
    });
    await answer.body.dump();
  };
}

const calls = { write };
export type S3Writer = typeof calls;
serveCalls(calls);

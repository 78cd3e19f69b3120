/**
 * Signatures of AWS, version 4, in headers: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { S3Credentials } from './s3-place.ts';

/** In place of a hash, where the transport or a checksum vouches for the body. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
export const EMPTY_PAYLOAD = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export interface RequestToSign {
  readonly method: string;
  /** Encoded as it is sent. */
  readonly path: string;
  /** Encoded as it is sent, sorted by name; without '?'. */
  readonly query: string;
  /** All that are to be signed, Host among them; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Hexadecimal SHA-256 of the body, or UNSIGNED_PAYLOAD. */
  readonly payloadHash: string;
}

/** Signs for one region with one access key. The key derived from them changes once a day, and is kept. */
export class S3Signer {
  readonly #credentials: S3Credentials;
  readonly #region: string;
  #day = '';
  #key: KeyObject | undefined;

  constructor(credentials: S3Credentials, region: string) {
    this.#credentials = credentials;
    this.#region = region;
  }

  /** The request's headers with those of the signature. */
  sign(request: RequestToSign, nowMs: number): Record<string, string> {
    const { sessionToken } = this.#credentials;
    const time = basicTime(nowMs);
    const headers: Record<string, string> = {
      ...request.headers,
      'x-amz-content-sha256': request.payloadHash,
      'x-amz-date': time,
    };
    if (sessionToken !== undefined) headers['x-amz-security-token'] = sessionToken;
    headers['authorization'] = this.#authorization({ ...request, headers }, time);
    return headers;
  }

  #authorization({ method, path, query, headers, payloadHash }: RequestToSign, time: string): string {
    const names = Object.keys(headers).sort();
    const signedNames = names.join(';');
    let canonicalHeaders = '';
    for (const name of names) canonicalHeaders += `${name}:${canonicalValue(headers[name] ?? '')}\n`;
    const canonical = `${method}\n${path}\n${query}\n${canonicalHeaders}\n${signedNames}\n${payloadHash}`;
    const day = time.slice(0, 8);
    const scope = `${day}/${this.#region}/s3/aws4_request`;
    const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical, 'hex')}`;
    const signature = createHmac('sha256', this.#keyOf(day)).update(toSign).digest('hex');
    const credential = `${this.#credentials.accessKeyId}/${scope}`;
    return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedNames}, Signature=${signature}`;
  }

  /** As a KeyObject: making one of bytes takes longer than the signature. */
  #keyOf(day: string): KeyObject {
    if (day === this.#day && this.#key !== undefined) return this.#key;
    const parts = [day, this.#region, 's3', 'aws4_request'];
    const first = Buffer.from(`AWS4${this.#credentials.secretAccessKey}`);
    const key = createSecretKey(
      parts.reduce((bytes, part) => createHmac('sha256', bytes).update(part).digest(), first),
    );
    this.#day = day;
    this.#key = key;
    return key;
  }
}

/** `20260102T030405Z`. */
function basicTime(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** "Convert all sequential spaces to a single space", none at the ends. */
function canonicalValue(value: string): string {
  const trimmed = value.trim();
  return trimmed.includes('  ') ? trimmed.replace(/ {2,}/g, ' ') : trimmed;
}

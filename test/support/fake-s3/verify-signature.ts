import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Checks an AWS signature of version 4 from what came over the wire alone, by the published steps; shares nothing with the signer.
 *
 * @returns the error code of S3, or undefined when the signature is good.
 */
export function signatureFault(
  request: IncomingMessage,
  keys: ReadonlyMap<string, string>,
  nowMs: number,
): string | undefined {
  const match = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
    request.headers.authorization ?? '',
  );
  if (match === null) return 'AccessDenied';
  const [, credential = '', signedHeaders = '', signature = ''] = match;
  const [accessKeyId = '', day = '', region = '', service = '', end = ''] = credential.split('/');
  const secret = keys.get(accessKeyId);
  if (secret === undefined) return 'InvalidAccessKeyId';
  const time = oneHeader(request, 'x-amz-date');
  const [, y = '', mo = '', d = '', h = '', mi = '', s = ''] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  if (Math.abs(Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`) - nowMs) > 15 * 60_000) return 'RequestTimeTooSkewed';
  const names = signedHeaders.split(';');
  const mustBeSigned = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (mustBeSigned.some((name) => !names.includes(name))) return 'AccessDenied';
  if (names.join() !== [...names].sort().join()) return 'SignatureDoesNotMatch';
  const headers = names.map((name) => `${name}:${oneHeader(request, name).trim().replace(/ +/g, ' ')}\n`).join('');
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const canonicalQuery = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
    .join('&');
  const payload = oneHeader(request, 'x-amz-content-sha256');
  const canonical = [request.method, path, canonicalQuery, headers, signedHeaders, payload].join('\n');
  const digest = createHash('sha256').update(canonical, 'latin1').digest('hex');
  const toSign = ['AWS4-HMAC-SHA256', time, `${day}/${region}/${service}/${end}`, digest].join('\n');
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of [day, region, service, end]) key = createHmac('sha256', key).update(part).digest();
  const expected = createHmac('sha256', key).update(toSign).digest('hex');
  return expected === signature && service === 's3' ? undefined : 'SignatureDoesNotMatch';
}

function oneHeader(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

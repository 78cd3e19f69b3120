import { expect, test } from '@jest/globals';
import { EMPTY_PAYLOAD, S3Signer, type RequestToSign } from '../../../src/stores/s3/sigv4.ts';

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "Examples: Signature calculations"
const CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const NOW_MS = Date.parse('2013-05-24T00:00:00Z');

function signatureOf(request: Partial<RequestToSign>): string {
  const signer = new S3Signer(CREDENTIALS, 'us-east-1');
  const headers = { host: 'examplebucket.s3.amazonaws.com', ...request.headers };
  const whole = { method: 'GET', path: '/', query: '', payloadHash: EMPTY_PAYLOAD, ...request, headers };
  return /Signature=(.*)$/.exec(signer.sign(whole, NOW_MS)['authorization'] ?? '')?.[1] ?? '';
}

test('signs "GET Object" as published', () => {
  expect(signatureOf({ path: '/test.txt', headers: { range: 'bytes=0-9' } })).toBe(
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
});

test('signs "PUT Object" as published', () => {
  const headers = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
  const payloadHash = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';
  expect(signatureOf({ method: 'PUT', path: '/test%24file.text', headers, payloadHash })).toBe(
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  );
});

test('signs "GET Bucket (List Objects)" as published', () => {
  expect(signatureOf({ query: 'max-keys=2&prefix=J' })).toBe(
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  );
});

test('sends the token of a session, signed', () => {
  const signer = new S3Signer({ ...CREDENTIALS, sessionToken: 'T' }, 'us-east-1');
  const request = { method: 'GET', path: '/', query: '', headers: { host: 'h' }, payloadHash: EMPTY_PAYLOAD };
  const headers = signer.sign(request, NOW_MS);
  expect(headers['x-amz-security-token']).toBe('T');
  expect(headers['authorization']).toContain('host;x-amz-content-sha256;x-amz-date;x-amz-security-token');
});

test('derives another key on another day', () => {
  const signer = new S3Signer(CREDENTIALS, 'us-east-1');
  const request = { method: 'GET', path: '/', query: '', headers: { host: 'h' }, payloadHash: EMPTY_PAYLOAD };
  const first = signer.sign(request, NOW_MS)['authorization'];
  expect(signer.sign(request, NOW_MS + 86_400_000)['authorization']).not.toBe(first);
  expect(signer.sign(request, NOW_MS)['authorization']).toBe(first);
});

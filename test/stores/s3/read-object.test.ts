import { expect, test } from '@jest/globals';
import { systemClock } from '../../../src/core/clock.ts';
import { Code } from '../../../src/core/code.ts';
import { readObject } from '../../../src/stores/s3/read-object.ts';
import { S3Bucket } from '../../../src/stores/s3/s3-bucket.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { LOOPBACK_POLICY, startWebServer } from '../../support/web-server.ts';

const { signal } = new AbortController();

/** Four bytes from the fourth on, of a server that answers every range as it is told to. */
async function readMiddle(contentRange: string): Promise<string> {
  const server = await startWebServer((_, response) => {
    const headers = { 'content-range': contentRange, etag: '"a"', 'last-modified': new Date(0).toUTCString() };
    response.writeHead(206, headers).end('efgh');
  });
  const web = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy: LOOPBACK_POLICY });
  const place = { endpoint: server.origin, region: 'r', bucket: 'b', prefix: '', isVirtualHosted: false };
  const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
  const bucket = new S3Bucket({ place, credentials, web, clock: systemClock });
  try {
    let text = '';
    const stat = (): Promise<undefined> => Promise.resolve(undefined);
    const chunks = readObject({ bucket, stat }, 'k', { offsetBytes: 4, lengthBytes: 4, signal });
    for await (const chunk of chunks) text += String(Buffer.from(chunk));
    return text;
  } finally {
    await web.close();
    await server.close();
  }
}

test('a range is read', async () => {
  expect(await readMiddle('bytes 4-7/12')).toBe('efgh');
});

test('a range that begins elsewhere than the one asked for is not taken for it', async () => {
  await expect(readMiddle('bytes 0-3/12')).rejects.toMatchObject({
    code: Code.UNAVAILABLE,
    info: { reason: 'ANSWER_UNEXPECTED' },
  });
});

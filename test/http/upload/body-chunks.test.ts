import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bodyChunks } from '../../../src/http/upload/body-chunks.ts';
import { RawHttp } from '../raw-http.ts';

let server: Server;
let raw: RawHttp;
let dripping: NodeJS.Timeout | undefined;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  clearInterval(dripping);
  raw.close();
  server.close();
  server.closeAllConnections();
});

/** The chunks of an upload, of whose body nothing has been sent. */
async function begin(limits: { readonly bodyIdleTimeoutMs: number; readonly bodyIdleMinBytes: number }) {
  raw = new RawHttp(`127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  raw.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n');
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  return bodyChunks({ request, response, closing: new AbortController().signal }, limits);
}

const tooSlow = { status: 408, info: { reason: 'BODY_TIMEOUT', metadata: { bodyIdleMinBytes: '10' } } };

describe('the body of an upload', () => {
  test('that does not come is 408', async () => {
    const chunks = await begin({ bodyIdleTimeoutMs: 20, bodyIdleMinBytes: 10 });
    await expect(chunks.next()).rejects.toMatchObject(tooSlow);
  });

  test('that comes byte by byte is 408 too', async () => {
    const chunks = await begin({ bodyIdleTimeoutMs: 300, bodyIdleMinBytes: 10 });
    // Each arrives well before what is waited for alone would have taken too long.
    dripping = setInterval(() => raw.send('.'), 100);
    const all = (async () => {
      for await (const chunk of chunks) expect(chunk.length).toBeLessThan(10);
    })();
    await expect(all).rejects.toMatchObject(tooSlow);
  });
});

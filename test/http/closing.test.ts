import { afterEach, expect, test } from '@jest/globals';
import type { UploadMethod } from '../../src/api/method.ts';
import { startHttp } from './http-server.ts';
import { RawHttp } from './raw-http.ts';

let close = (): Promise<void> => Promise.resolve();
afterEach(() => close());

const taking: UploadMethod = {
  service: 'google.checks.report.v1alpha.ReportService',
  rpc: 'AnalyzeUpload',
  domain: () => 'checks.googleapis.com',
  sizeMaxBytes: 1000,
  upload: async (_request, { chunks }) => {
    for await (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0);
    return {};
  },
};

test.each([
  ['a request', '/v1/operations/x:cancel'],
  ['an upload', '/v1alpha/accounts/1/apps/2/reports:analyzeUpload'],
])('%s whose body is not whole when the server closes is told to come again', async (_, path) => {
  const started = await startHttp({ uploads: [taking] });
  close = started.close;
  const head = 'Host: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n';
  const raw = new RawHttp(started.address).send(`POST ${path} HTTP/1.1\r\n${head}`);
  // From then on its body is read.
  await raw.until(/100 Continue\r\n\r\n/);
  raw.send('{');
  await started.server.close(4000);
  const reply = await raw.untilClosed();
  expect(reply).toMatch(/HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n[^]*"reason": "SERVER_DRAINING"/);
});

import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import type { UploadMethod } from '../../../src/api/method.ts';
import { Code } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import { startingHttp } from '../starting-http.ts';
import { conversation } from '../raw-http.ts';

const PATH = '/upload/v1alpha/accounts/1/apps/2/reports:analyzeUpload';

/** Takes files of up to 100 bytes, and forgets them. */
const forgetting: UploadMethod = {
  service: 'google.checks.report.v1alpha.ReportService',
  rpc: 'AnalyzeUpload',
  domain: () => 'checks.googleapis.com',
  sizeMaxBytes: 100,
  upload: async (_request, { chunks }) => {
    for await (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0);
    return {};
  },
};

const startHttp = startingHttp();
const start = (method = forgetting) => startHttp({ uploads: [method], limits: { lingerTimeoutMs: 1 } });

test('a file that is announced as too large is refused before any of it is asked for', async () => {
  const { address } = await start();
  const head = 'Host: localhost\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n';
  const reply = await conversation(address, `POST ${PATH} HTTP/1.1\r\n${head}`);
  expect(reply).toMatch(/^HTTP\/1\.1 413 /);
  expect(reply).toContain('"reason": "UPLOAD_TOO_LARGE"');
});

test('a file that fits is taken, also with as much around it as a multipart body may have', async () => {
  const { send } = await start();
  const form = `--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\n\r\n${'x'.repeat(100)}\r\n--b--`;
  const multipart = { 'content-type': 'multipart/related; boundary=b' };
  const replies = [
    await send(PATH, { method: 'POST', body: 'x'.repeat(100) }),
    await send(PATH, { method: 'POST', body: form, headers: multipart }),
  ];
  expect(replies.map(({ status }) => status)).toEqual([200, 200]);
});

describe('system parameters hold for uploads', () => {
  const large = { method: 'POST', body: 'x'.repeat(101) };

  test.each([
    ['', 'application/json; charset=UTF-8', /"reason": "UPLOAD_TOO_LARGE"/],
    ['?$.xgafv=1', 'application/json; charset=UTF-8', /"errors": \[/],
    ['?callback=cb', 'application/json; charset=UTF-8', /^\{/],
    ['?alt=proto', 'application/x-protobuf', /UPLOAD_TOO_LARGE/],
  ])('and their errors: %s', async (query, type, text) => {
    const { address } = await start();
    const response = await fetch(`http://${address}${PATH}${query}`, large);
    expect([response.status, response.headers.get('content-type')]).toEqual([413, type]);
    expect(await response.text()).toMatch(text);
  });

  test.each(['?fields=bogus', '?alt=media', '?$.xgafv=3', `?quotaUser=${'x'.repeat(41)}`, '?bogus=1'])(
    'and what is wrong with them refuses it before the file is taken: %s',
    async (query) => {
      const upload = jest.fn(forgetting.upload);
      const { send } = await start({ ...forgetting, upload });
      const reply = await send(PATH + query, { method: 'POST', body: 'x' });
      expect([reply.status, upload.mock.calls.length]).toEqual([400, 0]);
    },
  );
});

test.each(['uploadType', '$uploadType', 'upload_protocol', '$upload_protocol'])(
  'a protocol that is not offered is refused, by whichever name: %s',
  async (name) => {
    const { send } = await start();
    const reply = await send(`${PATH}?${name}=resumable`, { method: 'POST', body: 'x' });
    expect([reply.status, reply.json]).toMatchObject([
      501,
      { error: { details: [{ reason: 'UPLOAD_PROTOCOL_NOT_SERVED' }] } },
    ]);
  },
);

test('and by its header', async () => {
  const { send } = await start();
  const headers = { 'x-goog-upload-protocol': 'resumable' };
  expect((await send(PATH, { method: 'POST', body: 'x', headers })).status).toBe(501);
});

test('an error is one of its API, and one of ours is logged with its method', async () => {
  const upload = (): Promise<object> => Promise.reject(new Error('no disk'));
  const { send, log } = await start({ ...forgetting, upload });
  const refused = [
    await send(PATH, { method: 'POST', body: 'x'.repeat(101) }),
    await send(PATH, { method: 'POST', body: 'x' }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([413, 500]);
  for (const { json } of refused) expect(json).toHaveProperty('error.details.0.domain', 'checks.googleapis.com');
  expect(log.ofLevel('error')).toMatchObject([{ fields: { service: forgetting.service, rpc: 'AnalyzeUpload' } }]);
});

test('a file that turns out to be too large is 413, and one that is compressed by other means than gzip 415', async () => {
  const tooLarge = new StatusError(Code.RESOURCE_EXHAUSTED, 'too large', { reason: 'UPLOAD_TOO_LARGE' });
  const { send } = await start({ ...forgetting, upload: () => Promise.reject(tooLarge) });
  const replies = [
    await send(PATH, { method: 'POST', body: 'x' }),
    await send(PATH, { method: 'POST', body: 'x', headers: { 'content-encoding': 'br' } }),
  ];
  expect(replies.map(({ status }) => status)).toEqual([413, 415]);
});

test('a file that comes as gzip is decompressed as it arrives, by itself or in a form', async () => {
  const files: string[] = [];
  const upload: UploadMethod['upload'] = async (_request, { chunks, announcedBytes }) => {
    let file = '';
    for await (const chunk of chunks) file += Buffer.from(chunk).toString();
    files.push(`${file}, announced ${String(announcedBytes)}`);
    return {};
  };
  const { address } = await start({ ...forgetting, upload });
  const form = `--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\n\r\nPK two\r\n--b--`;
  const post = (body: string, type: string): Promise<Response> => {
    const headers = { 'content-encoding': 'gzip', 'content-type': type };
    return fetch(`http://${address}${PATH}`, { method: 'POST', body: gzipSync(body), headers });
  };
  const replies = [
    await post('PK one', 'application/octet-stream'),
    await post(form, 'multipart/related; boundary=b'),
    await post('', 'application/octet-stream'),
  ];
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(files).toEqual(['PK one, announced 0', 'PK two, announced 0', ', announced 0']);
});

test('the path wins over the JSON before the file, which has what the query has not', async () => {
  const seen: unknown[] = [];
  const upload: UploadMethod['upload'] = (request) => {
    seen.push(request);
    return Promise.resolve({});
  };
  const { send } = await start({ ...forgetting, upload });
  const json = '{"parent":"accounts/8/apps/9","codeReferenceId":"json","appBinaryFileType":"ANDROID_AAB"}';
  const body = `--b\r\nContent-Type: application/json\r\n\r\n${json}\r\n--b\r\n\r\nx\r\n--b--`;
  const headers = { 'content-type': 'multipart/related; boundary=b' };
  await send(`${PATH}?codeReferenceId=query`, { method: 'POST', body, headers });
  expect(seen).toEqual([{ parent: 'accounts/1/apps/2', codeReferenceId: 'query', appBinaryFileType: 'ANDROID_AAB' }]);
});

test('a method is told what is announced of its file, at least', async () => {
  const announced: unknown[] = [];
  const telling: UploadMethod = {
    ...forgetting,
    sizeMaxBytes: 2 ** 30,
    upload: async (_request, file) => {
      announced.push(file.announcedBytes);
      for await (const chunk of file.chunks) expect(chunk.length).toBeGreaterThan(0);
      return {};
    },
  };
  const { send } = await start(telling);
  const multipart = { 'content-type': 'multipart/related; boundary=b' };
  const form = `--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\n\r\n${'x'.repeat(2 ** 20)}\r\n--b--`;
  await send(PATH, { method: 'POST', body: 'x'.repeat(100) });
  await send(PATH, { method: 'POST', body: form, headers: multipart });
  expect(announced).toEqual([100, expect.any(Number)]);
  expect(announced[1]).toBeGreaterThan(0);
  expect(announced[1]).toBeLessThan(2 ** 20);
});

test('OPTIONS and other methods tell what takes files', async () => {
  const { send } = await start();
  const replies = [await send(PATH, { method: 'OPTIONS' }), await send(PATH), await send(PATH, { method: 'PROPFIND' })];
  expect(replies.map(({ status, headers }) => [status, headers.get('allow')])).toEqual([
    [204, 'POST, OPTIONS'],
    [404, 'POST, OPTIONS'],
    [405, 'POST, OPTIONS'],
  ]);
});

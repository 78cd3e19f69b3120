import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { findAwsPlace } from '../../../src/stores/s3/find-aws-place.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { ScriptedServer, type FakeAnswer } from '../../support/scripted-server.ts';
import { LOOPBACK_POLICY } from '../../support/web-server.ts';

let server: ScriptedServer;
let web: WebClient;
let answer: FakeAnswer;
beforeEach(async () => {
  server = await ScriptedServer.start(() => answer);
  web = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy: LOOPBACK_POLICY });
});
afterEach(async () => {
  await web.close();
  await server.close();
});

const find = (): ReturnType<typeof findAwsPlace> =>
  findAwsPlace('photos', web, new AbortController().signal, server.origin);

test.each([200, 301, 403])(
  'the region of a bucket is told with status %d, to a request that nobody signed',
  async (status) => {
    answer = { status, headers: { 'x-amz-bucket-region': 'eu-central-1' } };
    expect(await find()).toEqual({ endpoint: 'https://s3.eu-central-1.amazonaws.com', region: 'eu-central-1' });
    expect(server.requests.map(({ method, path }) => [method, path])).toEqual([['HEAD', '/photos']]);
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  },
);

test('a bucket that is not there is NOT_FOUND', async () => {
  answer = { status: 404 };
  await expect(find()).rejects.toMatchObject({ code: Code.NOT_FOUND, info: { reason: 'BUCKET_NOT_FOUND' } });
});

test.each(['', 'eu-central-1.evil.example.com/', 'x'])(
  'a region that would be another host is not taken: %j',
  async (region) => {
    answer = { status: 200, headers: { 'x-amz-bucket-region': region } };
    await expect(find()).rejects.toMatchObject({ code: Code.UNAVAILABLE, info: { reason: 'ANSWER_UNEXPECTED' } });
  },
);

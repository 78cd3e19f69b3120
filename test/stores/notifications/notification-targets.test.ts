import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NdjsonTarget } from '../../../src/stores/notifications/ndjson-target.ts';
import { WebhookTarget } from '../../../src/stores/notifications/webhook-target.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import type { Notification } from '../../../src/transfers/notifications/notification.ts';

const NOTIFICATION: Notification = {
  topic: 'projects/p/topics/t',
  messageId: 'transferOperations/1',
  publishTimeMs: Date.UTC(2026, 2, 10),
  attributes: { eventType: 'TRANSFER_OPERATION_SUCCESS', payloadFormat: 'JSON' },
  data: '{"name":"transferOperations/1 ü"}',
};

const PUSHED = {
  message: {
    attributes: NOTIFICATION.attributes,
    data: Buffer.from(NOTIFICATION.data).toString('base64'),
    messageId: 'transferOperations/1',
    publishTime: '2026-03-10T00:00:00.000Z',
  },
  topic: 'projects/p/topics/t',
};

const never = new AbortController().signal;

describe('a file of notifications', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'notifications-'));
    path = join(directory, 'topic.ndjson');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function lines(): readonly string[] {
    return readFileSync(path, 'utf8').split('\n');
  }

  test('has a line for each, also when they come at once, for its owner only', async () => {
    const target = new NdjsonTarget(path);

    await Promise.all(Array.from({ length: 20 }, () => target.deliver(NOTIFICATION, never)));

    const written = lines();
    expect(written).toHaveLength(21);
    expect(written.slice(0, 20).map((line) => JSON.parse(line) as unknown)).toEqual(Array(20).fill(PUSHED));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('keeps whole lines behind half a one that a killed process left', async () => {
    appendFileSync(path, '{"message":{"attr');

    await new NdjsonTarget(path).deliver(NOTIFICATION, never);

    expect(JSON.parse(lines()[1] ?? '')).toEqual(PUSHED);
  });

  test('is made anew when it was moved away', async () => {
    const target = new NdjsonTarget(path);
    await target.deliver(NOTIFICATION, never);
    renameSync(path, `${path}.1`);

    await target.deliver(NOTIFICATION, never);

    expect(lines()).toHaveLength(2);
  });

  test('that cannot be written refuses, and takes the next one', async () => {
    const target = new NdjsonTarget(join(directory, 'missing', 'topic.ndjson'));

    await expect(target.deliver(NOTIFICATION, never)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(target.deliver(NOTIFICATION, never)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a webhook', () => {
  let server: Server;
  let url: URL;
  let status: number;
  let received: { readonly path: string; readonly type: string | undefined; readonly body: string }[];

  beforeEach(async () => {
    status = 204;
    received = [];
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        received.push({ path: request.url ?? '', type: request.headers['content-type'], body });
        response.writeHead(status, { location: '/elsewhere' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = new URL(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook?key=1`);
  });

  afterEach(() => {
    server.close();
  });

  async function deliver(isPrivateAllowed = true): Promise<void> {
    const policy = [{ host: '127.0.0.1', isPrivateAllowed }];
    const target = new WebhookTarget(url, new WebClient({ limits: DEFAULT_WEB_LIMITS, policy }));
    await target.deliver(NOTIFICATION, never).finally(() => target.close());
  }

  test('is posted what Pub/Sub pushes', async () => {
    await deliver();

    expect(received).toMatchObject([{ path: '/hook?key=1', type: 'application/json' }]);
    expect(JSON.parse(received[0]?.body ?? '')).toEqual(PUSHED);
  });

  test.each([302, 404, 500])('that answers %i has not accepted it, and its path is no one’s to know', async (code) => {
    status = code;

    const error: unknown = await deliver().catch((reason: unknown) => reason);

    expect(error).toMatchObject({ info: { reason: 'NOTIFICATION_REFUSED' } });
    expect(String(error)).not.toContain('key');
    expect(received).toHaveLength(1);
  });

  test('at a private address is not connected to unless the configuration allows it', async () => {
    await expect(deliver(false)).rejects.toMatchObject({ info: { reason: 'EGRESS_REFUSED' } });

    expect(received).toEqual([]);
  });
});

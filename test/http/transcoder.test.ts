import { afterEach, describe, expect, test } from '@jest/globals';
import { startHttp } from './http-server.ts';

let closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

async function start(...fixture: Parameters<typeof startHttp>) {
  const started = await startHttp(...fixture);
  closing.push(started.close);
  return started;
}

describe('operations over HTTP', () => {
  test('GET of an operation answers its JSON, indented', async () => {
    const { add, send } = await start();
    const { name } = await add({});
    const reply = await send(`/v1/${name}`);
    expect([reply.status, reply.headers.get('content-type'), reply.text]).toEqual([
      200,
      'application/json; charset=UTF-8',
      `{\n  "name": "${name}"\n}\n`,
    ]);
  });

  test('POST :cancel cancels, and answers an empty object', async () => {
    const { add, send, get } = await start();
    const { name } = await add({ state: 'QUEUED' });
    const reply = await send(`/v1/${name}:cancel`, { method: 'POST' });
    expect([reply.status, reply.json, (await get(name))?.state]).toEqual([200, {}, 'CANCELLED']);
  });

  test('POST :wait answers when the operation is done', async () => {
    const { add, send, succeed } = await start();
    const { name } = await add({ state: 'RUNNING' });
    const reply = send(`/v1/${name}:wait`, { method: 'POST', body: '{"timeout": "60s"}' });
    await succeed(name);
    expect((await reply).json).toMatchObject({ name, done: true });
  });

  test('the path wins over the body', async () => {
    const { add, send } = await start();
    const { name } = await add({ state: 'QUEUED' });
    const body = '{"name": "operations/other"}';
    expect((await send(`/v1/${name}:cancel`, { method: 'POST', body })).status).toBe(200);
  });
});

test('an error that is nobody’s mistake but ours tells nothing of what is inside, and is logged whole', async () => {
  const cause = new Error('connection to db.internal refused');
  const broken = {
    service: 'google.longrunning.Operations',
    rpc: 'GetOperation',
    domain: () => 'longrunning.googleapis.com',
    handle: () => Promise.reject(cause),
  };
  const { send, log } = await start({ methods: [broken] });
  const reply = await send('/v1/operations/x');
  expect([reply.status, reply.json]).toMatchObject([500, { error: { status: 'INTERNAL' } }]);
  expect(reply.text).not.toContain('db.internal');
  expect(log.ofLevel('error')).toMatchObject([{ fields: { error: cause, rpc: 'GetOperation' } }]);
});

import { expect, test } from '@jest/globals';
import { ResponseBody } from '../../../src/stores/web/response-body.ts';

function start(readAheadSizeBytes: number): { body: ResponseBody; told: string[] } {
  const told: string[] = [];
  const flow = { pause: () => told.push('pause'), resume: () => told.push('resume'), abort: () => told.push('abort') };
  return { body: new ResponseBody(flow, readAheadSizeBytes), told };
}

test('stops the server once its reader is behind, and lets it go on when half is read', async () => {
  const { body, told } = start(10);
  body.push(Buffer.alloc(6));
  expect(told).toEqual([]);
  body.push(Buffer.alloc(6));
  expect(told).toEqual(['pause']);
  await body.next();
  expect(told).toEqual(['pause']);
  await body.next();
  expect(told).toEqual(['pause', 'resume']);
});

test('hands out what came before the end, and then ends for good', async () => {
  const { body } = start(10);
  body.push(Buffer.from('a'));
  body.finish();
  expect(await body.next()).toEqual({ value: Buffer.from('a'), done: false });
  expect(await body.next()).toEqual({ value: undefined, done: true });
  expect(await body.next()).toEqual({ value: undefined, done: true });
});

test('wakes a waiting reader with bytes, the end or an error', async () => {
  const { body } = start(10);
  const first = body.next();
  body.push(Buffer.from('a'));
  expect((await first).value).toEqual(Buffer.from('a'));
  const second = body.next();
  body.finish({ error: new Error('broken') });
  await expect(second).rejects.toThrow('broken');
  await expect(body.next()).rejects.toThrow('broken');
});

test('aborts when it is left before its end, and not afterwards', async () => {
  const { body, told } = start(10);
  body.discard();
  body.discard();
  expect(told).toEqual(['abort']);
  const ended = start(10);
  ended.body.finish();
  await ended.body.return();
  expect(ended.told).toEqual([]);
});

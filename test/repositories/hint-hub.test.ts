import { expect, test } from '@jest/globals';
import { HintHub } from '../../src/repositories/hint-hub.ts';

test('a reader that does not read loses the oldest hints beyond the limit, and is told so', async () => {
  const hub = new HintHub(2);
  const reader = hub.subscribe(new AbortController().signal)[Symbol.asyncIterator]();
  for (const name of ['a', 'b', 'c']) hub.publish({ name });
  expect((await reader.next()).value).toEqual({ name: 'b' });
  expect((await reader.next()).value).toEqual({ name: 'c' });
  expect((await reader.next()).value).toEqual({ name: '' });
});

test('a reader that leaves its loop is forgotten, and unhooked from the signal', async () => {
  const hub = new HintHub(2);
  const signal = new AbortController().signal;
  hub.publish({ name: 'before' });
  const hints = hub.subscribe(signal);
  hub.publish({ name: 'a' });
  for await (const hint of hints) {
    expect(hint).toEqual({ name: 'a' });
    break;
  }
  hub.publish({ name: 'b' });
  expect(await hints[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
});

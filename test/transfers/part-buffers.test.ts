import { expect, test } from '@jest/globals';
import { PartBuffers } from '../../src/transfers/object-copy/part-buffers.ts';

test('memory that was given back is used again, for shorter parts, too', () => {
  const buffers = new PartBuffers(100);
  const part = buffers.take(100);
  buffers.giveBack(part);
  const next = buffers.take(7);
  expect([next.length, next.buffer === part.buffer]).toEqual([7, true]);
  buffers.giveBack(next);
  expect(buffers.take(100).buffer).toBe(part.buffer);
});

test('memory that was not given back is never used twice', () => {
  const buffers = new PartBuffers(100);
  expect(buffers.take(100).buffer).not.toBe(buffers.take(100).buffer);
});

test('a part that is longer than others has memory of its own, which is not kept', () => {
  const buffers = new PartBuffers(100);
  const long = buffers.take(101);
  buffers.giveBack(long);
  expect([long.length, buffers.take(100).buffer === long.buffer]).toEqual([101, false]);
});

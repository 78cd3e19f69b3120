import { expect, jest, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.ts';

test('what is due already comes at once, and nobody is warned', async () => {
  const warn = jest.spyOn(process, 'emitWarning');
  await systemClock.sleep(-0.5);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

test('a sleep that is aborted rejects with the reason', async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort(new Error('stop'));
  await expect(sleeping).rejects.toThrow('stop');
});
